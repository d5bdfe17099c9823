"""I can help: offered, welcomed, declined, withdrawn."""
