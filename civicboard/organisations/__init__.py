"""Organisations, and who belongs to them: confirmed, shown as a badge in words, and without any power on a problem."""
