"""What a problem needs, and who can help: needs, offers, and how the two come together and end."""
