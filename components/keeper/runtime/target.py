"""What can the keeper ask and order of a platform? Each of the three has one such object for one service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from components.keeper.runtime.decision import Depth
    from components.keeper.runtime.facts import Capacity, Traffic


class Target(Protocol):
    """One service on its platform. Orders are idempotent and return at once: the next run sees what came of them."""

    def capacity(self) -> Capacity:
        """Return what there is now; `KeeperError` when the platform does not say."""
        ...

    def traffic(self, since: datetime, now: datetime) -> Traffic:
        """Return what clients asked in a span; unknown where the platform has no figures for all of it."""
        ...

    def billed_usd(self, now: datetime) -> float | None:
        """Return what the platform's own bill says of this month so far; None where it has none at hand."""
        ...

    def wake(self, capacity: Capacity, attempts: int) -> str:
        """Make the service awake, within the limits of its configuration; return what was ordered, empty for nothing.

        `attempts` counts failed starts: where there are alternatives, the next one is tried.

        Raises:
            NoCapacityError: the platform has nothing to give.
            BusyError: it is in the middle of something.
            KeeperError: it refuses.
        """
        ...

    def sleep(self, capacity: Capacity, depth: Depth) -> str:
        """Make the service cost nothing, answers under way finished; return what was ordered, empty for nothing.

        Raises:
            BusyError: it is in the middle of something.
            KeeperError: it refuses.
        """
        ...
