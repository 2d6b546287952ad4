"""What does a caller hear who uses too much? OpenAI's errors, with the time after which it is worth trying again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gateway.errors import INVALID, ApiError, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

RATE_LIMIT_EXCEEDED = "rate_limit_exceeded"
# Nobody knows when one of the running requests will be over.
CONCURRENCY_RETRY_SECONDS = 1


def too_many_requests(per_minute: int, wait_seconds: float) -> ApiError:
    return _rate(f"this key may send {per_minute} requests per minute", "requests", wait_seconds)


def too_many_tokens(per_minute: int, asked: int, wait_seconds: float) -> ApiError:
    sentence = f"this key may use {per_minute} tokens per minute, and this request is estimated at {asked}"
    return _rate(sentence, "tokens", wait_seconds)


def too_many_at_once(concurrency: int) -> ApiError:
    sentence = f"this key may have {concurrency} requests running at the same time"
    return _rate(sentence, "requests", CONCURRENCY_RETRY_SECONDS)


def model_not_allowed(model: str | None, models: Iterable[str]) -> ApiError:
    asked = "a model that is not named" if model is None else f"the model {shortened(model)!r}"
    return ApiError(
        403,
        f"this key may not use {asked}; use one of: {', '.join(models)}",
        INVALID,
        "model_not_allowed",
        (),
        "model",
    )


def _rate(sentence: str, kind: str, wait_seconds: float) -> ApiError:
    seconds = max(1, math.ceil(wait_seconds))
    return ApiError(
        429,
        f"{sentence}; try again in {seconds} s",
        kind,
        RATE_LIMIT_EXCEEDED,
        (("retry-after", str(seconds)),),
    )
