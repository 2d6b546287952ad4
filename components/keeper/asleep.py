"""Who answers for a service on ECS that sleeps, where no front does? A function that its load balancer turns to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components.contracts import parameter_name
from components.ingress import API_PATH
from components.keeper.function import ARCHITECTURE, RUNTIME, checked_environment, make_function_logs
from components.keeper.names import asleep_name
from components.keeper.package import ASLEEP_HANDLER
from components.keeper.roles import make_asleep_role
from components.keeper.runtime.targets.listener import BEHIND

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from components.keeper.kept import Kept
    from components.keeper.scope import Scope, ServiceScope

_MEMORY_MIB = 256
_TIMEOUT_SECONDS = 20
"""It may wait for the keeper, who starts a service."""


DOORS = "BERTH_ASLEEP"
"""The variable with whose door is which; its ARNs are known only once they are made."""


@dataclass(frozen=True, slots=True)
class SideDoor:
    """Where the load balancer of one service turns to while that sleeps."""

    kept: Kept
    target_group: aws.lb.TargetGroup
    rule: aws.lb.ListenerRule


def make_side_door(scope: ServiceScope, listener_arn: pulumi.Input[str]) -> SideDoor:
    """Make the rule that lets a function answer; the keeper moves it before the service's own, and back."""
    target_group = aws.lb.TargetGroup(
        scope.name("asleep"),
        # The longest service's name leaves no room for more.
        name_prefix="sleep-",
        target_type="lambda",
        tags=scope.tagged("asleep"),
        opts=scope.options(),
    )
    rule = aws.lb.ListenerRule(
        scope.name("asleep"),
        listener_arn=listener_arn,
        priority=BEHIND,
        conditions=[{"path_pattern": {"values": [API_PATH]}}],
        actions=[{"type": "forward", "target_group_arn": target_group.arn}],
        tags=scope.tagged("asleep"),
        opts=scope.options(ignore_changes=["priority"], delete_before_replace=True),
    )
    return SideDoor(scope.kept, target_group, rule)


def make_answering(scope: Scope, doors: Sequence[SideDoor], archive: Path) -> None:
    """Make the function that answers at all side doors of a stack; nothing where there is none."""
    if not doors:
        return
    role = make_asleep_role(scope)
    name = asleep_name(scope.stack)
    logs = make_function_logs(scope, "asleep", name)
    function = aws.lambda_.Function(
        scope.name("asleep"),
        name=name,
        description=f"Answers for the services of stack {scope.stack} that sleep",
        runtime=RUNTIME,
        architectures=[ARCHITECTURE],
        handler=ASLEEP_HANDLER,
        code=pulumi.FileArchive(str(archive)),
        role=role.role.arn,
        memory_size=_MEMORY_MIB,
        timeout=_TIMEOUT_SECONDS,
        environment={"variables": _environment(scope, doors)},
        tags=scope.tagged("asleep"),
        opts=scope.options(depends_on=[logs, role.policy]),
    )
    for door in doors:
        allowed = aws.lambda_.Permission(
            scope.name(f"asleep-{door.kept.service}"),
            action="lambda:InvokeFunction",
            function=function.name,
            principal="elasticloadbalancing.amazonaws.com",
            source_arn=door.target_group.arn,
            opts=scope.options(),
        )
        aws.lb.TargetGroupAttachment(
            scope.name(f"asleep-{door.kept.service}"),
            target_group_arn=door.target_group.arn,
            target_id=function.arn,
            opts=scope.options(depends_on=[allowed]),
        )


def _environment(scope: Scope, doors: Sequence[SideDoor]) -> dict[str, pulumi.Input[str]]:
    """Return the variables; what a preview can know of them it shows, so that policies can look at it."""
    arns = pulumi.Output.all(*(door.target_group.arn for door in doors))
    known = asleep_environment(scope, doors, [""] * len(doors))
    return {
        **known,
        DOORS: arns.apply(lambda found: checked_environment(scope, asleep_environment(scope, doors, found))[DOORS]),
    }


def asleep_environment(scope: Scope, doors: Sequence[SideDoor], arns: Sequence[str]) -> dict[str, str]:
    """Return the variables of the function: whose door is which, by the ARN of its target group."""
    served = {arn: _served(scope, door.kept) for arn, door in zip(arns, doors, strict=True)}
    return {
        DOORS: json.dumps(served, sort_keys=True, separators=(",", ":")),
        "BERTH_KEEPER": scope.function_name,
    }


def _served(scope: Scope, kept: Kept) -> dict[str, Any]:
    return {
        "service": kept.service,
        "state": parameter_name(scope.stack, kept.service, "state"),
        "keys": kept.client_keys.arn if kept.client_keys else None,
    }
