"""What can the keeper decide, and what does it say about that?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from components.keeper.runtime.state import State, Wanted

Depth = Literal["soft", "hard"]


class Reason(StrEnum):
    """Why a service is awake or asleep; those at the top win."""

    POWER = "power"
    BUDGET = "budget"
    OVERRIDE = "override"
    BY_HAND = "by hand"
    HOLIDAY = "holiday"
    HOURS = "hours"
    MANUAL = "manual"
    IDLE = "idle"
    GAP = "gap"
    WOKEN = "woken"
    WINDOW = "window"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that people are told, once; `key` tells one end from the next."""

    kind: Literal["stop", "budget", "parked", "failed"]
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be true of a service now."""

    wanted: Wanted
    reason: Reason
    why: str
    until: datetime | None
    """When that changes by itself, as far as it is known."""
    next_wake: datetime | None
    """When it wakes by itself; None while it is awake, or where nobody knows."""
    depth: Depth
    """soft: idle, so that a platform which starts at a request may do so. hard: nothing may start."""
    notices: tuple[Notice, ...]
    state: State
    """What is to be remembered, were it made so."""
