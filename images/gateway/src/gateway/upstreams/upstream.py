"""What can be asked of every upstream, and how does it say that it failed?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from gateway.document import Document
    from gateway.metrics.engine_names import Reading

RawHeaders = list[tuple[bytes, bytes]]


class UnreachableError(Exception):
    """No connection came about: nothing was sent, another upstream may be asked without a second thought."""


class BrokenOffError(Exception):
    """The upstream may have seen the request, and its answer did not come or not to its end."""


class RefusedUsError(BrokenOffError):
    """The upstream does not accept the gateway's own credentials."""


@dataclass(slots=True)
class Outgoing:
    """One request as an upstream shall see it."""

    method: str
    target: str
    """Path and query as the client wrote them, from /v1 on."""
    headers: RawHeaders
    """The client's headers, before any are dropped."""
    body: bytes | None
    document: Document | None
    """The body's members where they were needed already; an upstream that needs them parses them itself."""
    request_id: str


class Answer(Protocol):
    """An answer whose head has arrived."""

    status: int
    headers: RawHeaders
    """End-to-end headers only."""
    length: int | None
    """Length of the body where it is known."""

    async def read(self) -> bytes:
        """The next bytes as they come; empty at the end.

        Raises:
            BrokenOffError: when the answer ends before its end.
        """
        ...

    async def whole(self) -> bytes:
        """All that is left of the body.

        Raises:
            BrokenOffError: as `read`.
        """
        ...

    def close(self) -> None:
        """Give the connection back after a complete answer, else cut it: so the engine learns to stop generating."""
        ...


class Upstream(Protocol):
    """One place where requests can be sent; `async with` holds its connections."""

    name: str

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def serves(self, path: str, /) -> bool:
        """Whether it has this route (a path from /v1 on, decoded)."""
        ...

    async def send(self, outgoing: Outgoing) -> Answer:
        """Send a request and wait for the answer's head.

        Raises:
            UnreachableError: nothing was sent.
            BrokenOffError: something may have been sent.
        """
        ...

    async def healthy(self) -> bool:
        """Whether requests are likely to be answered; asking costs nothing and never wakes a GPU."""
        ...

    @property
    def has_health(self) -> bool:
        """Whether `healthy` really asks: then an open breaker asks it before it lets a request try."""
        ...

    @property
    def has_readings(self) -> bool:
        """Whether it says how busy it is; asking costs nothing and never wakes a GPU."""
        ...

    async def readings(self) -> Sequence[Reading] | None:
        """What it says about itself; None when it could not be asked."""
        ...
