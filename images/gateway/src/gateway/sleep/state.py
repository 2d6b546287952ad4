"""How is the service: awake, on its way, or asleep until when? As the keeper writes it down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Condition(StrEnum):
    """What a service can be."""

    AWAKE = "awake"
    WAKING = "waking"
    ASLEEP = "asleep"


class StateError(ValueError):
    """The document does not say how the service is; the message never quotes it."""


class StateSilentError(StateError):
    """Who has the document does not answer at the moment: what it said last may still hold."""


@dataclass(frozen=True, slots=True)
class State:
    """One statement about a service; times in seconds since the epoch."""

    condition: Condition
    next_wake: float | None = None
    ready_at: float | None = None

    @classmethod
    def parse(cls, raw: str) -> State:
        """Read `{"state": "asleep", "next_wake": "2026-11-23T08:00:00+01:00", "ready_at": null}`.

        Raises:
            StateError: when it is not that; other members are nobody's business here.
        """
        try:
            document: Any = json.loads(raw)
        except (ValueError, RecursionError):
            raise StateError("it is not JSON") from None
        if not isinstance(document, dict):
            raise StateError("it is not a JSON object")
        try:
            condition = Condition(document.get("state"))
        except ValueError:
            raise StateError(f"its state is none of {', '.join(Condition)}") from None
        return cls(condition, seconds_of(document, "next_wake"), seconds_of(document, "ready_at"))


def seconds_of(document: dict[str, Any], member: str) -> float | None:
    """A date-time with its zone as seconds since the epoch; None where it is absent or null.

    Raises:
        StateError: when it is something else.
    """
    value = document.get(member)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise StateError(f"its {member} is no date-time") from None
    if found.tzinfo is None:
        raise StateError(f"its {member} has no zone")
    return found.timestamp()
