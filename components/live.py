"""What does every target tell about a service that is deployed already?"""

from __future__ import annotations

from dataclasses import dataclass

KEPT = "kept"
"""State of a service whose replicas a keeper moves: whether it is awake changes without a deployment."""


@dataclass(frozen=True, slots=True)
class Replicas:
    """Counts at this moment; `least` and `most` are None when nothing scales the service."""

    running: int
    wanted: int
    least: int | None
    most: int | None
    state: str | None = None
    """What the platform says the service is doing, as parked or creating; None: nothing but what the stack says."""
    problem: str | None = None
    """What is wrong and what to do about it, when the service can be asked and is not as the stack says."""
