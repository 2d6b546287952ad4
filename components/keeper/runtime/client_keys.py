"""Whose key does a request carry? The document of the gateway's keys, as far as who may wake a service needs it.

Whether it is written as it should be, the gateways say, which refuse one that is not.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ClientKey:
    """One caller."""

    name: str
    may_wake: bool
    expires: datetime | None = None


class ClientKeys:
    """The callers of a service by the hashes of their keys."""

    def __init__(self, known: Mapping[bytes, ClientKey]) -> None:
        self._known = known

    @classmethod
    def parse(cls, text: str) -> ClientKeys:
        """Read `{"name": "sha256 hex"}` or `{"name": {"sha256": ["hex"], "may_wake": true, "expires": ...}}`.

        Raises:
            ValueError: it is not that; the message never quotes it.
        """
        try:
            found: dict[str, Any] = json.loads(text)
            known = {
                bytes.fromhex(digest): _key(name, entry) for name, entry in found.items() for digest in _digests(entry)
            }
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            # `from None`: the error of JSON carries the document.
            raise ValueError("it is no document of client keys") from None
        return cls(known)

    def find(self, authorization: str | None) -> ClientKey | None:
        """Return whose key an `Authorization` header holds; a near miss takes as long as a wild guess."""
        scheme, _, secret = (authorization or "").partition(" ")
        digest = hashlib.sha256(secret.strip().encode("utf-8", "surrogateescape")).digest()
        found = None
        for known, key in self._known.items():
            if hmac.compare_digest(digest, known):
                found = key
        return found if scheme.lower() == "bearer" else None


def _key(name: str, entry: Any) -> ClientKey:
    if isinstance(entry, str):
        return ClientKey(name, may_wake=False)
    expires = None if entry.get("expires") is None else datetime.fromisoformat(entry["expires"])
    if expires is not None and expires.tzinfo is None:
        raise ValueError("without a zone")
    return ClientKey(name, may_wake=entry.get("may_wake") is True, expires=expires)


def _digests(entry: Any) -> list[str]:
    digests = entry if isinstance(entry, str) else entry["sha256"]
    return [digests] if isinstance(digests, str) else list(digests)
