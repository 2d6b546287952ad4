"""May this key use the model that the request asks for?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import RefusedError
from gateway.limits.refusals import model_not_allowed
from gateway.templates import SEPARATOR

if TYPE_CHECKING:
    from gateway.exchange import Exchange


class Permit:
    """Refuses other models than the key's; where a key has a list, a request with a body must name one of them."""

    async def __call__(self, exchange: Exchange) -> None:
        models = exchange.key.terms.models if exchange.key is not None else None
        if models is None or exchange.method in {"GET", "HEAD", "OPTIONS"}:
            return
        model = exchange.document["model"] if exchange.document is not None else None
        if not isinstance(model, str):
            raise RefusedError(model_not_allowed(None, models))
        if model not in models and model.rpartition(SEPARATOR)[0] not in models:
            raise RefusedError(model_not_allowed(model, models))
