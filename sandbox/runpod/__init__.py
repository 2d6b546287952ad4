"""A local RunPod: management REST v2, the job API of its endpoints, and what tests may do to both."""
