"""How does a chat hear of something? By one POST to an address that is a secret, and is never shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import urllib3

from components.keeper.runtime.errors import KeeperError

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.keeper.runtime.calls import Calls

LIMIT_SECONDS = 5.0
_FIRST_SUCCESS, _FIRST_REDIRECT = 200, 300
_REGION = 3
"""Its place in an ARN."""


class Webhook:
    """Sends `{"text": ...}` to the address that a secret holds."""

    def __init__(
        self, clients: Callable[[str, str | None], Any], calls: Calls, pool: urllib3.PoolManager | None = None
    ) -> None:
        """`pool` is what makes connections."""
        self._clients, self._calls = clients, calls
        self._pool = pool or urllib3.PoolManager()

    def send(self, secret_arn: str, text: str) -> None:
        """Send once, and wait for at most five seconds; raises KeeperError, which does not name the address."""
        secrets = self._clients("secretsmanager", secret_arn.split(":")[_REGION])
        address = self._calls(secrets.get_secret_value, SecretId=secret_arn).get("SecretString", "").strip()
        if not _is_https(address):
            raise KeeperError(f"webhook: {secret_arn} does not hold an https address")
        try:
            answer = self._pool.request(
                "POST",
                address,
                body=json.dumps({"text": text}).encode(),
                headers={"Content-Type": "application/json"},
                timeout=LIMIT_SECONDS,
                retries=False,
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            # Its text has the address.
            raise KeeperError(
                f"webhook: the address of {secret_arn} does not answer ({type(error).__name__})"
            ) from None
        if not _FIRST_SUCCESS <= answer.status < _FIRST_REDIRECT:
            raise KeeperError(f"webhook: the address of {secret_arn} answered {answer.status}")


def _is_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname)
