"""The verbs of matching."""
