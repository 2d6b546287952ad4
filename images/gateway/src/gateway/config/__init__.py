"""What was this gateway told to do?"""
