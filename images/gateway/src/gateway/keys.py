"""Who is calling? Bearer keys, known only by name and SHA-256."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gateway.key_document import KeysError, entries

if TYPE_CHECKING:
    from gateway.config.keys import KeyTerms

__all__ = ["ClientKeys", "Key", "KeysError"]


@dataclass(frozen=True, slots=True)
class Key:
    """One caller: a name for logs and limits, and what it may use."""

    name: str
    terms: KeyTerms
    expires_at: float | None = None
    """Seconds since the epoch."""


class ClientKeys:
    """The accepted keys, each with the hashes of what its caller may send."""

    def __init__(self, known: list[tuple[bytes, Key]]) -> None:
        self._known = known

    @classmethod
    def parse(cls, raw: str) -> ClientKeys:
        """Read `{"name": "sha256 hex"}` or `{"name": {"sha256": "hex", "requests_per_minute": 60 ...}}`.

        Raises:
            KeysError: when it is not that, is empty, or names a key twice.
        """
        known: list[tuple[bytes, Key]] = []
        for name, entry in entries(raw).items():
            key = Key(name, entry.terms(), None if entry.expires is None else entry.expires.timestamp())
            known += [(bytes.fromhex(digest), key) for digest in entry.digests]
        return cls(known)

    def with_defaults(self, defaults: KeyTerms) -> ClientKeys:
        """The same keys; what one does not say itself is as `defaults` say."""
        merged = {
            key.name: replace(key, terms=defaults.model_copy(update=key.terms.model_dump(exclude_unset=True)))
            for key in self.all()
        }
        return ClientKeys([(digest, merged[key.name]) for digest, key in self._known])

    def __len__(self) -> int:
        return len(self.all())

    def all(self) -> tuple[Key, ...]:
        return tuple({key.name: key for _, key in self._known}.values())

    def find(self, authorization: str | None) -> Key | None:
        """Whose key an `Authorization` header holds; takes as long for a near miss as for a wild guess."""
        scheme, _, secret = (authorization or "").partition(" ")
        digest = hashlib.sha256(secret.strip().encode("utf-8", "surrogateescape")).digest()
        found = None
        for known, key in self._known:
            if hmac.compare_digest(digest, known):
                found = key
        return found if scheme.lower() == "bearer" else None

    def name_of(self, authorization: str | None) -> str | None:
        """Name of that key."""
        key = self.find(authorization)
        return None if key is None else key.name
