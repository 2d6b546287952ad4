"""How a gateway on a CPU is rendered before a target: a Fargate service behind a load balancer of its own."""
