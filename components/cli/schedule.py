"""`berth schedule`: when is a service awake, when does that change next, and what does it save?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from components.plan.model import Plan
    from components.plan.saving import Savings
    from components.schedule import Schedule
    from components.spec import ServiceSpec

_MOST_EDGES = 1000


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth schedule`."""
    command = commands.add_parser(
        "schedule", help="awake hours of a spec: next edges, a week, what they save", description=__doc__
    )
    command.add_argument("spec", type=Path, nargs="?", help="a spec file; may be left out with --hours")
    command.add_argument("--hours", help='other hours than the spec has, as "Mon-Fri 08:00-20:00 Europe/Berlin"')
    command.add_argument("--at", metavar="TIME", help="ISO time to start from, in local time or with its offset (now)")
    command.add_argument("--edges", type=int, default=10, help="how many edges (default: %(default)s)")
    command.add_argument("--target", default="ecs", help="where it would run (default: %(default)s)")
    command.add_argument("--region", default="us-east-1", help="AWS region (default: %(default)s)")
    command.add_argument("--environment", default="dev", help="when the spec names none (default: %(default)s)")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run, refuse=command.error)


def run(options: argparse.Namespace) -> int:
    """Print the schedule; a spec that is wrong, or that has no schedule, is a BerthError."""
    from components.cli.schedule_text import Shown, shown_dict, shown_text  # noqa: PLC0415 - not for other commands
    from components.schedule import lint  # noqa: PLC0415

    if options.spec is None and options.hours is None:
        options.refuse("name a spec, or give --hours")
    if not 0 <= options.edges <= _MOST_EDGES:
        options.refuse(f"argument --edges: use 0 to {_MOST_EDGES}")
    spec = _spec(options)
    schedule = _schedule(options, spec)
    at = _instant(options.at, schedule)
    plan, saved = (None, None) if spec is None else _priced(options, spec, at)
    shown = Shown(
        schedule=schedule,
        start=spec.schedule.start if spec and spec.schedule else "auto",
        at=at,
        edges=options.edges,
        findings=lint(schedule, today=at.date(), start_seconds=plan.startup_seconds if plan else None),
        plan=plan,
        savings=saved,
    )
    print(json.dumps(shown_dict(shown), indent=2) if options.json else shown_text(shown), end="")
    if options.json:
        print()
    return 0


def _spec(options: argparse.Namespace) -> ServiceSpec | None:
    """Return the spec with the hours that are asked for in it."""
    from components.spec import load_spec  # noqa: PLC0415
    from components.spec.schedule import AwakeHours, ScheduleSpec  # noqa: PLC0415

    if options.spec is None:
        return None
    spec = load_spec(options.spec, environment=options.environment)
    if options.hours is None:
        return spec
    hours = AwakeHours(_parsed(options.hours))
    changed = spec.schedule.model_copy(update={"hours": hours}) if spec.schedule else ScheduleSpec(hours=hours)
    return spec.model_copy(update={"schedule": changed})


def _schedule(options: argparse.Namespace, spec: ServiceSpec | None) -> Schedule:
    from components.errors import Problem, SpecError  # noqa: PLC0415

    if spec is None:
        return _parsed(options.hours)
    if spec.schedule is None:
        fix = 'add schedule: {hours: "Mon-Fri 08:00-20:00 Europe/Berlin"}, or ask what hours would save with --hours'
        raise SpecError([Problem(f"{options.spec}: schedule", "", "is missing, the service is always awake", fix)])
    return spec.schedule.awake


def _parsed(hours: str) -> Schedule:
    from components.errors import BerthError  # noqa: PLC0415
    from components.schedule import ScheduleError, parse_hours  # noqa: PLC0415

    try:
        return parse_hours(hours)
    except ScheduleError as error:
        raise BerthError(f"--hours: {error}") from None


def _instant(given: str | None, schedule: Schedule) -> datetime:
    """Return the instant that is asked for, now by default; a time without an offset is of the schedule's zone."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from components.errors import BerthError  # noqa: PLC0415
    from components.schedule import ScheduleError, checked_instant  # noqa: PLC0415

    zone = ZoneInfo(schedule.zone)
    if given is None:
        return datetime.now(UTC).astimezone(zone)
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        fix = "write it as 2026-12-24, 2026-12-24T18:00 or 2026-12-24T18:00Z"
        raise BerthError(f"--at: {given} is not a time; {fix}") from None
    try:
        return checked_instant(at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(zone)
    except ScheduleError as error:
        raise BerthError(f"--at: {error}") from None


def _priced(options: argparse.Namespace, spec: ServiceSpec, at: datetime) -> tuple[Plan, Savings]:
    """Return the plan, and what its schedule saves."""
    from components.plan import UNBUILT, make_plan  # noqa: PLC0415
    from components.plan.saving import savings  # noqa: PLC0415
    from components.spec.pricing import ON_DEMAND  # noqa: PLC0415

    always, scheduled = (
        make_plan(
            one,
            target=options.target,
            stack=spec.environment,
            region=options.region,
            images=UNBUILT,
            today=at.date(),
        )
        for one in (spec.model_copy(update={"schedule": None}), spec)
    )
    hours = _schedule(options, spec)
    return scheduled, savings(always, scheduled, hours, is_committed=spec.pricing.commitment != ON_DEMAND)
