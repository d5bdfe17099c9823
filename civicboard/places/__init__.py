"""Neighbourhoods and other named places that problems belong to."""
