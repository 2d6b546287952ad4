"""How are repositories of images, and the rules by which they forget, made in ECR?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider.comparison import Comparison, json_form
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first, modify
from sandbox.provider.rules import json_text, matches, one_of, unknown_here

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props


def _repository(aws: Aws, repository: Instance) -> Answer | None:
    client = aws("ecr")
    found = first(client.describe_repositories(repositoryNames=[repository.id]), "repositories")
    if found is None:
        return None
    tags = client.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]
    return {**found, "tags": tags, "encryptionConfigurations": [found["encryptionConfiguration"]]}


def _scan(aws: Aws, repository: Instance) -> None:
    scan = bool((repository.get("imageScanningConfiguration") or {}).get("scanOnPush"))
    aws("ecr").put_image_scanning_configuration(
        repositoryName=repository.id, imageScanningConfiguration={"scanOnPush": scan}
    )


def _complete(_aws: Aws, answer: Answer, found: Props, _repository: Instance) -> None:
    found["repositoryUrl"] = answer["repositoryUri"]


REPOSITORY = Resource(
    type_name="aws:ecr/repository:Repository",
    service="ecr",
    create=Call("create_repository"),
    identify=lambda answer, _: answer["repository"]["repositoryName"],
    read=_repository,
    delete=lambda aws, repository: aws("ecr").delete_repository(
        repositoryName=repository.id, force=bool(repository.get("forceDelete"))
    ),
    steps=(
        modify("ecr", Call("put_image_tag_mutability"), "repositoryName", ("imageTagMutability",), on_create=False),
        Step(("imageScanningConfiguration",), _scan, on_create=False),
    ),
    finish=_complete,
    rename={"name": "repositoryName", "arn": "repositoryArn"},
    tagging="ecr",
    local=("forceDelete",),
    defaults={"imageTagMutability": "MUTABLE", "forceDelete": False},
    computed=("encryptionConfigurations", "imageScanningConfiguration"),
    rules=(
        matches(
            "name",
            r"(?=.{2,256}$)[a-z0-9]+(?:[._-][a-z0-9]+)*(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*",
            "must hold 2 to 256 lower-case letters, digits and . _ - / between them",
        ),
        one_of("imageTagMutability", "MUTABLE", "IMMUTABLE"),
        unknown_here("imageTagMutabilityExclusionFilters"),
    ),
    name_limit=256,
)


LIFECYCLE_POLICY = Resource(
    type_name="aws:ecr/lifecyclePolicy:LifecyclePolicy",
    service="ecr",
    create=Call("put_lifecycle_policy"),
    identify=lambda answer, _: answer["repositoryName"],
    read=lambda aws, policy: aws("ecr").get_lifecycle_policy(repositoryName=policy.id),
    delete=lambda aws, policy: aws("ecr").delete_lifecycle_policy(repositoryName=policy.id),
    rename={"repository": "repositoryName", "policy": "lifecyclePolicyText"},
    comparison=Comparison(canonical={"policy": json_form}),
    rules=(json_text("policy"),),
)

ENTRIES = (REPOSITORY, LIFECYCLE_POLICY)
