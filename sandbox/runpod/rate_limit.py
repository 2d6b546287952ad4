"""How many management calls are left in this minute, hour and day?"""

from __future__ import annotations

import math

# name, quota, seconds: the specification's example.
WINDOWS = (("minute", 60, 60), ("hour", 3000, 3600), ("day", 50_000, 86_400))
POLICY = ", ".join(f'"{name}";q={quota};w={seconds}' for name, quota, seconds in WINDOWS)


class RateLimit:
    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, int]] = {}

    def count(self, now: float) -> None:
        """One more call."""
        for name, _, seconds in WINDOWS:
            number = int(now // seconds)
            known, count = self._counts.get(name, (number, 0))
            self._counts[name] = (number, count + 1 if known == number else 1)

    def headers(self, now: float) -> dict[str, str]:
        """What every authenticated answer carries."""
        members = [f'"{name}";r={left};t={reset}' for name, left, reset in self._state(now)]
        return {"RateLimit": ", ".join(members), "RateLimit-Policy": POLICY}

    def exceeded(self, now: float) -> tuple[str, int] | None:
        """The window whose quota is used up, and after how many seconds it ends."""
        return next(((name, reset) for name, left, reset in self._state(now) if left < 0), None)

    def _state(self, now: float) -> list[tuple[str, int, int]]:
        states: list[tuple[str, int, int]] = []
        for name, quota, seconds in WINDOWS:
            number = int(now // seconds)
            known, count = self._counts.get(name, (number, 0))
            reset = math.ceil((number + 1) * seconds - now)
            states.append((name, quota - (count if known == number else 0), reset))
        return states
