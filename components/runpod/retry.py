"""How long is RunPod given before an answer is an answer?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

BUSY = frozenset({429, 502, 503, 504})
"""Answers after which the same question may be asked again, except that a POST may be only after a 429."""
_RATE_LIMITED = 429
_FIRST_WAIT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is tried, and how long all its waits may be together."""

    tries: int = 5
    wait_seconds: float = 120.0

    def next_wait(self, attempt: int, retry_after: float | None, waited: float) -> float | None:
        """Return the seconds to wait after this attempt (the first is 1), None to give up.

        A wait that RunPod asks for is kept in full or not begun: asking early would be refused again. One that is
        shorter than our own, as 0, is not believed: all tries would be over at once.

        >>> Patience().next_wait(3, None, 3.0), Patience().next_wait(1, 12.0, 0.0), Patience().next_wait(1, 121.0, 0.0)
        (4.0, 12.0, None)
        >>> Patience().next_wait(2, 0.0, 1.0)
        2.0
        """
        if attempt >= self.tries:
            return None
        wait = max(_FIRST_WAIT_SECONDS * 2 ** (attempt - 1), retry_after or 0.0)
        return wait if waited + wait <= self.wait_seconds else None


def may_ask_again(method: str, status: int) -> bool:
    """Tell whether the same request may be sent again after this answer.

    A 429 refuses a request before it is carried out. Any other failure of a POST may come after the work was done.

    >>> may_ask_again("PATCH", 502), may_ask_again("POST", 502), may_ask_again("POST", 429), may_ask_again("GET", 400)
    (True, False, True, False)
    """
    return status == _RATE_LIMITED if method == "POST" else status in BUSY


def retry_after_seconds(header: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds that a Retry-After header asks for, by a number or a date; None when it has neither.

    >>> retry_after_seconds("12"), retry_after_seconds("soon"), retry_after_seconds("-1"), retry_after_seconds(None)
    (12.0, None, None, None)
    >>> noon = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    >>> [retry_after_seconds(f"Sat, 21 Nov 2026 {time} GMT", noon) for time in ("12:00:30", "11:00:00")]
    [30.0, 0.0]
    """
    text = (header or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    # HTTP dates are in GMT, whether they say so or not.
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - (now or datetime.now(UTC))).total_seconds())
