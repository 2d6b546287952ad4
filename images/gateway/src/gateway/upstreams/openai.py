"""How is a request passed to vLLM, TGI, or any server or hosted API that speaks OpenAI's protocol? As it came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import urlsplit

from gateway.config.upstreams import UNIX
from gateway.headers import to_upstream
from gateway.metrics.engine_names import readings_in
from gateway.upstreams.http import HttpClient
from gateway.upstreams.upstream import RefusedUsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from gateway.metrics.engine_names import Reading
    from gateway.upstreams.upstream import Answer, Outgoing

VERSION = "/v1"
CREDENTIALS_REFUSED = frozenset({401, 403})
HEALTH_PATH, METRICS_PATH = "/health", "/metrics"


class Credentials(Protocol):
    """What the gateway sends to show who it is."""

    async def headers(self) -> Mapping[str, str]: ...


class OpenAiUpstream:
    """A server at `url`: its origin (then /v1 is understood), its base URL with a path, or a unix socket."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        credentials: Credentials | None = None,
        health_path: str | None = None,
        metrics_path: str | None = None,
        serves: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self.name = name
        self.serves = serves
        socket_path = url.removeprefix(UNIX) if url.startswith(UNIX) else None
        path = "" if socket_path else urlsplit(url).path.rstrip("/")
        self._base_path = path or VERSION
        self._health_path = health_path
        self._metrics_path = metrics_path
        origin = "http://localhost" if socket_path else url.removesuffix("/")[: -len(path) or None]
        self._client = HttpClient(origin.rstrip("/"), socket_path)
        self._credentials = credentials

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, traceback)

    async def send(self, outgoing: Outgoing) -> Answer:
        headers = to_upstream(outgoing.headers, outgoing.request_id)
        if self._credentials is not None:
            headers.update(await self._credentials.headers())
        path = self._base_path + outgoing.target.removeprefix(VERSION)
        answer = await self._client.request(outgoing.method, path, headers, outgoing.body)
        if answer.status in CREDENTIALS_REFUSED and self._credentials is not None:
            # It is the gateway's key that is wrong; to the client this must not look like its own.
            answer.close()
            raise RefusedUsError(f"status {answer.status}")
        return answer

    @property
    def has_health(self) -> bool:
        return self._health_path is not None

    async def healthy(self) -> bool:
        """Whether the health path answers 200; a hosted API has none and counts as healthy."""
        return self._health_path is None or await self.probe(self._health_path) is not None

    async def probe(self, path: str) -> str | None:
        """What a path of the same origin says to a GET with the gateway's credentials; None unless it answers 200."""
        credentials = await self._credentials.headers() if self._credentials is not None else {}
        return await self._client.probe(path, dict(credentials))

    @property
    def has_readings(self) -> bool:
        return self._metrics_path is not None

    async def readings(self) -> list[Reading] | None:
        """What an engine shows of itself."""
        text = await self.probe(self._metrics_path) if self._metrics_path is not None else None
        return None if text is None else readings_in(text)
