"""The embedded default: a local AWS behind the real Pulumi engine, for work without an account."""
