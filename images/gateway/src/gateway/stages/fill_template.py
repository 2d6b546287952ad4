"""Does the request ask for a prompt template? Then its body is written anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.exchange import Exchange
    from gateway.templates import Templates


class FillTemplate:
    """Changes `body` where the model's name ends in a template's; only there where templates are configured."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    async def __call__(self, exchange: Exchange) -> None:
        document = exchange.document
        if document is None:
            return
        body = self._templates.filled_in(document, exchange.path)
        if body is not None:
            exchange.rewrite(body)
