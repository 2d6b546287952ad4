"""What does `berth awake` or `berth sleep` write down for the keeper, and what does it refuse? Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from components.errors import Problem
from components.keeper.runtime.asked import Override
from components.keeper.runtime.decide import Seen, decide
from components.keeper.runtime.decision import Reason
from components.keeper.runtime.errors import KeeperError
from components.keeper.runtime.facts import Capacity
from components.keeper.runtime.hours import is_open, local, next_edge
from components.keeper.runtime.meter import next_month

if TYPE_CHECKING:
    from datetime import datetime

    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.state import State

_LEAST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Order:
    """What is written down, and what whoever ordered it should know."""

    override: Override
    notes: tuple[str, ...] = ()


def awake_order(
    config: KeeperConfig,
    state: State,
    *,
    now: datetime,
    by: str,
    length: timedelta | None = None,
    acknowledges_budget: bool = False,
) -> Order:
    """Order a service to be awake for so long; None: until its present, or else its next window ends.

    Raises:
        KeeperError: nobody moves its replicas, it is longer than the spec allows, or what wins over an order keeps it
            asleep: `power: off`, or a budget that is spent.
    """
    _refuse_metered("berth awake", config)
    until = _until(config, state, now, length)
    override = Override("awake", now, until, by, acknowledges_budget)
    seen = Seen(now, config, state, Capacity("off"), override=override, spend=state.spend)
    if decide(seen).reason is Reason.POWER:
        raise _refusal(config.service, "", "has power: off in its spec", "set power: on, and deploy")
    _check_acknowledgement(seen)
    notes: list[str] = []
    if length is None and (ends := _window_ends(config, now)) is not None and until < ends:
        limit = timedelta(seconds=config.override_max_seconds)
        notes.append(f"its hours end at {local(config.schedule, ends)}; no order is longer than {written(limit)}")
    # A month that ends takes its budget with it.
    last = decide(replace(seen, now=min(until, next_month(now)) - timedelta(seconds=1)))
    if last.reason is Reason.BUDGET and last.state.breach_at is not None and config.budget is not None:
        parks_at = last.state.breach_at + timedelta(seconds=config.budget.grace_seconds)
        notes.append(
            f"{_spent(seen)}; it is parked at {local(config.schedule, parks_at)} all the same, but with --ack-budget"
        )
    return Order(override, tuple(notes))


def sleep_order(config: KeeperConfig, *, now: datetime, by: str) -> Order:
    """Order a service to sleep until its next window opens; raises KeeperError where nobody moves its replicas."""
    _refuse_metered("berth sleep", config)
    if next_edge(config.schedule, now, opens=True) is None or config.start == "manual":
        return Order(Override("asleep", now, None, by), (f"it sleeps until `berth awake {config.service}`",))
    return Order(Override("asleep", now, None, by))


def written(length: timedelta) -> str:
    """Return a length of time as it is typed.

    >>> written(timedelta(hours=1, minutes=30)), written(timedelta(0))
    ('1h30m', '0s')
    """
    left, text = round(length.total_seconds()), ""
    for unit, seconds in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)):
        number, left = divmod(left, seconds)
        text += f"{number}{unit}" if number else ""
    return text or "0s"


def _until(config: KeeperConfig, state: State, now: datetime, length: timedelta | None) -> datetime:
    limit = timedelta(seconds=config.override_max_seconds)
    start = timedelta(seconds=config.start_seconds)
    least = start if state.state == "asleep" else _LEAST
    if length is None:
        ends = _window_ends(config, now)
        if ends is None or now + limit <= ends:
            return now + limit
        if ends - now <= least:
            shown = local(config.schedule, ends)
            raise _refusal(
                "--for",
                "",
                f"is missing, and the hours of {config.service} end at {shown}, sooner than it starts",
                f"say how long, up to {written(limit)}",
            )
        return ends
    if length > limit:
        fix = f"ask for {written(limit)} or less"
        if config.hours is not None:
            fix += ", or raise schedule.override_max in its spec and deploy"
        raise _refusal("--for", written(length), f"is longer than {config.service} may be kept awake by hand", fix)
    if length < least or (length == least and state.state == "asleep"):
        what = f"is over before {config.service} answers, which takes {written(start)}"
        if state.state != "asleep":
            what = "is shorter than the keeper can tell"
        raise _refusal("--for", written(length), what, f"ask for more than {written(least)}")
    return now + length


def _window_ends(config: KeeperConfig, now: datetime) -> datetime | None:
    """Return when the present window ends, or the next one; None where there are no hours, or no more of them."""
    schedule = config.schedule
    opens = now if is_open(schedule, now) else next_edge(schedule, now, opens=True)
    return None if opens is None else next_edge(schedule, opens, opens=False)


def _check_acknowledgement(seen: Seen) -> None:
    """Refuse an order that a spent budget wins over, and an acknowledgement of what has not come to pass.

    Given in advance, that would switch the budget off for the rest of the month.
    """
    config, acknowledged = seen.config, seen.override is not None and seen.override.acknowledges_budget
    if acknowledged:
        if config.budget is None or config.budget.on_breach != "park":
            raise _refusal(
                "--ack-budget", "", f"is for a budget that parks, and {config.service} has none", "leave it out"
            )
        if decide(seen).state.breach_at is None:
            raise _refusal("--ack-budget", "", f"is too early: {_spent(seen)}", "leave it out")
        return
    if decide(seen).reason is Reason.BUDGET:
        fix = f"berth awake {config.service} --ack-budget lets it run until the month ends, at its price"
        raise _refusal(config.service, "", f"is stopped by its budget: {_spent(seen)}", fix)


def _spent(seen: Seen) -> str:
    budget, spend = seen.config.budget, seen.spend
    known = "an unknown part" if spend is None else f"{spend.usd:,.2f} USD"
    allowed = 0.0 if budget is None else budget.monthly_usd
    return f"{known} of {allowed:,.2f} USD for {seen.now:%Y-%m} {'is' if spend is None else 'are'} spent"


def _refuse_metered(place: str, config: KeeperConfig) -> None:
    if not config.owns_capacity:
        raise _refusal(
            place,
            config.service,
            "is only metered, and awake all the time",
            "give it schedule, idle or budget.on_breach: park in its spec, and deploy",
        )


def _refusal(place: str, value: str, message: str, fix: str) -> KeeperError:
    return KeeperError(str(Problem(place, value, message, fix)))
