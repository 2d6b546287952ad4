"""What each field of group `gateway` changes: on a target with gateways of its own, and on one that has none."""

from __future__ import annotations

from components.plan.effects import Effect
from components.spec.gateway import LIMITS

_FALLBACK = "Asked when nobody behind the gateway answers, before the first byte."
_PRICE = "Counted against the key's month."
_TEMPLATE = "Of the requests that name it."
_FRONT = "Fargate service and load balancer before the target, which then no client has to know."
_TEXTS = {
    **{f"fallback{name}": ("fallback", _FALLBACK) for name in ("", ".url", ".service", ".model")},
    "fallback.key_secret": ("fallback", "Read by the gateway's task alone."),
    **{f"fallback.usd_per_million_{side}": ("fallback", _PRICE) for side in ("input", "output")},
    **{f"templates{name}": ("templates", _TEMPLATE) for name in ("", ".system", ".parameters")},
    "cors_origins": ("cors_origins", "Answers to browsers' preflights."),
    "log_prompts": ("log_prompts", "Into the gateway's log group; a warning."),
}
_LIMITS = {
    "requests_per_minute": "In each gateway: with several, a key has it in each.",
    "tokens_per_minute": "In each gateway: with several, a key has it in each.",
    "concurrency": "In each gateway: with several, a key has it in each.",
    "usd_per_month": "Over all gateways: a DynamoDB table holds what each key has spent.",
}


def _effects(gateway: str, elsewhere: str, refused: str) -> dict[str, Effect]:
    """Return the effects of what a gateway does; `gateway` is the part of the plan that holds it."""
    limits = {f"gateway.{name}": Effect(f"{gateway}.limits.{name}", f"{_LIMITS[name]}{refused}") for name in LIMITS}
    others = {
        f"gateway.{name}": Effect(f"{gateway}.{part}", f"{text}{elsewhere}") for name, (part, text) in _TEXTS.items()
    }
    hold = "While the service wakes; less than a start, or never asleep: noted. Without a front noted."
    return {
        "gateway.front": Effect("front", _FRONT),
        **limits,
        **others,
        "gateway.hold_seconds": Effect("front.hold_seconds", hold),
    }


WITH_SIDECARS = _effects("gateway", "", "")
"""Where a gateway runs beside each engine, or a front before them."""

WITH_A_FRONT = _effects("front.gateway", " Without a front noted.", " Without a front refused.")
"""Where a front alone is a gateway."""

WITH_A_FRONT_OR_IN_A_WORKER = _effects(
    "front.gateway",
    " Without a front of the worker's gateway in mode load_balancer, else noted.",
    " Without a front of the worker's gateway in mode load_balancer, else refused.",
)
"""Where a gateway is part of the worker in one mode."""
