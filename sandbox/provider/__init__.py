"""A stand-in for Pulumi's `aws` provider: table-driven, strict, over boto3."""

from sandbox.provider.server import serve

__all__ = ["serve"]
