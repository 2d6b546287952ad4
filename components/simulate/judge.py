"""Was the service awake when it should be, and asleep when not? Minute by minute, by its own reading of the spec.

It knows what the keeper cannot: each request at once, and what runs at each moment. So the minutes in which the keeper
was later than that are wrong ones here, and are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from components.simulate.wall import open_minutes

if TYPE_CHECKING:
    from components.keeper.runtime.asked import Override
    from components.keeper.runtime.config import KeeperConfig
    from components.simulate.record import Minutes
    from components.simulate.span import Span
    from components.simulate.traffic import Trace


@dataclass(frozen=True, slots=True)
class Verdict:
    """Minutes of a span."""

    expected: bytes
    """1 where the service should be awake, 2 where it may be: the platform itself starts what requests need."""
    open_minutes: int
    """Of its hours."""
    awake_minutes: int
    """In which it answered."""
    starting_minutes: int
    """In which it should be awake, and was on its way."""
    ending_minutes: int
    """In which it should sleep, and finished what it had to."""
    wrongly_awake_minutes: int
    """In which it should sleep, and was paid for without being told to end."""
    wrongly_asleep_minutes: int
    """In which it should be awake, and nothing was on its way."""
    unanswered_minutes: int
    """With a request, in which it should be awake and did not answer."""


def judged(
    config: KeeperConfig,
    span: Span,
    trace: Trace,
    orders: tuple[Override, ...],
    minutes: Minutes,
    *,
    parked: bytearray,
    requests_wake: bool = True,
    starts_by_itself: bool = False,
) -> Verdict:
    """Return what was right and wrong; `parked` has 1 in the minutes in which a spent budget keeps it asleep.

    `requests_wake`: somebody asks the keeper for them. `starts_by_itself`: the platform does without, when idle.
    """
    is_open = open_minutes(config.schedule, span)
    ordered = _ordered(config, span, orders, is_open)
    use = _Use(config, requests_wake=requests_wake, starts_by_itself=starts_by_itself)
    expected = _expected(config, trace, minutes, is_open, ordered, parked, use)
    counted = dict.fromkeys(("starting", "ending", "awake", "asleep", "unanswered"), 0)
    for should, serves, starts, billed, ends, asked in zip(
        expected, minutes.serving, minutes.starting, minutes.billed, minutes.ending, trace.busy, strict=True
    ):
        if should == _EITHER:
            counted["unanswered"] += asked and not serves
        elif should:
            if not serves:
                counted["starting" if starts else "asleep"] += 1
                counted["unanswered"] += asked
        elif billed:
            counted["ending" if ends else "awake"] += 1
    return Verdict(
        expected=bytes(expected),
        open_minutes=sum(is_open),
        awake_minutes=sum(minutes.serving),
        starting_minutes=counted["starting"],
        ending_minutes=counted["ending"],
        wrongly_awake_minutes=counted["awake"],
        wrongly_asleep_minutes=counted["asleep"],
        unanswered_minutes=counted["unanswered"],
    )


def _expected(
    config: KeeperConfig,
    trace: Trace,
    minutes: Minutes,
    is_open: bytearray,
    ordered: bytearray,
    parked: bytearray,
    use: _Use,
) -> bytearray:
    expected = bytearray(trace.span.minutes)
    if config.power == "off":
        return expected
    start_minutes = -(-config.start_seconds // 60)
    for minute, order in enumerate(ordered):
        wanted = use.wants(
            minute,
            is_open=bool(is_open[minute]),
            # What is woken just before the hours end would be stopped before it answers.
            stays_open=minute + start_minutes >= len(is_open) or bool(is_open[minute + start_minutes]),
            is_asked=bool(trace.busy[minute]),
            serves=bool(minutes.serving[minute]),
            is_ordered=order == _AWAKE,
        )
        if not parked[minute] and order != _ASLEEP:
            expected[minute] = wanted
    return expected


class _Use:
    """Whether hours and requests want the service, from minute to minute."""

    def __init__(self, config: KeeperConfig, *, requests_wake: bool, starts_by_itself: bool) -> None:
        self._starts = config.start == "auto"
        self._idle_minutes = None if config.idle_seconds is None else config.idle_seconds // 60
        self._can_wake = requests_wake and config.wake != "never"
        self._anytime = config.wake == "any_time"
        self._by_itself = starts_by_itself
        self._woken = self._stopped = self._was_open = False
        self._used = 0

    def wants(
        self, minute: int, *, is_open: bool, stays_open: bool, is_asked: bool, serves: bool, is_ordered: bool
    ) -> int:
        """Return whether it should be awake, were nothing ordered; _EITHER where both are right."""
        self._pass_edge(is_open=is_open)
        serves = serves or self._by_itself
        if is_asked or not serves:
            self._used = minute
        if is_ordered:
            self._stopped = False
            return _WANTED
        wanted = (is_open and self._starts and not self._stopped) or self._woken
        if not wanted and is_asked and self._can_wake and ((is_open and stays_open) or self._anytime):
            self._woken, self._stopped, wanted = True, False, True
        if wanted and serves and self._idle_minutes is not None and minute - self._used >= self._idle_minutes:
            self._woken, self._stopped, wanted = False, True, False
        if self._stopped and is_open and self._by_itself:
            return _EITHER
        return _WANTED if wanted else 0

    def _pass_edge(self, *, is_open: bool) -> None:
        if is_open and not self._was_open:
            self._stopped = False
        if self._was_open and not is_open:
            self._woken = False
        self._was_open = is_open


_AWAKE, _ASLEEP = 1, 2
_WANTED, _EITHER = 1, 2


def _ordered(config: KeeperConfig, span: Span, orders: tuple[Override, ...], is_open: bytearray) -> bytearray:
    """Return what the last order says of each minute; one to sleep ends when the hours open."""
    found = bytearray(span.minutes)
    for order, later in zip_longest(orders, orders[1:]):
        first = span.minute(order.at)
        most = span.minutes if later is None else span.minute(later.at)
        if order.until is None:
            last = is_open.find(1, max(0, is_open.find(0, first)))
            last = span.minutes if last < 0 or is_open.find(0, first) < 0 else last
            value = _ASLEEP
        else:
            last = min(span.minute(order.until), first + config.override_max_seconds // 60)
            value = _AWAKE
        last = min(last, most)
        found[first:last] = bytes([value]) * max(0, last - first)
    return found
