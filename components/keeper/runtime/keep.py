"""What happens at each run: look, meter, decide, act, write down, tell. Level-triggered, so that any run heals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from components.contracts import KeeperMetric, WakeAnswer
from components.keeper.runtime.asked import Override, Wake
from components.keeper.runtime.decide import Seen, decide, wakes_at
from components.keeper.runtime.decision import Notice
from components.keeper.runtime.errors import BusyError, DocumentError, KeeperError, NoCapacityError
from components.keeper.runtime.facts import UNKNOWN_TRAFFIC
from components.keeper.runtime.instants import written
from components.keeper.runtime.meter import metered
from components.keeper.runtime.state import State

_Answer = TypeVar("_Answer")

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.decision import Decision
    from components.keeper.runtime.facts import Capacity, Spend, Traffic
    from components.keeper.runtime.target import Target

Kind = Literal["state", "awake_until", "wake"]
_LONGEST_BUSY = timedelta(hours=2)
"""A platform that is in the middle of something for longer is stuck, and costs money or serves nobody."""
_LONGEST_END = timedelta(minutes=30)
"""What is still paid for that long after its service was put to sleep does not end by itself."""
_START_SPARE = timedelta(minutes=15)
"""Beside twice the planned time: a start that takes longer does not get anywhere."""
_LOOK_BACK = timedelta(minutes=30)
"""At least; metrics are minutes late, and a run may have failed."""
_LONGEST_PROBLEM = 1000
STATE_VALUES: Mapping[str, int] = {"asleep": 0, "waking": 1, "awake": 2}
"""Of the metric State."""


class Store(Protocol):
    """Where the documents of one service are."""

    def read(self, kind: Kind) -> str | None:
        """Return a document, None when there is none; `KeeperError` when it cannot be read."""
        ...

    def write(self, kind: Kind, text: str) -> None:
        """Put a document in the place of the last one."""
        ...


class Voice(Protocol):
    """Who hears of it."""

    def publish(self, config: KeeperConfig, metrics: Mapping[KeeperMetric, float], now: datetime) -> None:
        """Publish figures of this moment."""
        ...

    def tell(self, config: KeeperConfig, notice: Notice) -> None:
        """Tell people something."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one run."""

    service: str
    decision: Decision
    capacity: Capacity
    did: str
    problems: tuple[str, ...]
    """What failed; the rest was done all the same."""


def keep(config: KeeperConfig, *, now: datetime, store: Store, target: Target, voice: Voice) -> Report:
    """Bring one service to where it should be now.

    A document that cannot be read counts as empty, is reported, and never ends a run: a garbled override must not keep
    a GPU running. What one call fails at is tried again at the next run.

    Raises:
        KeeperError: the platform does not say what runs, so that nothing can be decided.
    """
    problems: list[str] = []
    state = _parsed(lambda: State.parse(store.read("state")), problems) or State()
    override = _parsed(lambda: Override.parse(store.read("awake_until")), problems)
    wake = _parsed(lambda: Wake.parse(store.read("wake")), problems)
    capacity = target.capacity()
    seen = Seen(
        now=now,
        config=config,
        state=state,
        capacity=capacity,
        override=override,
        wake=wake,
        traffic=_traffic(target, config, capacity, state, now, problems),
        spend=_spend(target, config, capacity, state, now, problems),
    )
    decision = decide(seen)
    did, failure = _made_so(config, target, decision, capacity)
    notices = list(decision.notices)
    if failure is not None:
        failed = _failure_notice(config, decision, failure)
        problems.append(failed.text)
        notices += [failed] if state.announced.get(failed.kind) != failed.key else []
    # What could not be told is told again at the next run: it is written down after that alone.
    told = {one.kind: one.key for one in notices if _is_told(voice, config, one, problems)}
    after = replace(
        decision.state,
        attempts=decision.state.attempts + isinstance(failure, NoCapacityError),
        # The document has 4,096 characters in all.
        problem="; ".join(problems)[:_LONGEST_PROBLEM],
        announced={**state.announced, **told},
    )
    store.write("state", after.to_json())
    _tried(lambda: voice.publish(config, metrics(seen, after), now), problems)
    return Report(config.service, replace(decision, state=after), capacity, did, tuple(problems))


def wake_on_request(
    config: KeeperConfig, *, now: datetime, key_id: str, store: Store, target: Target, voice: Voice
) -> tuple[int, Mapping[str, object]]:
    """Answer the wake hook: a status of `contracts.WakeAnswer` and the body; a burst of requests wakes once.

    Raises:
        KeeperError: the platform does not say what runs.
    """
    unread: list[str] = []
    state = _parsed(lambda: State.parse(store.read("state")), unread) or State()
    seen = Seen(
        now=now,
        config=config,
        state=state,
        capacity=target.capacity(),
        override=_parsed(lambda: Override.parse(store.read("awake_until")), unread),
        wake=_parsed(lambda: Wake.parse(store.read("wake")), unread),
        spend=state.spend,
    )
    wakes = wakes_at(seen)
    if wakes is not None:
        return WakeAnswer.OUTSIDE_HOURS, {"next_wake": written(wakes) if wakes > now else None}
    if decide(seen).wanted == "awake":
        if seen.capacity.power == "on":
            return WakeAnswer.ACCEPTED, {"expected_seconds": 0}
        if seen.capacity.power != "starting":
            # It was in the middle of something when it was to start: the next run may be ten minutes away.
            state = keep(config, now=now, store=store, target=target, voice=voice).decision.state
        return WakeAnswer.UNDER_WAY, {"expected_seconds": _seconds_left(config, state, now)}
    store.write("wake", Wake(now, key_id).to_json())
    report = keep(config, now=now, store=store, target=target, voice=voice)
    return WakeAnswer.ACCEPTED, {"expected_seconds": _seconds_left(config, report.decision.state, now)}


