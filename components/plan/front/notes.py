"""What a user should know about the gateways of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from components.contracts import log_group_name
from components.plan.front.refusals import FRONT as ASK_FOR_ONE
from components.plan.model import Note
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.gateway import Fallback, FrontPlan, GatewayPlan
    from components.plan.model import Plan
    from components.spec.service import ServiceSpec

FRONT, SIDECAR = "front", "gateway"
"""Names of the container, and so of the log group, in which a gateway runs."""

_PER_GATEWAY = ("requests_per_minute", "tokens_per_minute", "concurrency")
_STILL_REACHED = {
    "sagemaker": "the endpoint still answers everyone whose AWS credentials may sagemaker:InvokeEndpoint",
    "runpod": "the endpoint stays on the internet, and answers everyone with a RunPod key that may call it",
}
_UNUSED = ("fallback", "templates", "cors_origins", "log_prompts")


def gateway_notes(plan: Plan, spec: ServiceSpec) -> Iterator[Note]:
    """Yield what is to be said of the gateway that clients talk to, or of what a target without one leaves out."""
    gateway = plan.front.gateway if plan.front else plan.gateway
    if plan.front is not None:
        yield from _front_notes(plan, plan.front)
    elif spec.gateway.hold_seconds:
        text = f"{spec.gateway.hold_seconds} is not used: without a front nobody is there while the service sleeps"
        yield Note("info", "gateway.hold_seconds", f"{text}; {ASK_FOR_ONE}")
    if gateway is None:
        yield from _unused(plan, spec)
        return
    count = plan.front.replicas_max if plan.front else plan.scaling.max_replicas
    yield from _access_notes(plan, gateway)
    yield from _limit_notes(gateway, count)
    for one in gateway.fallback:
        yield Note("info", "gateway.fallback", f"{who(one)} is sent the prompts of requests that it takes over")
    if gateway.log_prompts:
        group = f"log group {log_group_name(plan.stack, plan.service, FRONT if plan.front else SIDECAR)}"
        where = "RunPod's logs of the workers" if _behind_runpods_keys(plan) else group
        text = f"true: prompts and answers lie in {where}, for everyone who may read it"
        yield Note("warning", "gateway.log_prompts", text)


def who(one: Fallback) -> str:
    """Return whom a fallback asks.

    >>> from components.plan.gateway import Fallback
    >>> who(Fallback("https://api.groq.com/openai/v1", None, None, None))
    'api.groq.com'
    """
    return urlsplit(one.url).netloc if one.url else f"service {one.service}"


def _behind_runpods_keys(plan: Plan) -> bool:
    """Tell whether clients talk to a gateway in a worker of RunPod, whose load balancer asks for a key before."""
    return plan.runpod is not None and plan.front is None


def _front_notes(plan: Plan, front: FrontPlan) -> Iterator[Note]:
    if plan.target in _STILL_REACHED:
        wall = f"limits hold for those who come by the front: {_STILL_REACHED[plan.target]}"
        yield Note("info", "gateway.front", wall)
    if front.hold_seconds:
        yield from _hold_notes(plan, front)
    if front.parked:
        yield Note("info", "gateway.front", "the front stays while the service is parked, and answers 503")


def _hold_notes(plan: Plan, front: FrontPlan) -> Iterator[Note]:
    kept = plan.keeper
    if kept is None or not kept.owns_capacity:
        text = f"{front.hold_seconds}: nothing puts the service to sleep, so no request waits for that"
        yield Note("info", "gateway.hold_seconds", text)
    elif front.hold_seconds < kept.start_seconds:
        text = (
            f"{front.hold_seconds} s are less than a start of about {Duration(kept.start_seconds)}: the request that "
            "wakes the service is answered 503 all the same"
        )
        yield Note("info", "gateway.hold_seconds", text)


def _access_notes(plan: Plan, gateway: GatewayPlan) -> Iterator[Note]:
    network = plan.front.network if plan.front else plan.network
    if gateway.keys_secret is None and not _behind_runpods_keys(plan):
        yield Note("warning", "gateway.keys_secret", "not given: everyone who reaches the service may use it")
    if network is not None and network.domain is not None:
        yield Note("info", "network.domain", f"make {network.domain} a CNAME of the output load_balancer")


def _limit_notes(gateway: GatewayPlan, gateways: int) -> Iterator[Note]:
    limits = gateway.limits
    given = [name for name in _PER_GATEWAY if getattr(limits, name) is not None]
    if given and gateways > 1:
        text = (
            f"holds in each gateway, of which up to {gateways} run: a key may have that many times {', '.join(given)}"
        )
        yield Note("info", f"gateway.{given[0]}", text)
    if limits.usd_per_month is not None and gateway.usd_per_hour is not None:
        yield Note(
            "info",
            "gateway.usd_per_month",
            f"{gateway.usd_per_hour:.4f} USD for an hour of a replica, shared by the requests that run at once: one by "
            "itself pays for all of it, and hours without requests are on no key's account",
        )


def _unused(plan: Plan, spec: ServiceSpec) -> Iterator[Note]:
    for name in _UNUSED:
        if getattr(spec.gateway, name):
            text = f"is not used: {plan.target} has no gateway without a front; {ASK_FOR_ONE}"
            yield Note("info", f"gateway.{name}", text)
