"""Where do the images that stacks run lie, and who may put them there?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.foundation.names import REPOSITORIES
from components.foundation.owned import allow, of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.account import Account
    from components.statements import Statement

_UNNAMED_DAYS = 14


def make_repositories(tags: Mapping[str, str], parent: pulumi.Resource) -> list[aws.ecr.Repository]:
    """Make the repositories: a tag never moves, each push is scanned, what nobody named is forgotten."""
    return [_repository(name, tags, parent) for name in REPOSITORIES]


def _repository(name: str, tags: Mapping[str, str], parent: pulumi.Resource) -> aws.ecr.Repository:
    logical = name.partition("/")[2].replace("_", "-")
    repository = aws.ecr.Repository(
        f"image-{logical}",
        name=name,
        image_tag_mutability="IMMUTABLE",
        image_scanning_configuration={"scan_on_push": True},
        encryption_configurations=[{"encryption_type": "AES256"}],
        tags={**tags, "Name": name},
        opts=pulumi.ResourceOptions(parent=parent, protect=True),
    )
    aws.ecr.LifecyclePolicy(
        f"image-{logical}",
        repository=repository.name,
        policy=json.dumps(_forget_unnamed(), sort_keys=True),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return repository


def push_images(account: Account) -> list[Statement]:
    """Let a role push the images, and look at what it has pushed."""
    actions = (
        "BatchCheckLayerAvailability BatchGetImage CompleteLayerUpload DescribeImages GetDownloadUrlForLayer "
        "InitiateLayerUpload ListImages PutImage UploadLayerPart"
    )
    repositories = [account.arn("ecr", f"repository/{name}") for name in REPOSITORIES]
    return [
        # The token is for the registry; it has no narrower resource.
        allow("LogInToEcr", of("ecr", "GetAuthorizationToken")),
        allow("PushImages", of("ecr", actions), repositories),
    ]


def _forget_unnamed() -> dict[str, object]:
    # A signature's tag names the digest that it signs, so that only what a build left behind has none.
    selection = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": _UNNAMED_DAYS,
    }
    rule = {
        "rulePriority": 1,
        "description": "builds that were not named",
        "selection": selection,
        "action": {"type": "expire"},
    }
    return {"rules": [rule]}
