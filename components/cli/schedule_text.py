"""How are awake hours shown: a week as a strip, the next edges in local time and UTC, hours, and what they save?"""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from components.cli.table import table, usd
from components.schedule import (
    HOURS_PER_WEEK,
    awake_at,
    awake_share,
    edges,
    hours_per_month,
    hours_per_week,
    hours_per_year,
    week_strip,
    year_hours,
)
from components.schedule.strip import LEGEND
from components.schedule.week import HOURS_PER_MONTH
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from components.plan.model import Plan
    from components.plan.saving import Saving, Savings
    from components.schedule import Edge, Finding, Schedule

_WIDTH = 100
_COLUMNS = ("USD per month", "always on", "with hours", "saved", "share")


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown; `at` is in the schedule's zone, `plan` and `savings` are None without a spec."""

    schedule: Schedule
    start: str
    at: datetime
    edges: int
    findings: tuple[Finding, ...]
    plan: Plan | None
    savings: Savings | None

    @property
    def next_edges(self) -> list[Edge]:
        return list(islice(edges(self.schedule, self.at), self.edges))

    @property
    def is_awake(self) -> bool:
        return awake_at(self.schedule, self.at)


def shown_text(shown: Shown) -> str:
    """Return the page that a person reads."""
    parts = (_head(shown), [*week_strip(shown.schedule), LEGEND], _edges(shown), _saving(shown), _findings(shown))
    return "\n\n".join("\n".join(part) for part in (list(lines) for lines in parts) if part) + "\n"


def shown_dict(shown: Shown) -> dict[str, Any]:
    """Return the same for programs; instants are ISO 8601, money is USD per month, an unknown is null."""
    schedule, year, zone = shown.schedule, shown.at.year, ZoneInfo(shown.schedule.zone)
    return {
        "service": shown.plan.service if shown.plan else None,
        "target": shown.plan.target if shown.plan else None,
        "hours": str(schedule),
        "zone": schedule.zone,
        "holidays": [str(holiday) for holiday in schedule.holidays],
        "start": shown.start,
        "at": shown.at.isoformat(),
        "awake": shown.is_awake,
        "edges": [
            {
                "at": edge.at.isoformat(),
                "local": edge.at.astimezone(zone).isoformat(),
                "becomes": "awake" if edge.opens else "asleep",
            }
            for edge in shown.next_edges
        ],
        "awakeShare": list(awake_share(schedule)),
        "hoursPerWeek": hours_per_week(schedule),
        "hoursPerMonth": round(hours_per_month(schedule), 4),
        "hoursPerYear": {"year": year, "awake": hours_per_year(schedule, year), "all": year_hours(schedule, year)},
        "saving": _saving_dict(shown.savings) if shown.savings else None,
        "findings": [asdict(finding) for finding in shown.findings],
    }


def _saving_dict(savings: Savings) -> dict[str, Any]:
    return {
        name: {
            "always": saving.always,
            "scheduled": saving.scheduled,
            "saved": saving.saved,
        }
        for name, saving in (("floor", savings.floor), ("expected", savings.expected))
    }


def _head(shown: Shown) -> Iterator[str]:
    schedule, plan, at = shown.schedule, shown.plan, shown.at
    where = f"{plan.service} on {plan.target}: " if plan else ""
    yield f"{where}{schedule}{', started by hand' if shown.start == 'manual' else ''}"
    if schedule.holidays:
        yield f"holidays {', '.join(str(holiday) for holiday in schedule.holidays)}"
    week, month, year = hours_per_week(schedule), hours_per_month(schedule), hours_per_year(schedule, at.year)
    yield (
        f"awake {_hours(week)} of {HOURS_PER_WEEK} hours a week, {_hours(month)} of {HOURS_PER_MONTH} a month, "
        f"{_hours(year)} of {_hours(year_hours(schedule, at.year))} in {at.year}"
    )


def _edges(shown: Shown) -> Iterator[str]:
    zone = ZoneInfo(shown.schedule.zone)
    yield f"{'awake' if shown.is_awake else 'asleep'} on {shown.at:%a %Y-%m-%d %H:%M} ({shown.schedule.zone})"
    found = shown.next_edges
    if not found:
        if shown.edges:
            yield "nothing changes after that"
        return
    rows = [
        [
            "awake" if edge.opens else "asleep",
            f"{edge.at.astimezone(zone):%a %Y-%m-%d %H:%M}",
            f"{edge.at:%Y-%m-%dT%H:%MZ}",
        ]
        for edge in found
    ]
    yield table(["becomes", "local time", "utc"], rows)


def _saving(shown: Shown) -> Iterator[str]:
    plan, savings = shown.plan, shown.savings
    if plan is None or savings is None:
        return
    rows = [_row("floor", savings.floor)]
    if savings.expected.always is not None:
        rows.append(_row("expected", savings.expected))
    yield table(_COLUMNS, rows, right=frozenset(_COLUMNS[1:]))
    replicas, price = plan.scaling.min_replicas, usd(plan.hardware.usd_per_hour, 4)
    hardware = plan.hardware.instance_type or plan.hardware.gpu
    yield f"floor: {replicas} x {hardware} at {price} USD per hour, prices of {plan.cost.price_table_date}"
    if savings.is_committed:
        yield "the commitment of pricing is paid while the service sleeps too"
    if savings.given_back_after_hours and savings.closings_per_month:
        late = Duration(round(savings.given_back_after_hours * 3600))
        yield (
            f"with these hours {plan.target} takes an instance back up to {late} after each of "
            f"{savings.closings_per_month:.1f} closings, which the amounts have in them"
        )


def _row(name: str, saving: Saving) -> list[str]:
    money = (saving.always, saving.scheduled, saving.saved)
    share = f"{saving.saved / saving.always:.0%}" if saving.saved is not None and saving.always else ""
    return [name, *(usd(amount) for amount in money), share]


def _findings(shown: Shown) -> Iterator[str]:
    for finding in shown.findings:
        yield from textwrap.wrap(f"{finding.level}: {finding.text}", _WIDTH, subsequent_indent="  ")


def _hours(hours: float) -> str:
    """Return hours as a person writes them.

    >>> _hours(3132.0), _hours(260.714)
    ('3,132', '260.7')
    """
    return f"{hours:,.1f}".removesuffix(".0")
