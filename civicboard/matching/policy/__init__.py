"""What may be, in matching: plain questions and plain arithmetic, from facts passed in."""
