"""What a person can do or lend, and the words for it."""
