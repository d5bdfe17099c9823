"""Something to try the board with: a small town, its people and an identity provider for them."""
