"""Which roles may whoever deploys a stack make, and for whom? None that could do more than the boundary allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.foundation.owned import Owned, allow, of

if TYPE_CHECKING:
    from components.statements import Statement

TAKERS = ("ec2", "ecs-tasks", "lambda", "sagemaker", "scheduler")
"""Services that run something of a stack's."""
LINKED = (
    *("autoscaling", "ecs", "ecs.application-autoscaling", "elasticfilesystem", "elasticloadbalancing"),
    "sagemaker.application-autoscaling",
)
"""Services that make a role of their own in an account at their first use."""
# fmt: off
_ROLES = (
    "DeleteRole DeleteRolePolicy DetachRolePolicy TagRole UntagRole UpdateAssumeRolePolicy UpdateRole "
    "UpdateRoleDescription"
)
_REST = (
    "AddRoleToInstanceProfile CreateInstanceProfile CreatePolicy CreatePolicyVersion DeleteInstanceProfile "
    "DeletePolicy DeletePolicyVersion RemoveRoleFromInstanceProfile SetDefaultPolicyVersion TagInstanceProfile "
    "TagPolicy UntagInstanceProfile UntagPolicy"
)
# fmt: on


def identity_rights(owned: Owned, boundary_arn: str) -> list[Statement]:
    """Let a role make roles below the stack's path, all of them within the boundary, which it cannot take off."""
    roles = owned.identities("role")
    bounded = {"StringEquals": {"iam:PermissionsBoundary": boundary_arn}}
    takers = {"StringEquals": {"iam:PassedToService": [f"{one}.amazonaws.com" for one in TAKERS]}}
    linked = {"StringEquals": {"iam:AWSServiceName": [f"{one}.amazonaws.com" for one in LINKED]}}
    service_roles = f"arn:{owned.account.partition}:iam::{owned.account.id}:role/aws-service-role/*"
    return [
        allow(
            "MakeRoles",
            of("iam", "AttachRolePolicy CreateRole PutRolePermissionsBoundary PutRolePolicy"),
            roles,
            **bounded,
        ),
        allow("ChangeRoles", of("iam", _ROLES), roles),
        allow("ProfilesAndPolicies", of("iam", _REST), owned.identities("instance-profile", "policy")),
        allow("HandRolesOver", of("iam", "PassRole"), roles, **takers),
        allow("LetServicesBegin", of("iam", "CreateServiceLinkedRole"), [service_roles], **linked),
    ]
