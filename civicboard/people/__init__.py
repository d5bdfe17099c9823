"""People: signing in, sessions, profiles."""
