"""What does a caller hear whose money is used up, or cannot be counted?"""

from __future__ import annotations

import math

from gateway.errors import SERVER, ApiError

INSUFFICIENT_QUOTA = "insufficient_quota"
# What OpenAI's SDKs would otherwise try again twice within seconds.
NO_RETRY = ("x-should-retry", "false")


def budget_used_up(usd_per_month: float, wait_seconds: float) -> ApiError:
    seconds = max(1, math.ceil(wait_seconds))
    return ApiError(
        429,
        f"this key's budget of {usd_per_month:g} USD for this month is used up, or has less left than this request is"
        " likely to cost; wait for the next month, or ask the operator for more",
        INSUFFICIENT_QUOTA,
        INSUFFICIENT_QUOTA,
        (("retry-after", str(seconds)), NO_RETRY),
    )


def budget_unknown(wait_seconds: float) -> ApiError:
    seconds = max(1, math.ceil(wait_seconds))
    return ApiError(
        503,
        "what this key has spent cannot be looked up at the moment; try again soon",
        SERVER,
        "budget_unavailable",
        (("retry-after", str(seconds)),),
    )
