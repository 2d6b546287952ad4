"""How is RunPod's REST v2 asked: with which key, how often, how long, and what is told of a refusal?

urllib3 comes with botocore, so it is there wherever Berth is; it follows no redirect and adds no header on its own.
"""

from __future__ import annotations

import json
import time
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3 import exceptions

from components.runpod.errors import LostAnswerError, RunpodError
from components.runpod.keys import api_key
from components.runpod.origins import is_loopback, origins
from components.runpod.refusal import refusal
from components.runpod.retry import Patience, may_ask_again, retry_after_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from urllib3 import BaseHTTPResponse

CONNECT_SECONDS = 10
READ_SECONDS = 60
_NEVER_SENT = (exceptions.NewConnectionError, exceptions.ConnectTimeoutError, exceptions.ProxyError)
_FIRST_SUCCESS, _FIRST_REDIRECT = 200, 300
_SHORTEST_SECRET = 8
_CONNECTIONS = 4
"""The engine changes as many resources at once in one provider process."""


class RunpodClient:
    """REST v2 with one key at one origin; every method raises RunpodError, `post` also LostAnswerError."""

    def __init__(
        self,
        origin: str,
        key: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        patience: Patience | None = None,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        """Connect to nothing yet; `sleep` is what waits between tries."""
        self.sleep = sleep
        self._origin = origin
        self._key = key
        self._patience = patience or Patience()
        self._timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds)

    def get(self, path: str, **query: str | int) -> Any:
        """Return what is there."""
        return self._request("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make something, once, and return it, with its id: after a lost answer nothing is sent again."""
        made = self._request("POST", path, body)
        if not (isinstance(made, dict) and isinstance(made.get("id"), str)):
            raise LostAnswerError(f"POST {path}", None, "the answer does not say what was made")
        return made

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change fields, and return what is there then."""
        return self._request("PATCH", path, body)

    def delete(self, path: str) -> None:
        """Delete something."""
        self._request("DELETE", path)

    @cached_property
    def _pool(self) -> urllib3.PoolManager:
        parts = urlsplit(self._origin)
        proxy = getproxies().get(parts.scheme)
        # A plain HTTP proxy would read the key of a plain HTTP request; that exists on this machine alone.
        if proxy and not is_loopback(parts.hostname) and not proxy_bypass(parts.hostname or ""):
            return urllib3.ProxyManager(proxy, maxsize=_CONNECTIONS)
        return urllib3.PoolManager(maxsize=_CONNECTIONS)

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        attempt, waited = 1, 0.0
        while True:
            retry_after = None
            try:
                response = self._send(method, path, body)
            except exceptions.HTTPError as error:
                failure, again = self._unanswered(method, path, error)
            else:
                if _FIRST_SUCCESS <= response.status < _FIRST_REDIRECT:
                    return self._content(method, path, response)
                failure = refusal(f"{method} {path}", self._origin, response, self._secrets(body))
                again = may_ask_again(method, response.status)
                retry_after = retry_after_seconds(response.headers.get("Retry-After"))
            wait = self._patience.next_wait(attempt, retry_after, waited) if again else None
            if wait is None:
                raise failure
            self.sleep(wait)
            attempt, waited = attempt + 1, waited + wait

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> BaseHTTPResponse:
        headers = {
            "Accept": "application/json, application/problem+json",
            "Authorization": f"Bearer {self._key}",
            "User-Agent": _user_agent(),
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._pool.request(
            method,
            self._origin + path,
            headers=headers,
            body=None if body is None else json.dumps(body).encode(),
            redirect=False,
            retries=False,
            timeout=self._timeout,
        )

    def _content(self, method: str, path: str, response: BaseHTTPResponse) -> Any:
        if method == "DELETE":
            return None
        try:
            return json.loads(response.data)
        except ValueError:
            kind = LostAnswerError if method == "POST" else RunpodError
            raise kind(f"{method} {path}", response.status, "answered with something else than JSON") from None

    def _unanswered(self, method: str, path: str, error: exceptions.HTTPError) -> tuple[RunpodError, bool]:
        """Return what to raise in the end, and whether the request may be sent again."""
        if isinstance(error, exceptions.SSLError):
            return RunpodError(f"{method} {path}", None, f"no TLS connection to {self._origin}", str(error)), False
        never_sent = isinstance(error, _NEVER_SENT)
        if never_sent:
            title = f"no connection to {self._origin}"
        elif isinstance(error, exceptions.TimeoutError):
            title = f"no answer within {self._timeout.read_timeout} s"
        else:
            title = "the connection broke before the answer was complete"
        kind = LostAnswerError if method == "POST" and not never_sent else RunpodError
        return kind(f"{method} {path}", None, title), never_sent or method != "POST"

    def _secrets(self, body: Mapping[str, Any] | None) -> list[str]:
        """What RunPod might repeat in the text of an error and nobody may read: the key, the values of variables."""
        values = [value for value in ((body or {}).get("env") or {}).values() if len(value) >= _SHORTEST_SECRET]
        # Also as they were sent, with quotes and line ends escaped.
        return [self._key, *values, *(json.dumps(value)[1:-1] for value in values)]


def connect() -> RunpodClient:
    """Return a client for the origin and with the key of this environment; raises StackError without them."""
    return RunpodClient(origins().management, api_key())


def _user_agent() -> str:
    try:
        return f"berth/{version('berth')}"
    except PackageNotFoundError:
        # The keeper's zip has modules alone.
        return "berth"


def path_of(collection: str, id_: str) -> str:
    """Return the path of one thing.

    >>> path_of("serverless", "4m7x2k9q")
    '/v2/serverless/4m7x2k9q'
    """
    return f"/v2/{collection}/{quote(id_, safe='')}"
