"""What the ``civicboard`` command does where it takes more than a few lines: one module for each."""
