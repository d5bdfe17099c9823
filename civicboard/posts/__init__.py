"""The conversation on a problem: replies and progress updates."""
