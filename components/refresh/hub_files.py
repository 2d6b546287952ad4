"""How a file of the Hugging Face Hub is downloaded: from which address, with which token, what a refusal says.

The token goes to the hub's own address alone, and appears in no message.
"""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from components.refresh.source import RefreshError
from components.runpod.origins import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import urllib3

ENDPOINT, TOKEN = "HF_ENDPOINT", "HF_TOKEN"
_DEFAULT = "https://huggingface.co"
_SECONDS = 20
_MOST_BYTES = 2_000_000
_MOST_REDIRECTS = 3
_OK, _FIRST_REDIRECT, _FIRST_ERROR = 200, 300, 400
_WHY = {
    401: f"is gated or does not exist: accept its licence, and export {TOKEN}",
    403: f"is gated: accept its licence with the account of {TOKEN}",
    404: "does not exist there, or has no config.json",
    429: "was refused, too many requests: try again later",
}


def config_files(
    model_ids: Iterable[str], environment: Mapping[str, str] = os.environ
) -> tuple[dict[str, bytes], list[str]]:
    """Return the config.json of models, and a line for each that the hub refused.

    Raises:
        RefreshError: the hub cannot be reached, or its address is one that no token may be sent to.
    """
    import urllib3  # noqa: PLC0415 (only a refresh needs it)

    origin = _origin(environment.get(ENDPOINT) or _DEFAULT)
    token = (environment.get(TOKEN) or "").strip()
    headers = {"User-Agent": f"berth/{version('berth')}", **({"Authorization": f"Bearer {token}"} if token else {})}
    pool = urllib3.PoolManager(headers=headers, timeout=urllib3.Timeout(_SECONDS), retries=urllib3.Retry(2, redirect=0))
    found: dict[str, bytes] = {}
    refused: list[str] = []
    for model_id in model_ids:
        try:
            found[model_id] = _file(pool, origin, f"/{quote(model_id)}/resolve/main/config.json")
        except _RefusedError as error:
            refused.append(f"{model_id} {error}")
        except urllib3.exceptions.HTTPError as error:
            kind = type(getattr(error, "reason", None) or error).__name__
            raise RefreshError(f"hub: no answer from {origin} ({kind}); check the network, or {ENDPOINT}") from None
    return found, refused


class _RefusedError(Exception):
    """One file is not to be had; the others may be."""


def _file(pool: urllib3.PoolManager, origin: str, path: str) -> bytes:
    address = origin + path
    for _ in range(_MOST_REDIRECTS):
        response = pool.request("GET", address, redirect=False, preload_content=False)
        try:
            status = response.status
            if status == _OK:
                content = response.read(_MOST_BYTES + 1)
                if len(content) > _MOST_BYTES:
                    raise _RefusedError("has a config.json of more than 2 MB, which is none")
                return content
            location = response.headers.get("Location", "")
        finally:
            response.release_conn()
        if not _FIRST_REDIRECT <= status < _FIRST_ERROR or not location:
            raise _RefusedError(_WHY.get(status, f"was answered with status {status}"))
        address = urljoin(address, location)
        if not address.startswith(f"{origin}/"):
            raise _RefusedError("leads to another host, which is not asked")
    raise _RefusedError("leads from one address to the next")


def _origin(address: str) -> str:
    origin = address.rstrip("/")
    parts = urlsplit(origin)
    plain = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    if not plain or not parts.hostname or parts.username or parts.password or parts.query:
        raise RefreshError(f"hub: {ENDPOINT} is no plain https address; unset it, or write one as {_DEFAULT}")
    return origin
