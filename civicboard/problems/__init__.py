"""Local problems: post, edit, follow, this affects me too."""
