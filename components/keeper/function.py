"""What runs the keeper: a function, its log, its retries, and an address for those who may wake a service?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.errors import Problem, StackError
from components.keeper.names import function_log_group
from components.keeper.package import KEEPER_HANDLER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from components.keeper.dead_letters import DeadLetters
    from components.keeper.roles import KeeperRole
    from components.keeper.scope import Scope

RUNTIME, ARCHITECTURE = "python3.13", "arm64"
_MEMORY_MIB = 512
_TIMEOUT_SECONDS = 300
_LATEST_SECONDS = 300
"""Late by more, a run is of no use: the next one is under way."""
_RETRIES = 2
_RETENTION_DAYS = 30
MOST_ENVIRONMENT_BYTES = 4096
"""Of all variables of a function (Lambda quotas, 2026-11)."""


@dataclass(frozen=True, slots=True)
class KeeperFunction:
    """The function; `url` is None where nobody wakes a service by it."""

    function: aws.lambda_.Function
    url: pulumi.Output[str] | None


def make_function(scope: Scope, role: KeeperRole, dead_letters: DeadLetters, archive: Path) -> KeeperFunction:
    """Make the function that keeps all services of a stack."""
    logs = make_function_logs(scope, "function", scope.function_name)
    function = aws.lambda_.Function(
        scope.name("function"),
        name=scope.function_name,
        description=f"Berth's keeper of stack {scope.stack}: what runs, until when, and what it costs",
        runtime=RUNTIME,
        architectures=[ARCHITECTURE],
        handler=KEEPER_HANDLER,
        code=pulumi.FileArchive(str(archive)),
        role=role.role.arn,
        memory_size=_MEMORY_MIB,
        timeout=_TIMEOUT_SECONDS,
        environment={"variables": checked_environment(scope, keeper_environment(scope))},
        dead_letter_config={"target_arn": dead_letters.queue.arn},
        tags=scope.tagged("function"),
        opts=scope.options(depends_on=[logs, role.policy, dead_letters.policy]),
    )
    aws.lambda_.FunctionEventInvokeConfig(
        scope.name("function"),
        function_name=function.name,
        maximum_event_age_in_seconds=_LATEST_SECONDS,
        maximum_retry_attempts=_RETRIES,
        opts=scope.options(),
    )
    return KeeperFunction(function, _url(scope, function))


def keeper_environment(scope: Scope) -> dict[str, str]:
    """Return the variables of the keeper; references alone, no secret."""
    # All services of a stack name one key: another one is refused before anything is made.
    key = next((one.runpod_key.arn for one in scope.kept if one.runpod_key), None)
    return {
        "BERTH_STACK": scope.stack,
        "BERTH_SERVICES": json.dumps(sorted(one.service for one in scope.kept), separators=(",", ":")),
        **({"RUNPOD_API_KEY_SECRET_ARN": key} if key else {}),
    }


def checked_environment(scope: Scope, variables: Mapping[str, str]) -> dict[str, str]:
    """Return variables that fit; raises StackError for those of a stack that has too many services for one function."""
    size = sum(len(name.encode()) + len(value.encode()) for name, value in variables.items())
    if size > MOST_ENVIRONMENT_BYTES:
        reason = f"make {size} bytes of variables for one function, and Lambda takes {MOST_ENVIRONMENT_BYTES}"
        place = f"stacks/Pulumi.{scope.stack}.yaml: berth:services"
        raise StackError([Problem(place, f"{len(scope.kept)} kept services", reason, "divide them into two stacks")])
    return dict(variables)


def make_function_logs(scope: Scope, role: str, function_name: str) -> aws.cloudwatch.LogGroup:
    """Make the log group before Lambda does, whose logs would be kept for ever."""
    return aws.cloudwatch.LogGroup(
        scope.name(f"{role}-logs"),
        name=function_log_group(function_name),
        retention_in_days=_RETENTION_DAYS,
        tags=scope.tagged(f"{role}-logs"),
        opts=scope.options(),
    )


def _url(scope: Scope, function: aws.lambda_.Function) -> pulumi.Output[str] | None:
    if not any(one.wakes_by_url for one in scope.kept):
        return None
    url = aws.lambda_.FunctionUrl(
        scope.name("function"), function_name=function.name, authorization_type="AWS_IAM", opts=scope.options()
    )
    return url.function_url
