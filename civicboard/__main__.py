"""``python -m civicboard`` is the same as ``civicboard``."""

from civicboard.cli import main

main()
