"""What does a request cost, and has its key as much left this month?"""
