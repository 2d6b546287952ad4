"""How does an engine serve on RunPod? Behind the gateway for the load balancer, behind a handler for the queue."""
