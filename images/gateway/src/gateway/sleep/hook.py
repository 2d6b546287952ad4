"""How is the keeper asked to wake the service? One POST with the service's name and the caller's key id."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, Self
from urllib.parse import urlsplit

import aiohttp

from gateway.sleep.state import StateError, seconds_of
from gateway.upstreams.aws import AwsCredentials, signed
from gateway.upstreams.upstream import UnreachableError

if TYPE_CHECKING:
    from types import TracebackType

ASK_SECONDS = 10.0
LAMBDA_URL = re.compile(r"^[a-z0-9]+\.lambda-url\.([a-z0-9-]+)\.on\.aws$")
ACCEPTED, OUTSIDE_HOURS, UNDER_WAY = 202, 409, 429


class Verdict(Enum):
    """What the keeper says."""

    ACCEPTED = "accepted"
    UNDER_WAY = "under way"
    OUTSIDE_HOURS = "outside hours"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WakeAnswer:
    """The keeper's answer, as far as it says something."""

    verdict: Verdict
    expected_seconds: float | None = None
    next_wake: float | None = None
    """Seconds since the epoch."""
    reason: str = ""


class WakeHook(Protocol):
    """Whoever can wake the service; `async with` holds what asking takes."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    async def wake(self, service: str, key_id: str) -> WakeAnswer:
        """Ask once; never raises for what goes wrong on the way."""
        ...


class HttpHook:
    """The keeper's address. A Lambda function's URL wants a signature (AWS_IAM); other addresses get none."""

    def __init__(self, url: str, credentials: AwsCredentials | None = None) -> None:
        self._url = url
        lambda_url = LAMBDA_URL.match(urlsplit(url).hostname or "")
        self._region = lambda_url[1] if lambda_url else None
        self._credentials = credentials or AwsCredentials()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        limit = aiohttp.ClientTimeout(total=ASK_SECONDS)
        self._session = aiohttp.ClientSession(timeout=limit, cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def wake(self, service: str, key_id: str) -> WakeAnswer:
        if self._session is None:
            raise RuntimeError("the hook is used outside of its 'async with'")
        body = json.dumps({"service": service, "key_id": key_id}).encode()
        try:
            headers = await self.headers(body)
            async with self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer:
                return read_answer(answer.status, answer.headers.get("retry-after"), await answer.read())
        except (aiohttp.ClientError, TimeoutError, OSError, UnreachableError) as error:
            return WakeAnswer(Verdict.FAILED, reason=type(error).__name__)

    async def headers(self, body: bytes) -> dict[str, str]:
        """The request's headers, signed where the address is a Lambda function's."""
        headers = {"content-type": "application/json"}
        if self._region is None:
            return headers
        credentials = await self._credentials.current()
        return signed(self._url, self._region, headers, body, credentials, service="lambda")


def read_answer(status: int, retry_after: str | None, body: bytes) -> WakeAnswer:
    """What an answer of the hook means; its body and `Retry-After` may be missing.

    >>> read_answer(202, None, b'{"expected_seconds": 420}').expected_seconds
    420.0
    """
    verdicts = {
        ACCEPTED: Verdict.ACCEPTED,
        UNDER_WAY: Verdict.UNDER_WAY,
        OUTSIDE_HOURS: Verdict.OUTSIDE_HOURS,
    }
    if status not in verdicts:
        return WakeAnswer(Verdict.FAILED, reason=f"status {status}")
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    members: dict[str, Any] = document if isinstance(document, dict) else {}
    seconds = members.get("expected_seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        seconds = int(retry_after) if retry_after and retry_after.isdecimal() else None
    try:
        next_wake = seconds_of(members, "next_wake")
    except StateError:
        next_wake = None
    return WakeAnswer(verdicts[status], None if seconds is None else float(seconds), next_wake)
