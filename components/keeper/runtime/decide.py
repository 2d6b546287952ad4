"""Is a service to be awake now, and why? Pure: the same facts always give the same answer.

Precedence, the first that holds: power, a spent budget, an order by hand, holidays, hours; then whether it is used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from components.keeper.runtime.decision import Decision, Notice, Reason
from components.keeper.runtime.facts import UNKNOWN_TRAFFIC
from components.keeper.runtime.hours import came_since, is_holiday, is_open, local, next_edge
from components.keeper.runtime.meter import next_month

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from components.keeper.runtime.asked import Override, Wake
    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.decision import Depth
    from components.keeper.runtime.facts import Capacity, Spend, Traffic
    from components.keeper.runtime.state import State, Wanted

_LEAST_WAIT = timedelta(minutes=1)
_CAN_IDLE = frozenset({Reason.WOKEN, Reason.WINDOW, Reason.ALWAYS})
"""What somebody ordered by hand does not end for want of requests."""
_BY_THE_CLOCK = frozenset({Reason.HOLIDAY, Reason.HOURS, Reason.MANUAL})
"""What a service may sleep lightly for; money and orders are kept to the letter."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that a decision is made of."""

    now: datetime
    config: KeeperConfig
    state: State
    capacity: Capacity
    override: Override | None = None
    wake: Wake | None = None
    traffic: Traffic = UNKNOWN_TRAFFIC
    spend: Spend | None = None
    """None where a price is unknown; the last known spending stays in force."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    wanted: Wanted
    reason: Reason
    why: str
    until: datetime | None = None


def decide(seen: Seen) -> Decision:
    """Return what is to be true of a service now, and what is to be remembered of that."""
    state = _budget(seen, _clocks(seen))
    verdict = _verdict(replace(seen, state=state))
    if _is_idle(seen, state, verdict):
        state = state.changed(idle_stop_at=seen.now)
        verdict = _verdict(replace(seen, state=state))
    after = replace(seen, state=state)
    asleep = verdict.wanted == "asleep"
    next_wake = _next_wake(after, verdict.reason) if asleep else None
    until = next_wake if asleep else verdict.until
    notices = tuple(one for one in _notices(after, verdict) if state.announced.get(one.kind) != one.key)
    # Where no request may wake it, no platform may start it at one either.
    is_idle = verdict.reason is Reason.IDLE and seen.config.wake != "never"
    is_soft = seen.config.details.get("sleep") == "soft" and verdict.reason in _BY_THE_CLOCK
    depth: Depth = "soft" if is_soft or is_idle else "hard"
    return Decision(
        wanted=verdict.wanted,
        reason=verdict.reason,
        why=verdict.why,
        until=until,
        next_wake=next_wake,
        depth=depth,
        notices=notices,
        state=_written_down(after, verdict, until, next_wake, notices),
    )


def wakes_at(seen: Seen) -> datetime | None:
    """Return None when a request may wake the service now; else when it wakes by itself, or `now` where nobody knows.

    A request just before the end of the hours wakes nothing: the service would be stopped before it answers.
    """
    config = seen.config
    verdict = _verdict(replace(seen, state=_budget(seen, seen.state)))
    if verdict.wanted == "awake":
        return None
    allowed = verdict.reason in (Reason.IDLE, Reason.MANUAL) and config.wake != "never"
    if allowed and config.wake == "within_hours":
        closes = next_edge(config.schedule, seen.now, opens=False)
        allowed = closes is None or closes - seen.now > timedelta(seconds=config.start_seconds)
    if config.wake == "any_time" and verdict.reason in (Reason.HOURS, Reason.HOLIDAY):
        allowed = True
    return None if allowed else _next_wake(seen, verdict.reason) or seen.now


def _clocks(seen: Seen) -> State:
    """Return the state with what the idle clock goes by."""
    state, now = seen.state, seen.now
    if seen.capacity.power != "on":
        return state.changed(started_at=None, busy_at=None)
    busy_at = state.busy_at
    if not seen.traffic.is_known or seen.traffic.in_flight > 0:
        busy_at = now
    elif seen.traffic.last_request_at is not None:
        busy_at = max(seen.traffic.last_request_at, busy_at or seen.traffic.last_request_at)
    return state.changed(started_at=state.started_at or now, busy_at=busy_at)


def _budget(seen: Seen, state: State) -> State:
    """Return the state with what is known of this month's budget; a new month starts afresh."""
    budget, month = seen.config.budget, f"{seen.now:%Y-%m}"
    if budget is None:
        return state.changed(breach_at=None, breach_month=None, acknowledged_month=None)
    if state.breach_month != month:
        state = state.changed(breach_at=None, breach_month=None)
    override = seen.override
    if override is not None and override.acknowledges_budget and f"{override.at:%Y-%m}" == month:
        state = state.changed(acknowledged_month=month)
    spend = seen.spend
    if spend is not None and spend.month == month and spend.usd >= budget.monthly_usd and state.breach_at is None:
        state = state.changed(breach_at=seen.now, breach_month=month)
    return state


