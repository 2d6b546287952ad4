"""Who is calling? Bearer keys, known only by name and SHA-256."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any

SHA256_HEX = re.compile(r"[0-9a-f]{64}")
EXAMPLE = 'a JSON object such as {"team-a": "<sha256 of the key, 64 hex digits>"}'


class KeysError(ValueError):
    """The value of the keys' secret cannot be used; the message never quotes it."""


class ClientKeys:
    """The accepted keys: a name, for the log, and the hash of the secret part of each."""

    def __init__(self, digests: dict[str, str]) -> None:
        self._digests = {name: digest.encode("ascii") for name, digest in digests.items()}

    @classmethod
    def parse(cls, raw: str) -> ClientKeys:
        """Read `{"name": "sha256 hex"}`.

        Raises:
            KeysError: when it is not that, is empty, or names a key twice.
        """
        try:
            pairs: Any = json.loads(raw, object_pairs_hook=_Pairs)
        except ValueError:
            # `from None`: the JSON error carries the document, and the document may hold keys.
            raise KeysError(f"not JSON; the secret must hold {EXAMPLE}") from None
        if not isinstance(pairs, _Pairs):
            raise KeysError(f"not a JSON object; the secret must hold {EXAMPLE}")
        if not pairs:
            raise KeysError("holds no key, so nobody could call; add one, or leave the variable out to run open")
        return cls(_checked(pairs))

    def __len__(self) -> int:
        return len(self._digests)

    def name_of(self, authorization: str | None) -> str | None:
        """Name of the key in an `Authorization` header, or None; takes as long for a near miss as for a wild guess."""
        scheme, _, key = (authorization or "").partition(" ")
        digest = hashlib.sha256(key.strip().encode("utf-8", "surrogateescape")).hexdigest().encode("ascii")
        found = None
        for name, known in self._digests.items():
            if hmac.compare_digest(digest, known):
                found = name
        return found if scheme.lower() == "bearer" else None


class _Pairs(list[tuple[str, Any]]):
    """A JSON object before equal names fold into one."""


def _checked(pairs: _Pairs) -> dict[str, str]:
    digests: dict[str, str] = {}
    for name, digest in pairs:
        if not name.strip():
            raise KeysError(f"a key has no name; the secret must hold {EXAMPLE}")
        if name in digests:
            raise KeysError(f"the key {name!r} is there twice; give each key a name of its own")
        if not isinstance(digest, str) or not SHA256_HEX.fullmatch(digest.lower()):
            raise KeysError(
                f"the value of {name!r} is not a SHA-256 (64 hex digits); store the key's hash, not the key"
            )
        digests[name] = digest.lower()
    return digests
