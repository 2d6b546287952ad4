"""What does a client hear whose request or answer was refused by a check?"""

from __future__ import annotations

from gateway.errors import INVALID, SERVER, ApiError, shortened

LONGEST_REASON = 500


def refused(stage: str, reason: str) -> ApiError:
    what = "the request" if stage == "input" else "the answer"
    return ApiError(
        400,
        f"{what} was refused by the content policy: {shortened(reason, LONGEST_REASON)}",
        INVALID,
        "content_policy_violation",
    )


CHECK_FAILED = ApiError(
    503,
    "what was asked or answered cannot be checked at the moment, so it is not passed on; try again soon",
    SERVER,
    "check_unavailable",
    (("retry-after", "5"),),
)
