"""How do all roles of a stack stay within a boundary, whichever component makes them?

Whoever deploys may make roles below the stack's path alone, and only with the boundary: see `components.foundation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from components.foundation.names import path_of

if TYPE_CHECKING:
    from collections.abc import Callable

_ROLE = "aws:iam/role:Role"
_BELOW = (_ROLE, "aws:iam/policy:Policy", "aws:iam/instanceProfile:InstanceProfile")


def keep_within(boundary_arn: str, *, stack: str) -> None:
    """Give each role of the program the boundary, and each identity the path of the stack."""
    pulumi.runtime.register_resource_transform(_bounded(boundary_arn, path_of(stack)))


def _bounded(
    boundary_arn: str, path: str
) -> Callable[[pulumi.ResourceTransformArgs], pulumi.ResourceTransformResult | None]:
    def transform(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ not in _BELOW:
            return None
        props = {**args.props, "path": path}
        if args.type_ == _ROLE:
            props["permissionsBoundary"] = boundary_arn
        return pulumi.ResourceTransformResult(props=props, opts=args.opts)

    return transform
