"""Who is told what: a person's own notices."""
