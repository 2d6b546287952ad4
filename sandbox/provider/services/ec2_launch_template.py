"""How does a launch template become a versioned template in the EC2 API?"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from sandbox.provider.comparison import Comparison
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first, send
from sandbox.provider.rules import arn, between, conflict, each, matches, one_of

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_OUTSIDE_DATA = ("name", "namePrefix", "description", "tags", "region", "updateDefaultVersion", "defaultVersion")
_RENAME = {
    "name": "LaunchTemplateName",
    "description": "VersionDescription",
    "launchTemplateData.vpcSecurityGroupIds": "SecurityGroupIds",
    "launchTemplateData.securityGroupNames": "SecurityGroups",
    "launchTemplateData.networkInterfaces.securityGroups": "Groups",
    "launchTemplateData.networkInterfaces.ipv4AddressCount": "SecondaryPrivateIpAddressCount",
}
_READ_RENAME = {
    "name": "LaunchTemplateName",
    "latestVersion": "LatestVersionNumber",
    "defaultVersion": "DefaultVersionNumber",
    "vpcSecurityGroupIds": "SecurityGroupIds",
    "securityGroupNames": "SecurityGroups",
    "networkInterfaces.securityGroups": "Groups",
    "networkInterfaces.ipv4AddressCount": "SecondaryPrivateIpAddressCount",
    "description": "VersionDescription",
}
_DATA = (
    "blockDeviceMappings",
    "capacityReservationSpecification",
    "cpuOptions",
    "creditSpecification",
    "description",
    "disableApiStop",
    "disableApiTermination",
    "ebsOptimized",
    "enclaveOptions",
    "hibernationOptions",
    "iamInstanceProfile",
    "imageId",
    "instanceInitiatedShutdownBehavior",
    "instanceMarketOptions",
    "instanceRequirements",
    "instanceType",
    "kernelId",
    "keyName",
    "licenseSpecifications",
    "maintenanceOptions",
    "metadataOptions",
    "monitoring",
    "networkInterfaces",
    "networkPerformanceOptions",
    "placement",
    "privateDnsNameOptions",
    "ramDiskId",
    "securityGroupNames",
    "tagSpecifications",
    "userData",
    "vpcSecurityGroupIds",
)


def _with_data(props: Props) -> Props:
    data = {name: value for name, value in props.items() if name not in _OUTSIDE_DATA}
    outside = {name: value for name, value in props.items() if name in ("name", "description", "tags")}
    return {**outside, "launchTemplateData": data}


def _new_version(aws: Aws, template: Instance) -> None:
    if not template.old:
        return
    props = {name: template[name] for name in _DATA if template.get(name) is not None}
    call = Call("create_launch_template_version", _with_data, _RENAME)
    answer = send(aws, "ec2", call, props, {"LaunchTemplateId": template.id})
    if template.get("updateDefaultVersion"):
        version = str(answer["LaunchTemplateVersion"]["VersionNumber"])
        aws("ec2").modify_launch_template(LaunchTemplateId=template.id, DefaultVersion=version)


def _set_default(aws: Aws, template: Instance) -> None:
    if template.get("defaultVersion"):
        aws("ec2").modify_launch_template(LaunchTemplateId=template.id, DefaultVersion=str(template["defaultVersion"]))


def _template(aws: Aws, template: Instance) -> Answer | None:
    client = aws("ec2")
    found = first(client.describe_launch_templates(LaunchTemplateIds=[template.id]), "LaunchTemplates")
    if found is None:
        return None
    versions = client.describe_launch_template_versions(LaunchTemplateId=template.id, Versions=["$Latest"])
    latest = first(versions, "LaunchTemplateVersions") or {}
    return {
        **latest.get("LaunchTemplateData", {}),
        "VersionDescription": latest.get("VersionDescription") or None,
        **found,
    }


def _complete(_aws: Aws, _answer: Answer, found: Props, template: Instance) -> None:
    written = template.get("defaultVersion")
    if written is None and template.get("updateDefaultVersion") is None:
        return
    found["updateDefaultVersion"] = template.get("updateDefaultVersion")


def _user_data(value: str) -> str | None:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return "must be base64; AWS refuses plain text here"
    return None


LAUNCH_TEMPLATE = Resource(
    type_name="aws:ec2/launchTemplate:LaunchTemplate",
    service="ec2",
    create=Call("create_launch_template", _with_data, tag_type="launch-template"),
    identify=lambda answer, _: answer["LaunchTemplate"]["LaunchTemplateId"],
    read=_template,
    delete=lambda aws, template: aws("ec2").delete_launch_template(LaunchTemplateId=template.id),
    steps=(Step(_DATA, _new_version, on_create=False), Step(("defaultVersion",), _set_default)),
    finish=_complete,
    arn="ec2:launch-template/{id}",
    tagging="ec2",
    rename={**_RENAME, **_READ_RENAME},
    local=("updateDefaultVersion",),
    computed=("defaultVersion",),
    moving=("latestVersion", "defaultVersion"),
    comparison=Comparison(
        sets=("vpcSecurityGroupIds", "securityGroupNames", "networkInterfaces.securityGroups", "licenseSpecifications")
    ),
    rules=(
        conflict("name", "namePrefix"),
        conflict("updateDefaultVersion", "defaultVersion"),
        conflict("vpcSecurityGroupIds", "networkInterfaces"),
        conflict("instanceType", "instanceRequirements"),
        each(
            "iamInstanceProfile",
            lambda profile: "name conflicts with arn" if {"arn", "name"} <= profile.keys() else None,
        ),
        arn("iamInstanceProfile.arn"),
        one_of("blockDeviceMappings.ebs.encrypted", "", "true", "false"),
        one_of("blockDeviceMappings.ebs.deleteOnTermination", "", "true", "false"),
        one_of("ebsOptimized", "", "true", "false"),
        between("blockDeviceMappings.ebs.throughput", 125, 2000),
        between("metadataOptions.httpPutResponseHopLimit", 1, 64),
        matches("name", r"[\w()./-]{3,128}", "must be 3 to 128 letters, digits and ()./-_"),
        each("userData", _user_data),
    ),
    name_limit=128,
)

ENTRIES = (LAUNCH_TEMPLATE,)
