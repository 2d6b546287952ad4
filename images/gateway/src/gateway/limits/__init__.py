"""How much of its rates has a key used?"""
