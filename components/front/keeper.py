"""How does a front know that its target sleeps, and whom does it ask to wake it? The keeper, where a stack has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi

    from components.account import Account
    from components.plan.gateway import FrontPlan
    from components.statements import Statement

TARGET = "target"
"""How the front calls what it stands before."""


@dataclass(frozen=True, slots=True)
class WakeHook:
    """A Lambda function whose URL wants a signature."""

    url: pulumi.Input[str]
    function_arn: str
    """Computed, so that the policy is known at preview."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Where the keeper writes down how a service is, and where it is asked to wake it."""

    state_parameter: str
    """Name of the SSM parameter, `components.contracts.parameter_name(..., "state")`."""
    wake: WakeHook | None = None
    """None where requests wake nothing."""


def sleep_settings(front: FrontPlan, keeper: Keeper | None, wake_url: str | None) -> Mapping[str, Any] | None:
    """Return what a front knows of its target's sleep, None where nothing; its fallbacks do not sleep with it."""
    hold = {"hold_seconds": front.hold_seconds} if front.hold_seconds else {}
    if front.parked:
        # Nobody will wake it, whatever a keeper wrote when it still had it.
        return {"upstreams": [TARGET], "state": "asleep", **hold}
    if keeper is not None:
        wake = {"wake_url": wake_url} if wake_url else {}
        return {"upstreams": [TARGET], "document": {"parameter": keeper.state_parameter}, **wake, **hold}
    return {"upstreams": [TARGET], "state": "awake", **hold} if hold else None


def keeper_statements(account: Account, front: FrontPlan, keeper: Keeper | None) -> list[Statement]:
    """Let a front read that one parameter, and call that one function by its URL and in no other way.

    Source: AWS Lambda developer guide, access to function URLs: since October 2025 both actions are asked for.
    """
    if keeper is None or front.parked:
        return []
    statements: list[Statement] = [
        {
            "Sid": "ReadState",
            "Effect": "Allow",
            "Action": "ssm:GetParameter",
            "Resource": account.arn("ssm", f"parameter{keeper.state_parameter}"),
        }
    ]
    if keeper.wake is not None:
        called = {"Effect": "Allow", "Resource": keeper.wake.function_arn}
        signed = {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}
        by_url = {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
        statements += [
            {"Sid": "WakeSigned", "Action": "lambda:InvokeFunctionUrl", **called, "Condition": signed},
            {"Sid": "WakeByUrl", "Action": "lambda:InvokeFunction", **called, "Condition": by_url},
        ]
    return statements
