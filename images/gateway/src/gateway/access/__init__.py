"""Which keys hold now?"""
