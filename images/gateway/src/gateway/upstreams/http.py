"""How does one talk HTTP to an upstream? One aiohttp session, and its failures in the gateway's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import aiohttp
from yarl import URL

from gateway.headers import end_to_end
from gateway.upstreams.upstream import BrokenOffError, RawHeaders, UnreachableError

if TYPE_CHECKING:
    from types import TracebackType

    from multidict import CIMultiDict

CONNECT_SECONDS = 5
PROBE_SECONDS = 2
# vLLM closes idle connections after 5 s (VLLM_HTTP_TIMEOUT_KEEP_ALIVE): let go first, or a request meets the closing.
IDLE_SECONDS = 3
# Behind https stands a platform's load balancer, which waits a minute, and a handshake is worth keeping.
IDLE_TLS_SECONDS = 20
HTTP_OK = 200
LOWEST_STATUS, HIGHEST_STATUS = 200, 599
KEPT_URLS = 256


class HttpClient:
    """Connections to one origin, or to a unix socket where `socket_path` is given."""

    def __init__(self, origin: str, socket_path: str | None = None) -> None:
        self.origin = origin
        self._socket_path = socket_path
        self._session: aiohttp.ClientSession | None = None
        self._urls: dict[str, URL] = {}

    async def __aenter__(self) -> Self:
        idle = IDLE_TLS_SECONDS if self.origin.startswith("https:") else IDLE_SECONDS
        connector = (
            aiohttp.UnixConnector(self._socket_path, limit=0, keepalive_timeout=idle)
            if self._socket_path
            else aiohttp.TCPConnector(limit=0, keepalive_timeout=idle)
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
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

    async def request(self, method: str, path: str, headers: CIMultiDict[str], body: bytes | None) -> HttpAnswer:
        """Send a request and wait for the answer's head; `path` is sent as it is.

        Raises:
            UnreachableError: nothing was sent.
            BrokenOffError: the upstream may have seen the request.
        """
        try:
            response = await self._open_session().request(
                method, self._url(path), headers=headers, data=body, allow_redirects=False
            )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise UnreachableError(type(error).__name__) from None
        except (aiohttp.ClientError, ConnectionError) as error:
            raise BrokenOffError(type(error).__name__) from None
        if not LOWEST_STATUS <= response.status <= HIGHEST_STATUS:
            response.close()
            raise BrokenOffError(f"status {response.status}")
        return HttpAnswer(response)

    async def probe(self, path: str, headers: dict[str, str] | None = None) -> str | None:
        """What a route of the server's own says, where it answers 200 within two seconds."""
        try:
            limit = aiohttp.ClientTimeout(total=PROBE_SECONDS)
            url = self.origin + path
            async with self._open_session().get(url, headers=headers, timeout=limit, allow_redirects=False) as answer:
                text = await answer.text(errors="replace")
                return text if answer.status == HTTP_OK else None
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None

    def _url(self, path: str) -> URL:
        url = self._urls.get(path)
        if url is None:
            url = URL(self.origin + path, encoded=True)
            if len(self._urls) < KEPT_URLS and "?" not in path:
                self._urls[path] = url
        return url

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the upstream is used outside of its 'async with'")
        return self._session


class HttpAnswer:
    """An answer passed on as it comes."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._content = response.content
        self.status = response.status
        self.headers: RawHeaders = end_to_end(response.raw_headers)
        self.length = response.content_length

    async def read(self) -> bytes:
        try:
            return await self._content.readany()
        except (aiohttp.ClientError, ConnectionError) as error:
            raise BrokenOffError(type(error).__name__) from None

    async def whole(self) -> bytes:
        try:
            return await self._response.read()
        except (aiohttp.ClientError, ConnectionError) as error:
            raise BrokenOffError(type(error).__name__) from None

    def close(self) -> None:
        self._response.close()


class FixedAnswer:
    """An answer that was made here."""

    def __init__(self, status: int, headers: RawHeaders, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.length: int | None = len(body)
        self._body = body

    async def read(self) -> bytes:
        body, self._body = self._body, b""
        return body

    async def whole(self) -> bytes:
        return await self.read()

    def close(self) -> None:
        """Nothing is held."""


def header(answer: HttpAnswer | Any, name: bytes) -> str | None:
    """Value of the first header of that name, or None."""
    for key, value in answer.headers:
        if key == name:
            return value.decode("latin-1")
    return None
