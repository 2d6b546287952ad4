"""What a user should know about the load that was declared: hours in which nobody answers, a peak that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.plan.model import Note
from components.sizing.throughput import throughput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.draft import Draft
    from components.plan.model import Plan


def load_notes(plan: Plan, made: Draft) -> Iterator[Note]:
    """Yield what is to be said about the load of a plan."""
    load, week = made.spec.load, plan.week
    if load is None or week is None or plan.power == "off":
        return
    if week.missed_share > 0:
        yield Note(
            "warning",
            "load.requests_per_hour",
            f"{week.missed_share:.0%} of the requests come while the service sleeps: they are not answered, and the "
            "cost per million tokens does not count them",
        )
    if load.time_zone is not None and load.time_zone != week.zone:
        yield Note(
            "info",
            "load.time_zone",
            f"the windows in {load.time_zone} are moved to {week.zone}, the zone of the schedule: the mean of winter "
            "and summer",
        )
    yield from _peak_notes(plan, made)


def _peak_notes(plan: Plan, made: Draft) -> Iterator[Note]:
    load = made.spec.load
    if load is None or load.peak_concurrency is None:
        return
    alone = throughput(
        made.shape,
        made.loaded,
        gpus()[plan.hardware.gpu],
        plan.hardware.tensor_parallel_size,
        concurrency=1,
        input_tokens=load.input_tokens,
        output_tokens=load.output_tokens,
    )
    in_flight = load.busiest_requests_per_hour / alone.high
    if in_flight > load.peak_concurrency:
        yield Note(
            "warning",
            "load.peak_concurrency",
            f"{load.peak_concurrency:,} is less than the {in_flight:,.0f} requests that are in flight all through the "
            f"busiest hour: {load.busiest_requests_per_hour:,.0f} requests of {3600 / alone.high:.0f} s or more each "
            f"on {plan.hardware.accelerator}",
        )
