"""Who serves a model, in which order?"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gateway.upstreams.member import Member

LOAD = attrgetter("in_flight")


class Route:
    """The models that it takes, the members that share them (`tiers[0]`), and who takes over, tier after tier."""

    def __init__(
        self,
        models: Sequence[str],
        tiers: Sequence[Sequence[Member]],
        *,
        least_loaded: bool = True,
        fallback_statuses: Collection[int] = (),
    ) -> None:
        self.models = tuple(models)
        self.tiers = tuple(tuple(tier) for tier in tiers)
        self.fallback_statuses = frozenset(fallback_statuses)
        self._least_loaded = least_loaded
        self._turns = 0

    def serves(self, path: str) -> bool:
        for tier in self.tiers:
            for member in tier:
                if member.upstream.serves(path):
                    return True
        return False

    def is_served_awake(self, path: str) -> bool:
        """Whether a member serves `path` that does not sleep now."""
        return any(not member.asleep and member.upstream.serves(path) for tier in self.tiers for member in tier)

    def in_order(self, members: Sequence[Member]) -> Sequence[Member]:
        """Who is asked first, second ...: in turns, and among the least loaded where that is wanted."""
        if len(members) == 1:
            return members
        self._turns += 1
        start = self._turns % len(members)
        rotated = [*members[start:], *members[:start]]
        return sorted(rotated, key=LOAD) if self._least_loaded else rotated
