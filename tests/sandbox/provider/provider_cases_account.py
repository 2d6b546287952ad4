"""Cases of what an account has before its first stack: a bucket for states, images, who may deploy."""

from __future__ import annotations

import json

from provider_case import TAGS, Case, policy


def forgetting(days: int) -> str:
    """Images without a tag are forgotten after some days."""
    rule = {
        "rulePriority": 1,
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": days,
        },
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]})


def encrypted_by(algorithm: str) -> dict[str, object]:
    """The settings of a bucket's encryption."""
    return {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}, "bucketKeyEnabled": True}]}


BUCKET = "berth-state-123456789012"

CASES = (
    Case(
        "boundary",
        "aws:iam/policy:Policy",
        {
            "name": "berth-boundary",
            "policy": policy("s3:GetObject"),
            "description": "most that is ever granted",
            "tags": TAGS,
        },
        {"policy": policy("s3:PutObject"), "tags": {"a": "b"}},
        "arn:aws:iam::123456789012:policy/berth-boundary",
    ),
    Case(
        "forge",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        {"url": "https://token.actions.githubusercontent.com", "clientIdLists": ["sts.amazonaws.com"], "tags": TAGS},
        {"tags": {"a": "b"}},
        "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
    ),
    Case(
        "states",
        "aws:s3/bucket:Bucket",
        {"bucket": BUCKET, "forceDestroy": True, "tags": TAGS},
        {"tags": {"a": "b"}},
        BUCKET,
        importable=False,
    ),
    Case(
        "states_versions",
        "aws:s3/bucketVersioning:BucketVersioning",
        {"bucket": "${states.bucket}", "versioningConfiguration": {"status": "Enabled"}},
        {"versioningConfiguration": {"status": "Suspended"}},
        BUCKET,
        vanishes=False,
    ),
    Case(
        "states_encryption",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {"bucket": "${states.bucket}", **encrypted_by("aws:kms")},
        encrypted_by("AES256"),
        BUCKET,
        vanishes=False,
    ),
    Case(
        "states_block",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        {
            "bucket": "${states.bucket}",
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
        },
        {"restrictPublicBuckets": True},
        BUCKET,
    ),
    Case(
        "states_owner",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        {"bucket": "${states.bucket}", "rule": {"objectOwnership": "BucketOwnerPreferred"}},
        {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
        BUCKET,
    ),
    Case(
        "states_policy",
        "aws:s3/bucketPolicy:BucketPolicy",
        {"bucket": "${states.bucket}", "policy": policy("s3:GetObject")},
        {"policy": policy("s3:PutObject")},
        BUCKET,
    ),
    Case(
        "states_lifecycle",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        {
            "bucket": "${states.bucket}",
            "rules": [
                {
                    "id": "old-states",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "noncurrentVersionExpiration": {"noncurrentDays": 90},
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                }
            ],
        },
        {
            "rules": [
                {
                    "id": "old-states",
                    "status": "Enabled",
                    "filter": {"prefix": ".pulumi/"},
                    "noncurrentVersionExpiration": {"noncurrentDays": 30},
                }
            ]
        },
        BUCKET,
    ),
    Case(
        "images",
        "aws:ecr/repository:Repository",
        {
            "name": "berth/gateway",
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfigurations": [{"encryptionType": "AES256"}],
            "tags": TAGS,
        },
        {"imageTagMutability": "MUTABLE", "imageScanningConfiguration": {"scanOnPush": False}, "tags": {"a": "b"}},
        "berth/gateway",
    ),
    Case(
        "images_forgotten",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        {"repository": "${images.name}", "policy": forgetting(14)},
        {},
        "berth/gateway",
    ),
)
