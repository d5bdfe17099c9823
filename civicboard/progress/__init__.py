"""How a problem moves: its stage, and who may set it."""
