"""How does each service add and remove tags?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.provider.aws import Aws

_PAIRS = {"pairs": ("Key", "Value"), "lower_pairs": ("key", "value"), "tag_pairs": ("TagKey", "TagValue")}


@dataclass(frozen=True)
class Tagging:
    """The tag operations of one service; `form` is how tags and the removed keys are written."""

    service: str
    tag: str
    untag: str
    subject: str
    keys: str = "TagKeys"
    tags: str = "Tags"
    form: Literal["pairs", "lower_pairs", "tag_pairs", "map"] = "pairs"
    by_arn: bool = True
    many: bool = False

    def apply(self, aws: Aws, subject: str, wanted: Mapping[str, str], present: Mapping[str, str]) -> None:
        """Make the tags of `subject` be `wanted`."""
        client = aws(self.service)
        target = {self.subject: [subject] if self.many else subject}
        removed = sorted(present.keys() - wanted.keys())
        if removed:
            getattr(client, self.untag)(**target, **{self.keys: self._removal(removed)})
        changed = {key: value for key, value in wanted.items() if present.get(key) != value}
        if changed:
            getattr(client, self.tag)(**target, **{self.tags: self._written(changed)}, **self._more())

    def _written(self, tags: Mapping[str, str]) -> Any:
        if self.form == "map":
            return dict(tags)
        names = _PAIRS[self.form]
        return [dict(zip(names, pair, strict=True)) for pair in tags.items()]

    def _removal(self, keys: list[str]) -> Any:
        return [{"Key": key} for key in keys] if self.service == "ec2" else keys

    def _more(self) -> dict[str, str]:
        return {}


@dataclass(frozen=True)
class ParameterTagging(Tagging):
    """Systems Manager wants to know what kind of thing is tagged."""

    def apply(self, aws: Aws, subject: str, wanted: Mapping[str, str], present: Mapping[str, str]) -> None:
        """Make the tags of a parameter be `wanted`."""
        removed = sorted(present.keys() - wanted.keys())
        if removed:
            aws("ssm").remove_tags_from_resource(ResourceType="Parameter", ResourceId=subject, TagKeys=removed)
        if wanted:
            aws("ssm").add_tags_to_resource(ResourceType="Parameter", ResourceId=subject, Tags=self._written(wanted))


@dataclass(frozen=True)
class BucketTagging(Tagging):
    """S3 keeps the tags of a bucket as one document."""

    def apply(self, aws: Aws, subject: str, wanted: Mapping[str, str], present: Mapping[str, str]) -> None:
        """Make the tags of a bucket be `wanted`."""
        if wanted:
            aws("s3").put_bucket_tagging(Bucket=subject, Tagging={"TagSet": self._written(wanted)})
        else:
            aws("s3").delete_bucket_tagging(Bucket=subject)


TAGGINGS: dict[str, Tagging] = {
    "ec2": Tagging("ec2", "create_tags", "delete_tags", "Resources", keys="Tags", by_arn=False, many=True),
    "iam_role": Tagging("iam", "tag_role", "untag_role", "RoleName", by_arn=False),
    "iam_instance_profile": Tagging(
        "iam", "tag_instance_profile", "untag_instance_profile", "InstanceProfileName", by_arn=False
    ),
    "efs": Tagging("efs", "tag_resource", "untag_resource", "ResourceId", by_arn=False),
    "ecs": Tagging(
        "ecs", "tag_resource", "untag_resource", "resourceArn", keys="tagKeys", tags="tags", form="lower_pairs"
    ),
    "application-autoscaling": Tagging(
        "application-autoscaling", "tag_resource", "untag_resource", "ResourceARN", form="map"
    ),
    "elbv2": Tagging("elbv2", "add_tags", "remove_tags", "ResourceArns", many=True),
    "logs": Tagging("logs", "tag_resource", "untag_resource", "resourceArn", keys="tagKeys", tags="tags", form="map"),
    "cloudwatch": Tagging("cloudwatch", "tag_resource", "untag_resource", "ResourceARN"),
    "dynamodb": Tagging("dynamodb", "tag_resource", "untag_resource", "ResourceArn"),
    "ssm": ParameterTagging("ssm", "add_tags_to_resource", "remove_tags_from_resource", "ResourceId", by_arn=False),
    "sagemaker": Tagging("sagemaker", "add_tags", "delete_tags", "ResourceArn"),
    "secretsmanager": Tagging("secretsmanager", "tag_resource", "untag_resource", "SecretId"),
    "lambda": Tagging("lambda", "tag_resource", "untag_resource", "Resource", form="map"),
    "scheduler": Tagging("scheduler", "tag_resource", "untag_resource", "ResourceArn"),
    "sqs": Tagging("sqs", "tag_queue", "untag_queue", "QueueUrl", form="map", by_arn=False),
    "sns": Tagging("sns", "tag_resource", "untag_resource", "ResourceArn"),
    "kms": Tagging("kms", "tag_resource", "untag_resource", "KeyId", form="tag_pairs", by_arn=False),
    "budgets": Tagging(
        "budgets", "tag_resource", "untag_resource", "ResourceARN", keys="ResourceTagKeys", tags="ResourceTags"
    ),
    "ce": Tagging("ce", "tag_resource", "untag_resource", "ResourceArn", keys="ResourceTagKeys", tags="ResourceTags"),
    "ecr": Tagging("ecr", "tag_resource", "untag_resource", "resourceArn", keys="tagKeys", tags="tags"),
    "iam_policy": Tagging("iam", "tag_policy", "untag_policy", "PolicyArn"),
    "s3": BucketTagging("s3", "put_bucket_tagging", "delete_bucket_tagging", "Bucket", by_arn=False),
    "iam_oidc": Tagging(
        "iam",
        "tag_open_id_connect_provider",
        "untag_open_id_connect_provider",
        "OpenIDConnectProviderArn",
    ),
}
