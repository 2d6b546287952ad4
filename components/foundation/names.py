"""What is what an account has before its first stack called? Workflows, guides and policies rely on it."""

from __future__ import annotations

BOUNDARY = "berth-boundary"
REPOSITORIES = ("berth/gateway", "berth/weight_cache", "berth/runpod_worker")
"""Of the images that `images/` builds; they exist before the first deployment names one."""
ACCOUNT_KEY = "account"
"""Of the account's own stack; no job may use it."""
REVIEW_STACK_KEY = "preview"
"""The stack file that stacks `pr-<number>` are made from, which share its key."""
PROJECT = "berth"
"""Of the program whose stacks are deployed; their files in the bucket are below its name."""


def bucket_name(account: str, region: str) -> str:
    """Return the name of the bucket of states; those of all accounts share one space.

    >>> bucket_name("123456789012", "us-east-1")
    'berth-state-123456789012-us-east-1'
    """
    return f"berth-state-{account}-{region}"


def backend_url(account: str, region: str) -> str:
    """Return what `PULUMI_BACKEND_URL` has to be."""
    return f"s3://{bucket_name(account, region)}?region={region}&awssdk=v2"


def key_alias(stack: str) -> str:
    """Return the alias of the key that the secrets of a stack's configuration and state are encrypted with.

    >>> key_alias("prod")
    'alias/berth-prod'
    """
    return f"alias/berth-{stack}"


def secrets_provider(stack: str, region: str) -> str:
    """Return what `pulumi stack init --secrets-provider` has to be told."""
    return f"awskms://{key_alias(stack)}?region={region}"


def role_name(job: str) -> str:
    """Return the name of the role of a job.

    >>> role_name("deploy-prod")
    'berth-ci-deploy-prod'
    """
    return f"berth-ci-{job}"


def path_of(stack: str) -> str:
    """Return the IAM path of the roles, policies and profiles of a stack: by it, who deploys the stack may change them.

    >>> path_of("prod")
    '/berth/prod/'
    """
    return f"/berth/{stack}/"
