"""What the board costs, next to the least that each thing could cost on this machine (``make bench``)."""
