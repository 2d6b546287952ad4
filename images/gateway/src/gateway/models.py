"""Which models are here? Answered by the gateway where no single upstream knows."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING
from urllib.parse import unquote

from gateway import errors
from gateway.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.exchange import Exchange
    from gateway.templates import Templates
    from gateway.upstreams.route import Route

PATH = "/v1/models"
OWNER = "berth"


class Models:
    """The models that routes name, or the one that is served where an only route takes every name; with templates."""

    def __init__(
        self, routes: Sequence[Route], model_name: str, created: int | None = None, templates: Templates | None = None
    ) -> None:
        named = dict.fromkeys(model for route in routes for model in route.models)
        models = tuple(named) or (model_name,)
        self._names = (*models, *templates.names_for(models)) if templates else models
        self._own = bool(named) or bool(templates) or not routes[0].serves(PATH)
        self._created = int(time.time()) if created is None else created

    def answers(self, path: str) -> bool:
        """Whether a request for `path` is answered here and not passed on."""
        return self._own and self.lists(path)

    def lists(self, path: str) -> bool:
        """Whether `path` is the list, or one model of it."""
        return path.startswith(PATH) and path[len(PATH) : len(PATH) + 1] in {"", "/"}

    async def answer(self, exchange: Exchange) -> None:
        """The list, or one model of it.

        Raises:
            RefusedError: 404 for another model, 405 for another method.
        """
        if exchange.method not in {"GET", "HEAD"}:
            raise RefusedError(errors.plain_http(405))
        name = unquote(exchange.path[len(PATH) :]).strip("/")
        if name and name not in self._names:
            raise RefusedError(errors.model_not_found(name, self._names))
        document = (
            self._model(name) if name else {"object": "list", "data": [self._model(name) for name in self._names]}
        )
        body = json.dumps(document).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode("ascii")),
            (b"x-request-id", exchange.request_id.encode("ascii")),
        ]
        await exchange.answer(200, headers, body)

    def _model(self, name: str) -> dict[str, str | int]:
        return {"id": name, "object": "model", "created": self._created, "owned_by": OWNER}
