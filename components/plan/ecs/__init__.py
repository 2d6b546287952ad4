"""What ECS needs of a plan: engine arguments, container limits, deployment numbers, cost, notes."""
