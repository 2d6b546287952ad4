"""How is an endpoint watched until it is where it should be, with the user told on the way?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.sagemaker.clock import spoken
from components.sagemaker.failures import EndpointError, TimedOutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.sagemaker.api import EndpointApi, Seen
    from components.sagemaker.clock import Clock

MOVING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
"""States that pass by themselves; until then AWS refuses every other order."""
APPEARS_SECONDS = 120
"""How long an order may take to show in what DescribeEndpoint answers."""
HEARTBEAT_SECONDS = 60
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 15.0


def moving(seen: Seen | None) -> bool:
    """Whether something is under way."""
    return seen is not None and seen.status in MOVING


class Watch:
    """Asks for the state of one endpoint again and again, less and less often."""

    def __init__(self, name: str, api: EndpointApi, clock: Clock, say: Callable[[str], None]) -> None:
        """`say` gets a line at each change of state, and one per minute in between."""
        self._name, self._api, self._clock, self._say = name, api, clock, say

    def settled(self, *, limit_seconds: float) -> Seen | None:
        """Wait until nothing is under way; None when there is no endpoint."""
        return self._until(lambda seen, _: not moving(seen), limit_seconds)

    def created(self, *, limit_seconds: float) -> Seen:
        """Wait until an endpoint that was ordered just now serves, or has failed."""
        return self._there(lambda seen, elapsed: elapsed > APPEARS_SECONDS or seen is not None, limit_seconds)

    def appeared(self) -> Seen | None:
        """Wait for an endpoint of which nobody knows whether its order was heard; None when none came up."""
        return self._until(lambda seen, elapsed: seen is not None or elapsed > APPEARS_SECONDS, 2 * APPEARS_SECONDS)

    def updated(self, config_name: str, *, limit_seconds: float) -> Seen:
        """Wait until an update that was ordered just now is done, or has been taken back."""
        began = False

        def shows(seen: Seen | None, elapsed: float) -> bool:
            nonlocal began
            began = began or moving(seen)
            return began or elapsed > APPEARS_SECONDS or seen is None or seen.config_name == config_name

        return self._there(shows, limit_seconds)

    def counted(self, count: int, *, limit_seconds: float) -> Seen:
        """Wait until a number of instances that was ordered just now runs."""
        return self._there(
            lambda seen, elapsed: elapsed > APPEARS_SECONDS or seen is None or seen.running == count, limit_seconds
        )

    def gone(self, *, limit_seconds: float) -> Seen | None:
        """Wait until there is no endpoint, or until one stays although its end was ordered."""
        return self._until(
            lambda seen, elapsed: seen is None or (not moving(seen) and elapsed > APPEARS_SECONDS), limit_seconds
        )

    def _there(self, shows: Callable[[Seen | None, float], bool], limit_seconds: float) -> Seen:
        seen = self._until(lambda seen, elapsed: shows(seen, elapsed) and not moving(seen), limit_seconds)
        if seen is None:
            raise EndpointError(f"{self._name}: the endpoint is not there any more; somebody deleted it meanwhile")
        return seen

    def _until(self, done: Callable[[Seen | None, float], bool], limit_seconds: float) -> Seen | None:
        start = told = self._clock.now()
        shown: tuple[str, ...] | None = None
        pause = _FIRST_PAUSE_SECONDS
        while True:
            seen = self._api.describe()
            elapsed = self._clock.now() - start
            words = (seen.status, *seen.phases) if seen else ("absent",)
            if done(seen, elapsed):
                if shown is not None:
                    self._say(f"{self._name}: {_phrase(words)} after {spoken(elapsed)}")
                return seen
            if elapsed >= limit_seconds:
                raise TimedOutError(f"{self._name}: still {_phrase(words)} after {spoken(elapsed)}, which is the limit")
            if words != shown:
                self._say(f"{self._name}: {_phrase(words)}")
                shown, told = words, self._clock.now()
            elif self._clock.now() - told >= HEARTBEAT_SECONDS:
                self._say(f"{self._name}: still {_phrase(words)} after {spoken(elapsed)}")
                told = self._clock.now()
            self._clock.sleep(min(pause, max(limit_seconds - elapsed, _FIRST_PAUSE_SECONDS)))
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def _phrase(words: tuple[str, ...]) -> str:
    """Join a state and its phases.

    >>> _phrase(("Updating", "Creating", "Baking"))
    'Updating (Creating, Baking)'
    """
    return words[0] if len(words) == 1 else f"{words[0]} ({', '.join(words[1:])})"
