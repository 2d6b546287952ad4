"""Is the service asleep, when will it wake, and who may wake it?"""
