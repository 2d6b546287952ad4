"""The management API, REST v2: who may call it, how often, and what its parts answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.runpod import endpoint_routes, report_routes, volume_routes
from sandbox.runpod.answers import Answer, ProblemError
from sandbox.runpod.keys import require_management
from sandbox.runpod.rate_limit import RateLimit
from sandbox.runpod.routing import dispatch

if TYPE_CHECKING:
    from sandbox.runpod.account import Account
    from sandbox.runpod.request import Request

ROUTES = (*endpoint_routes.ROUTES, *volume_routes.ROUTES, *report_routes.ROUTES)
READS = frozenset({"GET", "HEAD", "OPTIONS"})
UNAUTHORIZED = 401


class Management:
    def __init__(self, account: Account, jobs_url: str) -> None:
        self._account = account
        self._jobs_url = jobs_url
        self._limit = RateLimit()

    def answer(self, request: Request) -> Answer:
        """The answer to a call below `/v2`; the caller holds the account."""
        now = self._account.advance()
        try:
            require_management(request.authorization, writes=request.method not in READS)
            self._limit.count(now)
            self._require_quota(now)
            answer = dispatch(ROUTES, self._account, request, self._jobs_url)
        except ProblemError as refusal:
            answer = refusal.answer()
            if answer.status == UNAUTHORIZED:
                return answer  # nobody's quota
        return replace(answer, headers=answer.headers | self._limit.headers(now))

    def quota_headers(self) -> dict[str, str]:
        """What every authenticated answer carries."""
        return self._limit.headers(self._account.clock.now())

    def _require_quota(self, now: float) -> None:
        exceeded = self._limit.exceeded(now)
        if exceeded and self._account.settings.enforce_rate_limits:
            window, seconds = exceeded
            detail = f"rate limit exceeded for the {window} window"
            raise ProblemError(429, detail, headers={"Retry-After": str(seconds)})
