"""How does waiting pass time? Tests pass a clock of their own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds that only grow, and a way to let them pass."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def spoken(seconds: float) -> str:
    """Return a duration as people say it.

    >>> spoken(45), spoken(180), spoken(3900)
    ('45 s', '3 min', '1 h 5 min')
    """
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(int(seconds // MINUTE), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
