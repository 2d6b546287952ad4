"""What runs every ten minutes and at each edge: standard library and boto3 alone, since a Lambda carries it."""