def metrics(seen: Seen, state: State) -> Mapping[KeeperMetric, float]:
    """Return the figures of a run; spending that is unknown is not published, which an alarm on silence hears."""
    idle = 0.0
    if state.started_at is not None:
        idle = (seen.now - max(state.started_at, state.busy_at or state.started_at)).total_seconds() / 60
    found = {KeeperMetric.STATE: float(STATE_VALUES[state.state]), KeeperMetric.IDLE_MINUTES: idle}
    if seen.spend is not None:
        found[KeeperMetric.SPEND_MONTH_TO_DATE] = seen.spend.usd
        found[KeeperMetric.BURN_RATE_USD_PER_HOUR] = seen.spend.usd_per_hour
        if seen.spend.projected_usd is not None:
            found[KeeperMetric.PROJECTED_MONTH_END] = seen.spend.projected_usd
    return found


def _made_so(
    config: KeeperConfig, target: Target, decision: Decision, capacity: Capacity
) -> tuple[str, KeeperError | None]:
    """Order what was decided; return what was ordered, and why it was not."""
    if not config.owns_capacity:
        return "", None
    try:
        if decision.wanted == "awake":
            did = target.wake(capacity, decision.state.attempts)
        else:
            did = target.sleep(capacity, decision.depth)
        return did, None if did else _paid_in_vain(config, decision, capacity)
    except BusyError as error:
        since, now = decision.state.since, decision.state.at
        is_stuck = since is not None and now is not None and now - since > _LONGEST_BUSY
        return f"waits: {error}", error if is_stuck else None
    except KeeperError as error:
        return "", error


def _paid_in_vain(config: KeeperConfig, decision: Decision, capacity: Capacity) -> KeeperError | None:
    """Return what is wrong where orders are taken, and money goes all the same: nothing else would tell anybody."""
    state, paid = decision.state, capacity.replicas
    if not paid or state.at is None or state.since is None:
        return None
    if decision.wanted == "asleep":
        lasts = state.at - state.since
        is_late, does = decision.depth == "hard" and lasts > _LONGEST_END, "is ordered to end"
    else:
        lasts = state.at - (state.starting_since or state.at)
        is_late = lasts > _START_SPARE + 2 * timedelta(seconds=config.start_seconds)
        does = "should answer and does not"
    if not is_late:
        return None
    minutes = round(lasts.total_seconds() / 60)
    said = capacity.detail or capacity.power
    return KeeperError(f"it {does}, {minutes} min by now, and {paid} running are paid for: {said}")


def _failure_notice(config: KeeperConfig, decision: Decision, failure: KeeperError) -> Notice:
    order = "woken" if decision.wanted == "awake" else "stopped"
    return Notice(
        "failed", f"{order} {written(decision.state.since)}", f"{config.service} could not be {order}: {failure}"
    )


def _is_told(voice: Voice, config: KeeperConfig, notice: Notice, problems: list[str]) -> bool:
    try:
        voice.tell(config, notice)
    except KeeperError as error:
        problems.append(str(error))
        return False
    return True


def _traffic(
    target: Target, config: KeeperConfig, capacity: Capacity, state: State, now: datetime, problems: list[str]
) -> Traffic:
    """Return the requests since the last run; unknown where nobody needs them, or nobody can tell.

    What has just started has no figures of the time before.
    """
    if config.idle_seconds is None or capacity.power != "on" or state.started_at is None:
        return UNKNOWN_TRAFFIC
    since = max(state.started_at, min(now - _LOOK_BACK, state.at or now))
    traffic = _tried(lambda: target.traffic(since, now), problems) or UNKNOWN_TRAFFIC
    if traffic.total is not None and (state.requests_total is None or traffic.total > state.requests_total):
        return replace(traffic, last_request_at=now)
    return traffic


def _spend(
    target: Target, config: KeeperConfig, capacity: Capacity, state: State, now: datetime, problems: list[str]
) -> Spend | None:
    billed = _tried(lambda: target.billed_usd(now), problems)
    spend = metered(state.spend, now, config, capacity, billed)
    if spend is None:
        unpriced = sorted(name for name in capacity.running if name not in config.usd_per_hour)
        problems.append(f"nobody knows the price of {', '.join(unpriced)}, so the meter stands still")
    return spend


def _seconds_left(config: KeeperConfig, state: State, now: datetime) -> int:
    if state.ready_at is None or state.ready_at <= now:
        return config.start_seconds
    return round((state.ready_at - now).total_seconds())


def _parsed(parse: Callable[[], _Answer], problems: list[str]) -> _Answer | None:
    """Return a document, None for one that cannot be read."""
    try:
        return parse()
    except DocumentError as error:
        problems.append(str(error))
        return None


def _tried(ask: Callable[[], _Answer], problems: list[str]) -> _Answer | None:
    """Return what can be done without: one figure that is missing must not end a run."""
    try:
        return ask()
    except KeeperError as error:
        problems.append(str(error))
        return None
