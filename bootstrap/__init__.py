"""Sets up a checkout with nothing but Python 3.11, so it imports the standard library only."""
