"""How well people, problems and queries find each other, on a set of its own, and how long that takes."""
