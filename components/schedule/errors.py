"""How does a refused schedule read? What is wrong where, what is allowed, and what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ScheduleError(ValueError):
    """A text is no schedule, or an instant has no zone.

    `place` is a part of the text (`window 2`), `value` what stands there, `allowed` why it is refused, `fix` a way out.

    >>> str(ScheduleError("window 2", "08:60", "is not a time of day", "use 00:00 to 24:00"))
    'window 2: 08:60 is not a time of day; use 00:00 to 24:00'
    """

    def __init__(self, place: str, value: str, allowed: str, fix: str) -> None:
        self.place = place
        self.value = value
        self.allowed = allowed
        self.fix = fix
        super().__init__(f"{self.reason}; {fix}")

    @property
    def reason(self) -> str:
        """The message without the fix."""
        said = f"{self.value} {self.allowed}" if self.value else self.allowed
        return f"{self.place}: {said}" if self.place else said


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed word that is most like `word` in whatever case, None when none is.

    >>> nearest("monday", ["Mon", "Tue"]), nearest("xyz", ["Mon", "Tue"])
    ('Mon', None)
    """
    from difflib import get_close_matches  # noqa: PLC0415 - for what goes wrong alone

    by_lower = {candidate.lower(): candidate for candidate in allowed}
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[near[0]] if near else None
