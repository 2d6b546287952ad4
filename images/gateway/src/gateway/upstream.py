"""Where do requests go? One OpenAI-compatible server over HTTP, with its health and its queue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

import aiohttp
from yarl import URL

if TYPE_CHECKING:
    from types import TracebackType

    from multidict import CIMultiDict

CONNECT_SECONDS = 5
PROBE_SECONDS = 2
# vLLM closes idle connections after 5 s (VLLM_HTTP_TIMEOUT_KEEP_ALIVE): let go first, or a request meets the closing.
IDLE_SECONDS = 3
HTTP_OK = 200
WAITING = re.compile(r"^vllm:num_requests_waiting(?:\{[^}]*\})? ([0-9.eE+]+)", re.MULTILINE)


class Upstream:
    """An engine at `url`; `async with` holds its connections."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            auto_decompress=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._open_session().close()

    async def send(
        self, method: str, target: str, headers: CIMultiDict[str], body: bytes | None
    ) -> aiohttp.ClientResponse:
        """Send a request and wait for the answer's head; `target` is path and query exactly as the client wrote them.

        Raises:
            aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError: nothing was sent.
            aiohttp.ClientError: the engine may have seen the request.
        """
        url = URL(self.url + target, encoded=True)
        return await self._open_session().request(method, url, headers=headers, data=body, allow_redirects=False)

    async def healthy(self) -> bool:
        """Whether `/health` answers 200."""
        return await self._probe("/health") is not None

    async def queued(self) -> int:
        """Requests waiting inside the engine, over all its processes; 0 where it does not say."""
        text = await self._probe("/metrics")
        return round(sum(float(value) for value in WAITING.findall(text or "")))

    async def _probe(self, path: str) -> str | None:
        try:
            limit = aiohttp.ClientTimeout(total=PROBE_SECONDS)
            async with self._open_session().get(self.url + path, timeout=limit, allow_redirects=False) as answer:
                text = await answer.text(errors="replace")
                return text if answer.status == HTTP_OK else None
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the upstream is used outside of its 'async with'")
        return self._session
