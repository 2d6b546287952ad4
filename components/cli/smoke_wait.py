"""Is a service awake to be asked, and when it is not: when will it be, and is that waited for?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from components.keeper.runtime.hours import local

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from components.cli.kept import Kept, Reach
    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.state import State

PAUSE_SECONDS = 30.0
_RUN = timedelta(minutes=10)
"""How late a keeper may be."""


@dataclass(frozen=True, slots=True)
class Asleep:
    """Why a service is not asked: it sleeps, or `is_late`, it does although it was to be awake by now."""

    text: str
    next_wake: datetime | None
    is_late: bool = False


def asleep(
    name: str,
    outputs: Mapping[str, Any],
    reach: Reach,
    *,
    waits: bool,
    say: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Asleep | None:
    """Return why a service is not to be asked, None when it answers; `waits`: as long as it takes to wake.

    Raises:
        BerthError: its keeper cannot be asked.
    """
    said = ""
    while (kept := reach.kept(name, outputs)) is not None:
        config, state = kept.config(), kept.state()
        if not config.owns_capacity or state.state == "awake" or state.at is None:
            return None
        now = reach.caller_for(kept).now
        found = _asleep(config, state)
        deadline = _latest(config, state)
        if not waits or deadline is None:
            return found
        if now > deadline:
            return _late(kept, state, found)
        if found.text != said:
            said = found.text
            say(f"{name}: asleep: {said}; waits")
        sleep(PAUSE_SECONDS)
    return None


def _asleep(config: KeeperConfig, state: State) -> Asleep:
    if state.state == "waking":
        ready = "soon" if state.ready_at is None else f"at about {local(config.schedule, state.ready_at)}"
        return Asleep(f"waking, and ready {ready}", state.ready_at)
    wakes = "nobody knows when it wakes"
    if state.next_wake is not None:
        wakes = f"it wakes at {local(config.schedule, state.next_wake)}"
    return Asleep(f"{state.why}; {wakes}", state.next_wake)


def _latest(config: KeeperConfig, state: State) -> datetime | None:
    """Return when a service has to answer at the latest; None where nobody knows when it wakes.

    A wake that a deployment of other hours puts off is waited for too.
    """
    start = timedelta(seconds=config.start_seconds)
    if state.state == "waking":
        return None if state.since is None else state.since + 2 * start + _RUN
    return None if state.next_wake is None else state.next_wake + 2 * start + _RUN


def _late(kept: Kept, state: State, found: Asleep) -> Asleep:
    reason = state.problem or f"{kept.keeper} says no more"
    return Asleep(f"is not awake in time: {found.text}; {reason}", found.next_wake, is_late=True)