def _verdict(seen: Seen) -> _Verdict:
    return _by_power(seen) or _by_budget(seen) or _by_order(seen) or _by_hours(seen) or _by_use(seen) or _open(seen)


def _by_power(seen: Seen) -> _Verdict | None:
    if seen.config.power == "off":
        return _Verdict("asleep", Reason.POWER, "the spec says power: off")
    return None


def _by_budget(seen: Seen) -> _Verdict | None:
    parks_at = _parks_at(seen)
    if parks_at is None or seen.now < parks_at or seen.config.budget is None:
        return None
    why = f"the budget of {seen.config.budget.monthly_usd:,.2f} USD for {seen.now:%Y-%m} is spent"
    return _Verdict("asleep", Reason.BUDGET, f"{why}; berth awake {seen.config.service} --ack-budget wakes it")


def _parks_at(seen: Seen) -> datetime | None:
    """Return when the service is parked because its budget is spent; None where it is not, or may go on."""
    budget, state = seen.config.budget, seen.state
    if budget is None or budget.on_breach != "park" or state.breach_at is None:
        return None
    month = f"{seen.now:%Y-%m}"
    if state.breach_month != month or state.acknowledged_month == month:
        return None
    return state.breach_at + timedelta(seconds=budget.grace_seconds)


def _by_order(seen: Seen) -> _Verdict | None:
    override, schedule = seen.override, seen.config.schedule
    if override is None or override.at > seen.now:
        return None
    if override.until is not None:
        until = min(override.until, override.at + timedelta(seconds=seen.config.override_max_seconds))
        if seen.now >= until:
            return None
        return _Verdict("awake", Reason.OVERRIDE, f"{override.by} ordered it until {local(schedule, until)}", until)
    if came_since(schedule, override.at, seen.now, opens=True):
        return None
    return _Verdict("asleep", Reason.BY_HAND, f"{override.by} put it to sleep")


def _by_hours(seen: Seen) -> _Verdict | None:
    config, schedule = seen.config, seen.config.schedule
    if schedule is None or is_open(schedule, seen.now) or (config.wake == "any_time" and _is_woken(seen)):
        return None
    opens = next_edge(schedule, seen.now, opens=True)
    is_up = seen.capacity.power in ("on", "starting")
    if opens and is_up and config.start == "auto" and opens - seen.now <= timedelta(seconds=config.start_seconds):
        closes = next_edge(schedule, opens, opens=False)
        return _Verdict(
            "awake", Reason.GAP, f"the next window opens at {local(schedule, opens)}, sooner than a start", closes
        )
    if is_holiday(schedule, seen.now):
        return _Verdict("asleep", Reason.HOLIDAY, "today is a holiday")
    return _Verdict("asleep", Reason.HOURS, f"it is outside of {schedule}")


def _by_use(seen: Seen) -> _Verdict | None:
    """Return a verdict where the hours alone do not say it: nobody woke it yet, or nobody used it."""
    config = seen.config
    closes = next_edge(config.schedule, seen.now, opens=False)
    if _is_woken(seen):
        return _Verdict("awake", Reason.WOKEN, "a request woke it", closes)
    if config.schedule is not None and config.start == "manual":
        return _Verdict("asleep", Reason.MANUAL, "its hours are open, and nobody has woken it")
    if config.idle_seconds and _is_stopped_for_idleness(seen):
        return _Verdict("asleep", Reason.IDLE, f"it had no request for {_minutes(config.idle_seconds)} min")
    return None


def _open(seen: Seen) -> _Verdict:
    schedule = seen.config.schedule
    if schedule is None:
        return _Verdict("awake", Reason.ALWAYS, "it has no hours")
    return _Verdict("awake", Reason.WINDOW, f"it is within {schedule}", next_edge(schedule, seen.now, opens=False))


def _is_woken(seen: Seen) -> bool:
    """Tell whether a request woke it, and neither an end of its hours nor idleness came after that."""
    wake, stopped, config = seen.wake, seen.state.idle_stop_at, seen.config
    # To the second, both may be the same: a request that comes as the service is stopped wakes it.
    if wake is None or config.wake == "never" or wake.at > seen.now or (stopped is not None and stopped > wake.at):
        return False
    return not came_since(config.schedule, wake.at, seen.now, opens=False)


