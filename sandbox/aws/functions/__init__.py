"""Functions that really run: called by name, by address, by a load balancer, by a topic and by a schedule."""
