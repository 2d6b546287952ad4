"""What must whoever deploys a stack be able to do to balancers and file systems?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.foundation.owned import Owned, allow, of

if TYPE_CHECKING:
    from components.statements import Statement

# fmt: off
_BALANCERS_MAKE = "CreateListener CreateLoadBalancer CreateRule CreateTargetGroup"
_BALANCERS_CHANGE = (
    "CreateListener CreateRule DeleteListener DeleteLoadBalancer DeleteRule DeleteTargetGroup DeregisterTargets "
    "ModifyListener ModifyListenerAttributes ModifyLoadBalancerAttributes ModifyRule ModifyTargetGroup "
    "ModifyTargetGroupAttributes RegisterTargets RemoveTags SetRulePriorities SetSecurityGroups SetSubnets"
)
_FILES_CHANGE = (
    "CreateAccessPoint CreateMountTarget DeleteAccessPoint DeleteFileSystem DeleteFileSystemPolicy DeleteMountTarget "
    "ModifyMountTargetSecurityGroups PutBackupPolicy PutFileSystemPolicy PutLifecycleConfiguration TagResource "
    "UntagResource UpdateFileSystem UpdateFileSystemProtection"
)
# fmt: on


def storage_rights(owned: Owned) -> list[Statement]:
    """Let a role make what carries the tag of the stack, and change and remove nothing else."""
    tagging_at = {"StringEquals": {"elasticloadbalancing:CreateAction": _BALANCERS_MAKE.split()}}
    return [
        allow(
            "MakeBalancers", of("elasticloadbalancing", "CreateLoadBalancer CreateTargetGroup"), "*", **owned.tagging
        ),
        allow("TagBalancers", of("elasticloadbalancing", "AddTags"), "*", **tagging_at),
        allow("ChangeBalancers", of("elasticloadbalancing", f"AddTags {_BALANCERS_CHANGE}"), "*", **owned.tagged),
        allow("MakeFiles", of("elasticfilesystem", "CreateFileSystem TagResource"), "*", **owned.tagging),
        allow("ChangeFiles", of("elasticfilesystem", _FILES_CHANGE), "*", **owned.tagged),
    ]