def _is_stopped_for_idleness(seen: Seen) -> bool:
    """Tell whether it was stopped for idleness, and neither an opening nor an order came after that."""
    stopped, override = seen.state.idle_stop_at, seen.override
    if stopped is None or (override is not None and override.kind == "awake" and stopped < override.at <= seen.now):
        return False
    return not came_since(seen.config.schedule, stopped, seen.now, opens=True)


def _is_idle(seen: Seen, state: State, verdict: _Verdict) -> bool:
    since = _idle_since(state)
    idle = seen.config.idle_seconds
    if idle is None or since is None or verdict.wanted == "asleep" or verdict.reason not in _CAN_IDLE:
        return False
    return seen.now - since >= timedelta(seconds=idle)


def _idle_since(state: State) -> datetime | None:
    if state.started_at is None:
        return None
    return state.started_at if state.busy_at is None else max(state.started_at, state.busy_at)


def _next_wake(seen: Seen, reason: Reason) -> datetime | None:
    """Return when a service that sleeps wakes by itself."""
    config = seen.config
    if reason is Reason.POWER or (config.schedule is not None and config.start == "manual"):
        return None
    if reason is Reason.BUDGET:
        month = next_month(seen.now)
        return month if is_open(config.schedule, month) else next_edge(config.schedule, month, opens=True)
    return next_edge(config.schedule, seen.now, opens=True)


def _notices(seen: Seen, verdict: _Verdict) -> Iterator[Notice]:
    config, now = seen.config, seen.now
    ahead = timedelta(seconds=config.notify_before_seconds)
    stop = _announced_stop(seen, verdict)
    if ahead and stop is not None and now < stop <= now + ahead:
        yield Notice(
            "stop", f"{stop:%Y-%m-%dT%H:%M}", f"{config.service} sleeps from {local(config.schedule, stop)} on"
        )
    budget, parks_at = config.budget, _parks_at(seen)
    if budget is not None and seen.state.breach_at is not None:
        spent = f"{config.service} has spent its {budget.monthly_usd:,.2f} USD for {now:%Y-%m}"
        if parks_at is not None and now < parks_at:
            spent += f" and is parked at {local(config.schedule, parks_at)}"
        yield Notice("budget", f"{now:%Y-%m}", spent)
        if verdict.reason is Reason.BUDGET:
            yield Notice("parked", f"{now:%Y-%m}", f"{config.service} is parked: {verdict.why}")


def _announced_stop(seen: Seen, verdict: _Verdict) -> datetime | None:
    """Return when a service that is awake will be stopped, as far as that can be foreseen."""
    if verdict.wanted == "asleep":
        return None
    ends: list[datetime] = []
    if verdict.until is not None and _verdict(replace(seen, now=verdict.until)).wanted == "asleep":
        ends.append(verdict.until)
    since, idle = _idle_since(seen.state), seen.config.idle_seconds
    if idle is not None and since is not None and verdict.reason in _CAN_IDLE:
        ends.append(since + timedelta(seconds=idle))
    return min(ends, default=None)


def _written_down(
    seen: Seen, verdict: _Verdict, until: datetime | None, next_wake: datetime | None, notices: tuple[Notice, ...]
) -> State:
    state, now = seen.state, seen.now
    is_new = state.since is None or state.wanted != verdict.wanted
    since = now if is_new or state.since is None else state.since
    ready_at = None
    phase = "asleep"
    if verdict.wanted == "awake":
        phase = "awake" if seen.capacity.power == "on" else "waking"
    starting_since = (now if is_new else state.starting_since or now) if phase == "waking" else None
    if phase == "waking":
        ready_at = max(since + timedelta(seconds=seen.config.start_seconds), now + _LEAST_WAIT)
    return state.changed(
        at=now,
        state=phase,
        wanted=verdict.wanted,
        why=verdict.why,
        reason=verdict.reason.value,
        since=since,
        until=until,
        next_wake=next_wake,
        ready_at=ready_at,
        starting_since=starting_since,
        announced={**state.announced, **{one.kind: one.key for one in notices}},
        # A new start begins with the first alternative again.
        attempts=0 if seen.capacity.power == "on" or verdict.wanted == "asleep" else state.attempts,
        replicas=seen.capacity.replicas,
        requests_total=state.requests_total if seen.traffic.total is None else seen.traffic.total,
        spend=seen.spend or state.spend,
    )


def _minutes(seconds: int) -> int:
    return round(seconds / 60)
