"""What has a service cost since the month began? Running capacity times price, integrated from run to run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from components.keeper.runtime.facts import Spend
from components.keeper.runtime.hours import open_hours

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.facts import Capacity

_ENOUGH_HOURS = 1.0
"""Of awake time: less than that says nothing of the rest of the month."""


def usd_per_hour(config: KeeperConfig, capacity: Capacity) -> float | None:
    """Return what the service costs at this moment; None where something runs whose price nobody knows."""
    if any(name not in config.usd_per_hour for name, count in capacity.running.items() if count):
        return None
    return config.fixed_usd_per_hour + _running_usd_per_hour(capacity.running, config.usd_per_hour)


def metered(
    before: Spend | None, now: datetime, config: KeeperConfig, capacity: Capacity, billed_usd: float | None = None
) -> Spend | None:
    """Return the spending up to now; None where a price is unknown, as it would be wrong from then on.

    Between two runs, half of the time counts as before and half as after: no direction is preferred.
    `billed_usd` is what the platform's own bill says that this month's running capacity cost; it wins.
    """
    rate = usd_per_hour(config, capacity)
    if rate is None:
        return None
    month_start = _month_start(now)
    month = f"{now:%Y-%m}"
    if before is None:
        spend = Spend(month=month, since=now, at=now, usd=0.0, usd_per_hour=rate)
    else:
        is_new = before.month != month
        counted_from = max(before.at, month_start)
        hours = max(0.0, (now - counted_from).total_seconds() / 3600)
        average = (before.usd_per_hour + rate) / 2
        spend = Spend(
            month=month,
            since=month_start if is_new else before.since,
            at=now,
            usd=(0.0 if is_new else before.usd) + hours * average,
            usd_per_hour=rate,
        )
    if billed_usd is not None:
        fixed = config.fixed_usd_per_hour * (now - spend.since).total_seconds() / 3600
        spend = replace(spend, usd=billed_usd + fixed)
    return replace(spend, projected_usd=_projected(spend, config), before_today_usd=_before_today_usd(before, spend))


def next_month(now: datetime) -> datetime:
    """Return the first instant of the next month, in UTC, as bills have it."""
    start = _month_start(now)
    return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


def _before_today_usd(before: Spend | None, spend: Spend) -> float:
    """Return what was spent when the day began; between two runs, money is spent evenly."""
    day_start = spend.at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if before is None or (before.month != spend.month and day_start == _month_start(spend.at)):
        return 0.0
    known_at, known_usd = (before.at, before.usd) if before.month == spend.month else (_month_start(spend.at), 0.0)
    if known_at >= day_start:
        return before.before_today_usd
    share = (day_start - known_at) / (spend.at - known_at)
    return known_usd + share * (spend.usd - known_usd)


def _projected(spend: Spend, config: KeeperConfig) -> float:
    """Return the spending at the end of the month, awake hours to come costing what those that were have cost."""
    end = next_month(spend.at)
    elapsed = (spend.at - spend.since).total_seconds() / 3600
    left = (end - spend.at).total_seconds() / 3600
    was_open = open_hours(config.schedule, spend.since, spend.at)
    running = max(0.0, spend.usd - elapsed * config.fixed_usd_per_hour)
    per_hour = running / was_open if was_open >= _ENOUGH_HOURS else _least_usd_per_hour(config)
    return spend.usd + left * config.fixed_usd_per_hour + per_hour * open_hours(config.schedule, spend.at, end)


def _least_usd_per_hour(config: KeeperConfig) -> float:
    if config.power == "off" or not config.usd_per_hour:
        return 0.0
    return config.min_replicas * next(iter(config.usd_per_hour.values()))


def _running_usd_per_hour(running: Mapping[str, int], prices: Mapping[str, float]) -> float:
    return sum(count * prices[name] for name, count in running.items() if count)


def _month_start(now: datetime) -> datetime:
    utc = now.astimezone(UTC)
    return datetime(utc.year, utc.month, 1, tzinfo=UTC)
