"""What would a year of awake hours, idleness, orders, failures and deployments look like, and what would it cost?

The keeper's own code runs on a clock that is moved, against platforms in memory; what it does is judged by the clock on
the wall, minute by minute, without any of that code.
"""
