"""In which AWS account and region is a stack deployed?"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, slots=True)
class Account:
    """The AWS account and region; ARNs are computed from them, so that policies are known at preview."""

    partition: str
    id: str
    region: str

    @classmethod
    def current(cls, region: str, *, parent: pulumi.Resource | None) -> Account:
        """Ask AWS whose credentials these are."""
        caller = aws.get_caller_identity(opts=pulumi.InvokeOptions(parent=parent))
        return cls(partition=caller.arn.split(":")[1], id=caller.account_id, region=region)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of this account and region.

        >>> Account("aws", "123456789012", "us-east-1").arn("ecs", "cluster/chat")
        'arn:aws:ecs:us-east-1:123456789012:cluster/chat'
        """
        return f"arn:{self.partition}:{service}:{self.region}:{self.id}:{resource}"
