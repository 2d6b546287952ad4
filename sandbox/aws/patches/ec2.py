"""EC2: launch template versions that a group can start from, rules of security groups that keep their description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.responses.launch_templates import LaunchTemplates
from moto.ec2.utils import parse_user_data

from sandbox.aws.errors import AwsError

if TYPE_CHECKING:
    from moto.core.responses import ActionResult


def decode_user_data_of_later_versions() -> None:
    create = LaunchTemplate.create_version

    def create_version(self: LaunchTemplate, data: dict[str, Any], description: str) -> LaunchTemplateVersion:
        if type(data.get("UserData")) is str:
            data["UserData"] = parse_user_data(data["UserData"])
        return create(self, data, description)

    LaunchTemplate.create_version = create_version


def hide_tags_of_the_template_itself() -> None:
    describe = LaunchTemplates.describe_launch_template_versions

    def describe_launch_template_versions(self: LaunchTemplates) -> ActionResult:
        result = describe(self)
        for version in result.result["LaunchTemplateVersions"]:  # type: ignore[index]
            data = version["LaunchTemplateData"]
            if "TagSpecifications" in data:
                kept = [s for s in data["TagSpecifications"] if s.get("ResourceType") != "launch-template"]
                version["LaunchTemplateData"] = data | {"TagSpecifications": kept or None}
        return result

    LaunchTemplates.describe_launch_template_versions = describe_launch_template_versions


def refuse_unknown_template_ids() -> None:
    describe = LaunchTemplates.describe_launch_templates

    def describe_launch_templates(self: LaunchTemplates) -> ActionResult:
        known = self.ec2_backend.launch_templates
        for template_id in self._get_param("LaunchTemplateIds", []):
            if template_id not in known:
                raise AwsError(
                    "InvalidLaunchTemplateId.NotFound",
                    f"The specified launch template, with template ID {template_id}, does not exist.",
                )
        return describe(self)

    LaunchTemplates.describe_launch_templates = describe_launch_templates


def keep_description_of_group_rules() -> None:
    def description(self: SecurityGroupRule) -> str | None:
        for source in (self.ip_range, self.source_group, self.prefix_list_id):
            if isinstance(source, dict) and source.get("Description"):
                return source["Description"]
        return None

    def equal(self: SecurityGroupRule, other: SecurityGroupRule) -> bool:
        return _identity(self) == _identity(other)

    SecurityGroupRule.description = property(description)  # type: ignore[assignment,method-assign]
    SecurityGroupRule.__eq__ = equal  # type: ignore[assignment,method-assign]


def _identity(rule: SecurityGroupRule) -> tuple[Any, ...]:
    """What makes two rules the same to AWS: not their description."""
    ip_range = rule.ip_range or {}
    prefix_list = rule.prefix_list_id
    return (
        rule.ip_protocol,
        *((rule.from_port, rule.to_port) if rule.ip_protocol != "-1" else ()),
        ip_range.get("CidrIp"),
        ip_range.get("CidrIpv6"),
        (rule.source_group or {}).get("GroupId"),
        prefix_list.get("PrefixListId") if isinstance(prefix_list, dict) else prefix_list,
    )


PATCHES = (
    decode_user_data_of_later_versions,
    hide_tags_of_the_template_itself,
    refuse_unknown_template_ids,
    keep_description_of_group_rules,
)
