"""Pages that gather several features: the board, a problem's page, search, a person's page."""
