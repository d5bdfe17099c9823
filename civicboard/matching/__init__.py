"""The right person found for the right problem, with the reason: meaning, fit, and asking people to help."""
