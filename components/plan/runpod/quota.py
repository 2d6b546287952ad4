"""Does the RunPod account allow as many workers as the services of a stack may start together?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.runpod import quota_tiers
from components.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from components.plan.model import Plan

PLACE = "berth:runpod.worker_quota"


def worker_quota_problems(plans: Iterable[Plan], quota: int) -> list[Problem]:
    """Return a problem when the services of a stack may start more workers than the account has.

    RunPod counts the maximum of every endpoint, also of one that is idle.
    """
    shares = {plan.service: plan.runpod.workers_max for plan in plans if plan.runpod is not None}
    together = sum(shares.values())
    if together <= quota:
        return []
    named = ", ".join(f"{service} {workers}" for service, workers in shares.items() if workers)
    return [
        Problem(
            PLACE,
            str(quota),
            f"is less than the {together} workers that the services on RunPod may start together ({named})",
            f"lower scaling.max_replicas, or put money on the account ({tiers_text()}) and raise the setting to what "
            "RunPod's console then shows",
        )
    ]


def tiers_text() -> str:
    """Return how the quota grows with the balance.

    >>> tiers_text()[:52]
    '5 workers at first, 10 from 100 USD, 20 from 200 USD'
    """
    first, *others = quota_tiers()
    return ", ".join(
        [f"{first.workers} workers at first", *(f"{row.workers} from {row.balance_usd} USD" for row in others)]
    )
