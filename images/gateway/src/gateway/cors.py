"""May a page in a browser call this gateway? Preflights are answered here, without a key, as browsers send them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.cors import CORSMiddleware

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

READABLE = (
    "x-request-id",
    "retry-after",
    *(f"x-ratelimit-{figure}-{kind}" for figure in ("limit", "remaining", "reset") for kind in ("requests", "tokens")),
)


def with_cors(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """The same for pages of `origins`; `app` and the engines behind it hear nothing of origins.

    vLLM would otherwise allow every page by itself.
    """

    async def without_origin(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [pair for pair in scope["headers"] if pair[0] != b"origin"]
        await app({**scope, "headers": headers}, receive, send)

    return CORSMiddleware(
        without_origin, allow_origins=origins, allow_methods=["*"], allow_headers=["*"], expose_headers=READABLE
    )
