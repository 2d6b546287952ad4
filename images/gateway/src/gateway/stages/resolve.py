"""Which route takes the request? The one that serves the model which its body names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway import errors
from gateway.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.exchange import Exchange
    from gateway.models import Models
    from gateway.upstreams.route import Route


class Resolve:
    """Fills `route`, and answers /v1/models where no upstream knows all models."""

    def __init__(self, routes: Sequence[Route], models: Models) -> None:
        self._models = models
        self._first = routes[0]
        self._any = next((route for route in routes if not route.models), None)
        self._by_model = {model: route for route in reversed(routes) for model in route.models}

    async def __call__(self, exchange: Exchange) -> None:
        if self._models.answers(exchange.path):
            await self._models.answer(exchange)
        elif not self._by_model:
            # One route for everything: the body is none of the gateway's business.
            exchange.route = self._first
        else:
            exchange.route = self._route_of(exchange)

    def _route_of(self, exchange: Exchange) -> Route:
        document = exchange.document
        model = document["model"] if document is not None else None
        if model is None:
            return self._first
        if not isinstance(model, str):
            raise RefusedError(errors.bad_body("model is not a string", "model"))
        route = self._by_model.get(model, self._any)
        if route is None:
            raise RefusedError(errors.model_not_found(model, tuple(self._by_model)))
        return route
