"""What does this replica tell about itself? Prometheus text on request, and a line for CloudWatch each minute."""
