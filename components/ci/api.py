"""How is a forge asked over HTTP: with the token in a header alone, all pages, and patience where it asks for it?"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import urllib3

from components.ci.exit_codes import COMMENT, CiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_TRIES = 4
_LONGEST_WAIT_SECONDS = 60.0
_LONGEST_REASON = 300
_MOST_PAGES = 200
_LIMITED, _FORBIDDEN, _BAD = 429, 403, 400
_SERVER = 500
_TIMEOUT = urllib3.Timeout(connect=10, read=30)


class ApiError(CiError):
    """A forge refused a request, or did not answer it; `status` is None in that case."""

    def __init__(self, message: str, status: int | None) -> None:
        self.status = status
        super().__init__(message, COMMENT)


@dataclass(frozen=True, slots=True)
class Api:
    """The API of a forge; `headers` hold the token, which no message quotes."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False), repr=False)

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON of an answer; ApiError for a refusal, after a few tries for what may pass."""
        return self._sent(method, self._address(path), body)[0]

    def pages(self, path: str) -> Iterator[Any]:
        """Yield the entries of all pages of a list."""
        address: str | None = self._address(path)
        for _ in range(_MOST_PAGES):
            entries, links = self._sent("GET", address, None)
            yield from entries or ()
            address = self._next(address, links)
            if address is None:
                return

    def _address(self, path: str) -> str:
        return f"{self.url.rstrip('/')}/{path.lstrip('/')}"

    def _next(self, address: str, links: str) -> str | None:
        found = _next_link(links)
        if found is None:
            return None
        there = urljoin(address, found)
        # The token goes to the forge and to nobody to whom an answer may lead.
        if urlsplit(there)[:2] != urlsplit(self.url)[:2]:
            raise ApiError(f"{self.url}: the next page is said to be on another host, {urlsplit(there).netloc}", None)
        return there

    def _sent(self, method: str, address: str, body: Mapping[str, Any] | None) -> tuple[Any, str]:
        place = f"{method} {urlsplit(address).path}"
        content = None if body is None else json.dumps(body).encode()
        headers = {
            "Accept": "application/json",
            "User-Agent": "berth",
            "Content-Type": "application/json",
            **self.headers,
        }
        for left in reversed(range(_TRIES)):
            try:
                answer = self.http.request(
                    method, address, body=content, headers=headers, timeout=_TIMEOUT, redirect=False
                )
            except urllib3.exceptions.HTTPError as error:
                # Whether what was sent arrived is not known: only what changes nothing is asked again.
                if left and method != "POST":
                    self.sleep(2.0 ** (_TRIES - left - 1))
                    continue
                raise ApiError(
                    f"{place}: no answer from {urlsplit(address).netloc}: {type(error).__name__}", None
                ) from None
            wait = self._wait(answer, _TRIES - left, method)
            if wait is not None and left and wait <= _LONGEST_WAIT_SECONDS:
                self.sleep(wait)
                continue
            if answer.status >= _BAD:
                raise ApiError(_refusal(place, answer, wait), answer.status)
            return (json.loads(answer.data) if answer.data else None), answer.headers.get("Link", "")
        raise ApiError(f"{place}: no answer from {urlsplit(address).netloc}", None)

    def _wait(self, answer: urllib3.BaseHTTPResponse, tries: int, method: str) -> float | None:
        """Return the seconds after which to ask again, None where that does not help."""
        limited = answer.status == _LIMITED or (
            answer.status == _FORBIDDEN
            and (answer.headers.get("x-ratelimit-remaining") == "0" or "Retry-After" in answer.headers)
        )
        if limited:
            after = answer.headers.get("Retry-After", "")
            if after.isdigit():
                return float(after)
            reset = answer.headers.get("x-ratelimit-reset") or answer.headers.get("RateLimit-Reset") or ""
            return max(0.0, float(reset) - self.now()) + 1 if reset.isdigit() else 2.0**tries
        # A comment that a failing server may have taken would be there twice.
        return 2.0 ** (tries - 1) if answer.status >= _SERVER and method != "POST" else None


def _next_link(header: str) -> str | None:
    """Return the address of the next page.

    >>> _next_link('<https://x/y?page=1>; rel="prev", <https://x/y?page=3>; rel="next"')
    'https://x/y?page=3'
    """
    for part in header.split(","):
        address, _, parameters = part.partition(";")
        if 'rel="next"' in parameters:
            return address.strip().strip("<>")
    return None


def _refusal(place: str, answer: urllib3.BaseHTTPResponse, wait: float | None) -> str:
    try:
        document = json.loads(answer.data)
        reason = str(document.get("message") or document.get("error") or "")
    except (ValueError, AttributeError):
        reason = ""
    hint = {
        401: "; the token is missing or not valid",
        403: "; the token may not do this: comments need pull-requests: write on GitHub, a project token on GitLab",
        404: "; it is not there, or the token may not see it",
    }.get(answer.status, "")
    if wait is not None and wait > _LONGEST_WAIT_SECONDS:
        hint = f"; asked to wait for {wait:,.0f} seconds, which is too long"
    said = f": {reason[:_LONGEST_REASON]}" if reason else ""
    return f"{place}: {answer.status}{said}{hint}"
