"""What must whoever deploys a stack be able to do to networks?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.foundation.owned import Owned, allow, of

if TYPE_CHECKING:
    from components.statements import Statement

# fmt: off
_MADE = ("vpc", "subnet", "internet-gateway", "route-table", "natgateway", "elastic-ip", "security-group",
         "launch-template", "vpc-endpoint")
_MAKE = ("AllocateAddress CreateInternetGateway CreateLaunchTemplate CreateNatGateway CreateRouteTable "
         "CreateSecurityGroup CreateSubnet CreateVpc CreateVpcEndpoint")
_CHANGE = (
    "AssociateRouteTable AttachInternetGateway CreateLaunchTemplateVersion CreateRoute CreateTags "
    "DeleteInternetGateway DeleteLaunchTemplate DeleteLaunchTemplateVersions DeleteNatGateway DeleteRoute "
    "DeleteRouteTable DeleteSecurityGroup DeleteSubnet DeleteTags DeleteVpc DeleteVpcEndpoints DetachInternetGateway "
    "DisassociateAddress DisassociateRouteTable ModifyLaunchTemplate ModifySecurityGroupRules ModifySubnetAttribute "
    "ModifyVpcAttribute ModifyVpcEndpoint ReleaseAddress ReplaceRoute ReplaceRouteTableAssociation "
    "RevokeSecurityGroupEgress RevokeSecurityGroupIngress UpdateSecurityGroupRuleDescriptionsEgress "
    "UpdateSecurityGroupRuleDescriptionsIngress"
)
# fmt: on


def network_rights(owned: Owned) -> list[Statement]:
    """Let a role make what carries the tag of the stack, and change and remove nothing else."""

    def some(*kinds: str) -> list[str]:
        return owned.arn("ec2", *(f"{kind}/*" for kind in kinds))

    tagging_at = {
        "StringEquals": {
            "ec2:CreateAction": [*_MAKE.split(), "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"]
        }
    }
    return [
        allow("MakeNetwork", of("ec2", _MAKE), some(*_MADE), **owned.tagging),
        # A network of the user's own has no tag of the stack.
        allow("InNetwork", of("ec2", "CreateRouteTable CreateSecurityGroup CreateSubnet"), some("vpc")),
        allow("OfSubnet", of("ec2", "CreateNatGateway"), some("subnet", "elastic-ip")),
        allow("ForEndpoint", of("ec2", "CreateVpcEndpoint"), some("vpc", "subnet", "route-table", "security-group")),
        allow("TagWhatIsMade", of("ec2", "CreateTags"), some(*_MADE, "security-group-rule"), **tagging_at),
        allow("ChangeNetwork", of("ec2", _CHANGE), "*", **owned.tagged),
        allow(
            "AllowTraffic",
            of("ec2", "AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress"),
            some("security-group"),
            **owned.tagged,
        ),
        allow(
            "AllowTrafficByRule",
            of("ec2", "AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress"),
            some("security-group-rule"),
        ),
        # EFS makes its interfaces in the name of its caller.
        allow(
            "Interfaces",
            of("ec2", "CreateNetworkInterface DeleteNetworkInterface ModifyNetworkInterfaceAttribute"),
            some("network-interface", "subnet", "security-group"),
        ),
    ]
