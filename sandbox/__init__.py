"""The embedded default: a local AWS and RunPod behind the real Pulumi engine, for work without an account."""
