"""No civic words in here: what any web application of this shape needs."""
