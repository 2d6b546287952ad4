"""What is refused of a spec whose requests RunPod's load balancer hands to the gateways in the workers?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.errors import Problem
from components.plan.front.refusals import FRONT
from components.plan.runpod.mode import LONGEST_REQUEST_SECONDS
from components.spec.problems import number
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from components.spec.gateway import GatewaySpec
    from components.spec.service import ServiceSpec

_ELSEWHERE = "(in the stack's overrides where another target has the same spec)"
_MONEY = "usd_per_month"


def balanced_problems(spec: ServiceSpec, place: Callable[[str], str]) -> Iterator[Problem]:
    """Yield what RunPod's load balancer would cut off, and what a gateway without credentials of AWS cannot do."""
    given = spec.gateway
    if "max_request" in given.model_fields_set and given.max_request.seconds > LONGEST_REQUEST_SECONDS:
        yield Problem(
            place("gateway.max_request"),
            str(given.max_request),
            "is longer than RunPod's load balancer lets a request run, which is 5m30s until its own error 524",
            f"use {Duration(LONGEST_REQUEST_SECONDS)} or less {_ELSEWHERE}, or runpod.mode: queue",
        )
    if not given.front:
        yield from _limit_problems(spec, given, place)
        yield from _fallback_problems(given, place)


def _limit_problems(spec: ServiceSpec, given: GatewaySpec, place: Callable[[str], str]) -> Iterator[Problem]:
    if given.usd_per_month is not None:
        yield Problem(
            place(f"gateway.{_MONEY}"),
            number(given.usd_per_month),
            "cannot be kept by workers that share no table and forget what was spent when they stop",
            f"{FRONT}, or remove it {_ELSEWHERE}",
        )
    others = [name for name in given.limits_given if name != _MONEY]
    if others and spec.runpod.client_keys_secret is None:
        yield Problem(
            place("runpod.client_keys_secret"),
            "",
            f"is missing: {', '.join(others)} hold for each key, and RunPod cannot read gateway.keys_secret, which is "
            "in AWS",
            "give each client a RunPod key of its own, store a JSON object of name to sha256 of that key as a secret "
            "in RunPod's console (Secrets, for example client_keys), and write its name: "
            "runpod: {client_keys_secret: client_keys}",
        )


def _fallback_problems(given: GatewaySpec, place: Callable[[str], str]) -> Iterator[Problem]:
    for index, one in enumerate(given.fallback):
        where = place(f"gateway.fallback[{index}]")
        if one.key_secret is not None:
            yield Problem(
                f"{where}.key_secret",
                one.key_secret,
                "is in AWS, where a worker on RunPod cannot read it",
                f"{FRONT}, or remove it {_ELSEWHERE}",
            )
        elif one.service is not None:
            yield Problem(
                f"{where}.service",
                one.service,
                "cannot be called from a worker on RunPod, which has neither a role of AWS nor a RunPod key",
                f"{FRONT}, or remove it {_ELSEWHERE}",
            )
