"""How is a planned service simulated: which platform, which traffic, which events, and what came of it?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from components.errors import PlanError
from components.keeper.document import config_of
from components.simulate.events import Events, usual
from components.simulate.judge import judged
from components.simulate.platforms.ecs import Ecs
from components.simulate.platforms.runpod import Runpod
from components.simulate.platforms.sagemaker import Sagemaker
from components.simulate.platforms.service import World
from components.simulate.result import Result, by_hour, months_of, parked_minutes
from components.simulate.run import Simulation
from components.simulate.span import Span
from components.simulate.traffic import no_traffic, of_week, read_trace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from components.keeper.runtime.config import KeeperConfig
    from components.plan.model import Plan
    from components.simulate.run import Platform
    from components.simulate.traffic import Trace

_PLATFORMS: dict[str, Callable[..., Platform]] = {"ecs": Ecs, "sagemaker": Sagemaker, "runpod": Runpod}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a simulation; the same question has the same answer."""

    year: int
    seed: int = 1
    trace: Path | None = None
    """A file with requests; None: the load of the spec, which comes by chance."""
    is_eventful: bool = True
    """Whether there are orders, failures and deployments."""


def simulated(plan: Plan, question: Question, progress: Callable[[datetime], None] = lambda _: None) -> Result:
    """Return a year of a planned service; `PlanError` when nothing keeps it, `BerthError` for a trace that is wrong."""
    if plan.target not in _PLATFORMS:
        raise PlanError(f"{plan.service}: target {plan.target} has no keeper; use {', '.join(_PLATFORMS)}")
    if plan.keeper is None:
        fix = "add schedule, idle or budget to the spec"
        raise PlanError(f"{plan.service}: nothing keeps it, so each year is the same; {fix}")
    config = config_of(plan, {})
    if not config.usd_per_hour:
        raise PlanError(f"{plan.service}: nobody knows the price of {plan.hardware.instance_type}, so nothing adds up")
    span = Span.of_year(question.year, config.schedule.zone if config.schedule else "UTC")
    trace = _trace(plan, span, question)
    events = usual(span, config, question.seed) if question.is_eventful else Events()
    asks = plan.target == "ecs" or plan.front is not None
    platform = _PLATFORMS[plan.target](World(span.start, trace, events), config, is_awake=config.hours is None)
    year = Simulation(config, span, trace, events, platform, replicas=_replicas(plan), requests_wake=asks).run(progress)
    minutes = platform.record.minutes(span)
    verdict = judged(
        config,
        span,
        trace,
        events.orders,
        minutes,
        parked=parked_minutes(config, span, platform.record, events),
        requests_wake=asks,
        starts_by_itself=plan.target == "runpod",
    )
    return Result(
        config=config,
        span=span,
        events=events,
        months=months_of(config, span, platform.record, minutes, verdict.expected, year),
        verdict=verdict,
        asked_minutes=trace.minutes,
        runs=year.memory.runs,
        problems=year.problems,
        notices=tuple(notice.text for notice in year.memory.notices),
        always_usd=_always_usd(config, span),
        awake_by_hour=by_hour(span, minutes.serving),
    )


def _trace(plan: Plan, span: Span, question: Question) -> Trace:
    if question.trace is not None:
        return read_trace(question.trace, span)
    if plan.week is None or plan.week.requests is None:
        return no_traffic(span)
    return of_week(span, plan.week.requests, plan.week.zone, question.seed)


def _replicas(plan: Plan) -> Callable[[datetime], int]:
    """Return how many replicas the load of an hour wants."""
    week, least = plan.week, plan.scaling.min_replicas
    if week is None or week.replicas is None:
        return lambda _: least
    zone = ZoneInfo(week.zone)
    counts = [
        math.ceil(round(count / share, 6)) if share else least
        for count, share in zip(week.replicas, week.awake, strict=True)
    ]

    def wanted(at: datetime) -> int:
        local = at.astimezone(zone)
        return max(least, counts[local.weekday() * 24 + local.hour])

    return wanted


def _always_usd(config: KeeperConfig, span: Span) -> float:
    """Return what the least replicas cost when they never sleep."""
    price = next(iter(config.usd_per_hour.values()))
    return span.minutes / 60 * (max(1, config.min_replicas) * price + config.fixed_usd_per_hour)
