"""What does a target cost at one load, and how much of that load do its replicas serve?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from components.compare.comparison import AtLoad
from components.compare.traffic import spec_at
from components.errors import BerthError
from components.plan.draft import UNBUILT
from components.plan.make import make_plan

if TYPE_CHECKING:
    from datetime import date

    from components.compare.comparison import Candidate
    from components.compare.traffic import Traffic
    from components.plan.model import Plan
    from components.spec.service import ServiceSpec


def awake(candidate: Candidate) -> Candidate:
    """Return a candidate that is not parked: asleep it costs the same at every load."""
    if candidate.spec.power == "on":
        return candidate
    awakened = candidate.spec.model_copy(update={"power": "on"})
    return replace(
        candidate, spec=awakened, differs=(*candidate.differs, "power: on, what parking leaves is in asleep")
    )


def planned(spec: ServiceSpec, candidate: Candidate, region: str, today: date, *, brief: bool = True) -> Plan:
    """Return the plan of a spec on a candidate's target; what is never deployed needs no image digest."""
    return make_plan(
        spec,
        target=candidate.target,
        stack=spec.environment,
        region=region,
        images=UNBUILT,
        today=today,
        brief=brief,
    )


def at_load(candidate: Candidate, traffic: Traffic, region: str, today: date) -> AtLoad:
    """Return the cost of a candidate at one load; a load that cannot be planned for is a refusal, not an error."""
    try:
        plan = planned(spec_at(candidate.spec, traffic.requests_per_hour), candidate, region, today)
    except BerthError as error:
        return AtLoad(traffic, None, None, None, None, "", refusal=str(error))
    return priced(plan, traffic)


def priced(plan: Plan, traffic: Traffic) -> AtLoad:
    """Return what a plan that was made for a load says of it."""
    return AtLoad(
        traffic=traffic,
        usd_per_month=plan.cost.expected,
        usd_per_million_tokens=plan.cost.usd_per_million_tokens,
        mean_replicas=_mean_replicas(plan),
        served_share=_served_share(plan, traffic),
        instance_type=plan.hardware.instance_type,
    )


def _mean_replicas(plan: Plan) -> float | None:
    replicas = plan.week.replicas if plan.week else None
    return None if replicas is None else sum(replicas) / len(replicas)


def _served_share(plan: Plan, traffic: Traffic) -> float | None:
    """Return which share of the requests that find the service awake the replicas that the spec allows can serve."""
    week, apis = plan.week, plan.apis
    if week is None or apis is None:
        return None
    offered = traffic.million_tokens_per_month * (1 - week.missed_share)
    return min(1.0, (apis.million_input_tokens + apis.million_output_tokens) / offered) if offered else None
