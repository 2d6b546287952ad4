"""Where do the states of stacks lie, and what encrypts the secrets in them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.foundation.names import PROJECT, bucket_name, key_alias
from components.foundation.owned import allow, of
from components.statements import document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from components.account import Account
    from components.statements import Statement

_OLD_DAYS = 90
_ABANDONED_DAYS = 7
_KEY_WINDOW_DAYS = 30


def bucket_arn(account: Account) -> str:
    """Return the ARN of the bucket of states."""
    return f"arn:{account.partition}:s3:::{bucket_name(account.id, account.region)}"


def make_bucket(account: Account, tags: Mapping[str, str], parent: pulumi.Resource) -> aws.s3.Bucket:
    """Make the bucket: versions of 90 days, encrypted, over TLS alone, never public; a destroy leaves it."""
    inside = pulumi.ResourceOptions(parent=parent)
    bucket = aws.s3.Bucket(
        "state",
        bucket=bucket_name(account.id, account.region),
        tags={**tags, "Name": "berth/state"},
        opts=pulumi.ResourceOptions(parent=parent, protect=True),
    )
    aws.s3.BucketOwnershipControls(
        "state", bucket=bucket.bucket, rule={"object_ownership": "BucketOwnerEnforced"}, opts=inside
    )
    block = aws.s3.BucketPublicAccessBlock(
        "state",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=inside,
    )
    versions = aws.s3.BucketVersioning(
        "state", bucket=bucket.bucket, versioning_configuration={"status": "Enabled"}, opts=inside
    )
    # The secrets inside are encrypted by a key of the stack's own before they get here.
    aws.s3.BucketServerSideEncryptionConfiguration(
        "state",
        bucket=bucket.bucket,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
        opts=inside,
    )
    aws.s3.BucketPolicy(
        "state",
        bucket=bucket.bucket,
        policy=document([_over_tls_alone(bucket_arn(account))]),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[block]),
    )
    aws.s3.BucketLifecycleConfiguration(
        "state",
        bucket=bucket.bucket,
        rules=[
            {
                "id": "old-versions",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "noncurrent_version_expiration": {"noncurrent_days": _OLD_DAYS},
                "abort_incomplete_multipart_upload": {"days_after_initiation": _ABANDONED_DAYS},
            }
        ],
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[versions]),
    )
    return bucket


def make_key(stack: str, tags: Mapping[str, str], parent: pulumi.Resource) -> aws.kms.Key:
    """Make the key of a stack's secrets: one each, so that who reads one stack's cannot read another's."""
    inside = pulumi.ResourceOptions(parent=parent)
    key = aws.kms.Key(
        f"secrets-{stack}",
        description=f"Berth: secrets in the configuration and state of stack {stack}",
        enable_key_rotation=True,
        deletion_window_in_days=_KEY_WINDOW_DAYS,
        tags={**tags, "Name": f"berth/secrets/{stack}"},
        opts=pulumi.ResourceOptions(parent=parent, protect=True),
    )
    aws.kms.Alias(f"secrets-{stack}", name=key_alias(stack), target_key_id=key.id, opts=inside)
    return key


def read_state(account: Account, stacks: Iterable[str]) -> list[Statement]:
    """Let a role read the states of some stacks, and the names of all files."""
    bucket = bucket_arn(account)
    files = [f"{bucket}/.pulumi/meta.yaml", f"{bucket}/.pulumi/Pulumi.yaml", *_files(bucket, stacks)]
    return [
        allow("ListStates", of("s3", "GetBucketLocation ListBucket ListBucketVersions"), [bucket]),
        allow("ReadStates", of("s3", "GetObject"), files),
    ]


def write_state(account: Account, stacks: Iterable[str]) -> list[Statement]:
    """Let a role keep the states of some stacks, its locks and its history."""
    bucket = bucket_arn(account)
    return [allow("WriteStates", of("s3", "DeleteObject PutObject"), _files(bucket, stacks))]


def use_keys(keys: list[pulumi.Output[str]]) -> pulumi.Output[Statement]:
    """Let a role decrypt and encrypt the secrets of some stacks; Pulumi wraps a data key of each stack with its key."""
    return pulumi.Output.all(*keys).apply(
        lambda arns: allow("UseKeys", of("kms", "Decrypt Encrypt GenerateDataKey"), sorted(arns))
    )


def _files(bucket: str, stacks: Iterable[str]) -> list[str]:
    return [f"{bucket}/.pulumi/*/{PROJECT}/{stack}{end}" for stack in stacks for end in (".*", "/*")]


def _over_tls_alone(bucket: str) -> Statement:
    return {
        "Sid": "OverTlsAlone",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket, f"{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
