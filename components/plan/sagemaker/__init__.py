"""What SageMaker needs of a plan: image and environment of each alternative, timeouts, update policy, cost, notes."""
