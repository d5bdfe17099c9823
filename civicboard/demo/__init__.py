"""Something to try the board with: a small town, its people and an identity provider for them."""

from pathlib import Path

#: Where the town is written down.
FOLDER = Path(__file__).parent / "neighbourhood"
