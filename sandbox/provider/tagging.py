"""How does each service add and remove tags?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.provider.aws import Aws


@dataclass(frozen=True)
class Tagging:
    """The tag operations of one service; `form` is how tags and the removed keys are written."""

    service: str
    tag: str
    untag: str
    subject: str
    keys: str = "TagKeys"
    tags: str = "Tags"
    form: Literal["pairs", "lower_pairs", "map"] = "pairs"
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
        names = ("key", "value") if self.form == "lower_pairs" else ("Key", "Value")
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
}
