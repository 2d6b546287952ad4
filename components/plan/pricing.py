"""At which price are the instances of a plan bought, and what should be known about that?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.discounts import commitment_factor, spot_factor
from components.cost.compute import InstancePrice
from components.cost.estimate import HOURS_PER_MONTH
from components.errors import Problem
from components.plan.expectation import on_demand_of
from components.plan.model import Note
from components.spec.pricing import ON_DEMAND
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.draft import Draft
    from components.plan.model import Plan
    from components.spec.service import ServiceSpec

_ALL = 100
_LEAST_FOR_SPOT = 2


def instance_price(made: Draft, *, others_may_serve: bool = False) -> InstancePrice:
    """Return what an hour of the chosen instance costs, with the ways of paying that the spec names.

    `others_may_serve` says that the fallbacks are used when there is none of the chosen type.
    """
    request, hardware, pricing = made.request, made.hardware, made.spec.pricing
    committed = None if pricing.commitment == ON_DEMAND else pricing.commitment
    return InstancePrice(
        instance_type=hardware.instance_type,
        usd_per_hour=hardware.usd_per_hour,
        commitment=committed,
        committed_factor=committed and commitment_factor(request.target, hardware.instance_type, committed),
        spot_percent=pricing.spot_percent,
        spot_factor=spot_factor(hardware.instance_type, request.region) if pricing.spot_percent else None,
        dearest=_dearest(made) if others_may_serve else None,
    )


def spot_refusal(spec: ServiceSpec, why: str) -> Iterator[Problem]:
    """Yield the problem of spare capacity on a target that has none."""
    if spec.pricing.spot_percent:
        yield Problem(
            f"{spec.name}: pricing.spot_percent", str(spec.pricing.spot_percent), why, "remove it, or use target ecs"
        )


def lonely_spot(spec: ServiceSpec) -> Iterator[Problem]:
    """Yield the problem of a service in prod that a single reclaim takes off the air."""
    pricing, least = spec.pricing, spec.scaling.min_replicas
    if spec.environment == "prod" and pricing.spot_percent == _ALL and least < _LEAST_FOR_SPOT:
        yield Problem(
            f"{spec.name}: pricing.spot_percent",
            str(pricing.spot_percent),
            f"leaves a service of environment prod with {least} replica, whose instance AWS may take back within two "
            "minutes: it would be down for a whole start",
            f"set scaling.min_replicas to {_LEAST_FOR_SPOT} or more, or spot_percent to {_ALL - 1} or less",
        )


def pricing_notes(plan: Plan, spec: ServiceSpec) -> Iterator[Note]:
    """Yield what is to be known about a way of paying that is not on demand."""
    pricing = spec.pricing
    if pricing.commitment != ON_DEMAND:
        covered = on_demand_of(plan.scaling.min_replicas, pricing.spot_percent)
        yield Note(
            "info",
            "pricing.commitment",
            f"{pricing.commitment}: prices {covered} of the instances, all {HOURS_PER_MONTH} hours; buy the Savings "
            "Plan yourself, Berth does not",
        )
        yield from _wasted(plan, pricing.commitment)
    if pricing.spot_percent:
        drain = Duration(plan.gateway.drain_seconds if plan.gateway else 0)
        yield Note(
            "warning" if plan.environment == "prod" else "info",
            "pricing.spot_percent",
            f"{pricing.spot_percent}: AWS takes such an instance back with two minutes' notice, so an answer of more "
            f"than 2m is cut off (drain: {drain}), and its place is empty for a start of about "
            f"{Duration(plan.startup_seconds)} or until there is capacity; nothing falls back to on demand",
        )


def _wasted(plan: Plan, commitment: str) -> Iterator[Note]:
    share = 1.0 if plan.week is None else plan.week.awake_share
    if share < 1 and plan.scaling.min_replicas:
        yield Note(
            "warning",
            "pricing.commitment",
            f"{commitment} is paid for in the {1 - share:.0%} of the hours in which the service sleeps, too: the "
            "schedule saves nothing of it",
        )


def _dearest(made: Draft) -> tuple[str, float | None] | None:
    """Return type and price of the dearest that may serve, None where that is the chosen one.

    One without a known price counts as the dearest.
    """
    chosen = (made.hardware.instance_type, made.hardware.usd_per_hour)
    types = (chosen, *((row.instance_type, row.usd_per_hour) for row in made.choice.fallbacks))
    unknown = next((row for row in types if row[1] is None), None)
    dearest = unknown or max(types, key=lambda row: row[1] or 0.0)
    return None if dearest == chosen else dearest
