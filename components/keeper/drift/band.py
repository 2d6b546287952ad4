"""What may be true of a kept service at this hour? What the keeper would decide now, or has just decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from components.keeper.runtime.asked import Override, Wake
from components.keeper.runtime.decide import Seen, decide
from components.keeper.runtime.state import State

if TYPE_CHECKING:
    from datetime import datetime

    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.facts import Capacity
    from components.keeper.runtime.services import Documents

RUN = timedelta(minutes=25)
"""Within that, the keeper has seen to it: two runs of every ten minutes, and what they take."""
TAIL = timedelta(minutes=30)
"""How long answers may be finished, and instances ended, once a service was stopped."""


@dataclass(frozen=True, slots=True)
class Band:
    """What is allowed."""

    awake: bool
    asleep: bool
    soft: bool
    """Whether one that sleeps may start for a request, by its platform alone."""
    why: str
    is_settled: bool
    """Whether it has been asleep for so long that nothing may be billed any more."""
    is_waking: bool
    """Whether the keeper has not met it awake yet, and so has not finished waking it."""
    is_new: bool
    """Whether it was decided so lately that its platform may be in the middle of it."""

    @property
    def wanted(self) -> str:
        """What it should be, for a sentence."""
        return "asleep" if self.asleep and not self.awake else "awake"


def band(config: KeeperConfig, documents: Documents, capacity: Capacity, now: datetime) -> Band:
    """Return what is allowed now; raises KeeperError where a document cannot be read.

    Just after an edge both are: the keeper has its own time, and no more than that.
    """
    state = State.parse(documents.read("state"))
    decision = decide(
        Seen(
            now,
            config,
            state,
            capacity,
            override=Override.parse(documents.read("awake_until")),
            wake=Wake.parse(documents.read("wake")),
            spend=state.spend,
        )
    )
    wanted = {decision.wanted}
    if state.at is not None and now - state.at <= RUN:
        wanted.add(state.wanted)
    since = decision.state.since
    return Band(
        awake="awake" in wanted,
        asleep="asleep" in wanted,
        soft=decision.depth == "soft",
        why=decision.why,
        is_settled=wanted == {"asleep"} and since is not None and now - since > TAIL,
        is_waking=state.state == "waking",
        is_new=since is not None and now - since <= RUN,
    )
