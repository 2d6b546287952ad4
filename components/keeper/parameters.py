"""Where do the keeper and those who speak to it leave word? In four parameters for each service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.contracts import ParameterKind, parameter_name
from components.keeper.runtime.asked import NOTHING

if TYPE_CHECKING:
    import pulumi

    from components.keeper.scope import ServiceScope

WRITTEN_LATER: tuple[ParameterKind, ...] = ("awake_until", "state", "wake")
KINDS: tuple[ParameterKind, ...] = ("config", *WRITTEN_LATER)
_STANDARD_BYTES = 4096
"""A longer value needs the advanced tier (Systems Manager user guide, "Managing parameter tiers", 2026-11)."""


def make_parameters(scope: ServiceScope, config: pulumi.Output[str]) -> list[aws.ssm.Parameter]:
    """Make the document that the stack writes, and those that others write; a destroy takes them all."""
    return [
        _parameter(scope, "config", config, tier=config.apply(_tier)),
        # What stands in them is none of Pulumi's business, nor is it drift.
        *(_parameter(scope, kind, NOTHING, ignore_changes=["insecureValue"]) for kind in WRITTEN_LATER),
    ]


def _parameter(
    scope: ServiceScope,
    kind: ParameterKind,
    value: pulumi.Input[str],
    *,
    tier: pulumi.Input[str] = "Standard",
    ignore_changes: list[str] | None = None,
) -> aws.ssm.Parameter:
    role = kind.replace("_", "-")
    return aws.ssm.Parameter(
        scope.name(role),
        name=parameter_name(scope.stack.stack, scope.kept.service, kind),
        type="String",
        # Nothing in it is secret, and a preview shows what changes.
        insecure_value=value,
        tier=tier,
        tags=scope.tagged(role),
        opts=scope.options(ignore_changes=ignore_changes),
    )


def _tier(value: str) -> str:
    return "Standard" if len(value.encode()) <= _STANDARD_BYTES else "Advanced"
