"""What an account is given before its first stack: all as the provider takes it, nothing open, nothing lost."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from components.account import Account
from components.foundation.component import Foundation
from components.foundation.settings import FoundationSettings
from sandbox.provider.contract import contract_of, type_problems
from tests.components.test_contract import whole

ACCOUNT = Account("aws", "123456789012", "us-east-1")
BUCKET = "berth-state-123456789012-us-east-1"


@pytest.fixture
def made(run):
    """Everything for one repository on GitHub."""
    settings = FoundationSettings(repository="acme/models")
    return run(lambda: Foundation("foundation", settings=settings, account=ACCOUNT).told, "acme")


def test_nothing_else_is_made_and_all_of_it_fits_the_provider(made):
    """Names and types are those of the provider's contract."""
    kinds = Counter(one.type for one in made.resources if one.type.startswith("aws:"))
    assert kinds == {
        "aws:s3/bucket:Bucket": 1,
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls": 1,
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 1,
        "aws:s3/bucketVersioning:BucketVersioning": 1,
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": 1,
        "aws:s3/bucketPolicy:BucketPolicy": 1,
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": 1,
        "aws:kms/key:Key": 5,
        "aws:kms/alias:Alias": 5,
        "aws:ecr/repository:Repository": 3,
        "aws:ecr/lifecyclePolicy:LifecyclePolicy": 3,
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider": 1,
        "aws:iam/role:Role": 7,
        # The boundary; three of preview, four of nightly, one of images, nine of each role that deploys.
        "aws:iam/policy:Policy": 1 + 3 + 4 + 1 + 4 * 9,
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 3 + 4 + 1 + 4 * 9,
        "aws:iam/rolePolicy:RolePolicy": 6,
    }
    for one in made.resources:
        if one.type.startswith("aws:"):
            assert [str(each) for each in type_problems(contract_of(one.type).inputs, whole(one.inputs))] == []


def test_a_destroy_loses_no_state_no_key_and_no_image(made):
    """Pulumi refuses to remove what is protected."""
    protected = {(one.type, one.name) for one in made.resources if one.protect}
    assert protected == {
        ("aws:s3/bucket:Bucket", "state"),
        *(("aws:kms/key:Key", f"secrets-{stack}") for stack in ("dev", "staging", "prod", "preview", "account")),
        *(("aws:ecr/repository:Repository", f"image-{name}") for name in ("gateway", "weight-cache", "runpod-worker")),
    }


def test_the_bucket_is_versioned_encrypted_private_and_open_over_tls_alone(made):
    """Old versions go after 90 days; a state itself never does."""
    settings = {one.type.rpartition(":")[2]: whole(one.inputs) for one in made.resources if one.name == "state"}
    policy = json.loads(settings.pop("BucketPolicy")["policy"])
    assert policy["Statement"] == [
        {
            "Sid": "OverTlsAlone",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
    block = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    tags = {"managed-by": "berth", "environment": "account", "Name": "berth/state"}
    assert settings == {
        "Bucket": {"bucket": BUCKET, "tags": tags},
        "BucketOwnershipControls": {"bucket": BUCKET, "rule": {"objectOwnership": "BucketOwnerEnforced"}},
        "BucketPublicAccessBlock": {"bucket": BUCKET, **dict.fromkeys(block, True)},
        "BucketVersioning": {"bucket": BUCKET, "versioningConfiguration": {"status": "Enabled"}},
        "BucketServerSideEncryptionConfiguration": {
            "bucket": BUCKET,
            "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
        },
        "BucketLifecycleConfiguration": {
            "bucket": BUCKET,
            "rules": [
                {
                    "id": "old-versions",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "noncurrentVersionExpiration": {"noncurrentDays": 90},
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                }
            ],
        },
    }


def test_a_name_of_an_image_never_moves_and_each_is_scanned(made):
    """What no build named is forgotten after two weeks."""
    one = whole(made.of("Repository", "image-gateway").inputs)
    assert (one["name"], one["imageTagMutability"]) == ("berth/gateway", "IMMUTABLE")
    assert one["imageScanningConfiguration"] == {"scanOnPush": True}
    (rule,) = json.loads(made.of("LifecyclePolicy", "image-gateway").inputs["policy"])["rules"]
    assert rule["selection"] == {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 14,
    }


def test_each_stack_has_a_key_of_its_own_that_rotates(made):
    """Who reads one stack's secrets reads no other's."""
    for stack in ("dev", "staging", "prod", "preview", "account"):
        key = made.of("Key", f"secrets-{stack}").inputs
        assert (key["enableKeyRotation"], key["deletionWindowInDays"]) == (True, 30)
        assert made.of("Alias", f"secrets-{stack}").inputs["name"] == f"alias/berth-{stack}"


def test_workflows_and_stack_files_are_told_what_they_need(made):
    """As the outputs of the stack."""
    roles = ("preview", "nightly", "pr-stack", "images", "deploy-dev", "deploy-staging", "deploy-prod")
    assert made.result["backend_url"] == f"s3://{BUCKET}?region=us-east-1&awssdk=v2"
    assert made.result["secrets_providers"]["prod"] == "awskms://alias/berth-prod?region=us-east-1"
    assert set(made.result["roles"]) == set(roles)


def test_an_account_that_has_the_provider_already_gets_no_second_one(run):
    """AWS takes one for each issuer."""
    arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    settings = FoundationSettings(repository="acme/models", provider_arn=arn)
    made = run(lambda: Foundation("foundation", settings=settings, account=ACCOUNT).told, "acme")
    assert not [one for one in made.resources if one.type.endswith("OpenIdConnectProvider")]
    trust = json.loads(made.of("Role", "preview").inputs["assumeRolePolicy"])["Statement"]
    assert [one["Principal"] for one in trust] == [{"Federated": arn}]
