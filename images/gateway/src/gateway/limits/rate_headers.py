"""How does a client see what is left of its rates? In the headers that OpenAI's API sends.

Source: OpenAI API reference, rate limits in headers (2026-11).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gateway.limits.bucket import Bucket

RawHeaders = list[tuple[bytes, bytes]]
Kind = Literal["requests", "tokens"]
SECONDS_PER_MINUTE = 60
NAMES: dict[Kind, tuple[bytes, bytes, bytes]] = {
    "requests": (b"x-ratelimit-limit-requests", b"x-ratelimit-remaining-requests", b"x-ratelimit-reset-requests"),
    "tokens": (b"x-ratelimit-limit-tokens", b"x-ratelimit-remaining-tokens", b"x-ratelimit-reset-tokens"),
}


def rate_headers(kind: Kind, bucket: Bucket, now: float) -> RawHeaders:
    """Limit, remainder and time until the bucket is full."""
    limit_name, remaining_name, reset_name = NAMES[kind]
    remaining, reset_seconds = bucket.standing(now)
    return [
        (limit_name, b"%d" % bucket.per_minute),
        (remaining_name, b"%d" % remaining),
        (reset_name, duration(reset_seconds)),
    ]


def duration(seconds: float) -> bytes:
    """As OpenAI writes it.

    >>> duration(0.0171), duration(8.64), duration(360.0), duration(89.9996)
    (b'18ms', b'8.64s', b'6m0s', b'1m30s')
    """
    milliseconds = math.ceil(seconds * 1000)
    if milliseconds < 1000:  # noqa: PLR2004 of a second
        return b"%dms" % milliseconds
    if milliseconds < SECONDS_PER_MINUTE * 1000:
        return b"%gs" % (milliseconds / 1000)
    minutes, rest = divmod(milliseconds / 1000, SECONDS_PER_MINUTE)
    return b"%dm%gs" % (minutes, rest)
