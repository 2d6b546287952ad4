"""How does the gateway show an upstream who it is? With a key of its own; the client's never goes further."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.config.secret import Secret


class FixedCredentials:
    """A bearer key and further secret headers; a rotated file is seen at the next request."""

    def __init__(self, key: Secret | None, headers: Mapping[str, Secret] | None = None) -> None:
        self._key = key
        self._headers = dict(headers or {})

    async def headers(self) -> Mapping[str, str]:
        found = {name: secret.value for name, secret in self._headers.items()}
        if self._key is not None:
            found["authorization"] = f"Bearer {self._key.value}"
        return found
