"""What stands on the disk in place of a secret value? A keyed hash, equal for equal values."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Placeholders:
    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self._key: bytes | None = None

    def of(self, value: str) -> str:
        digest = hmac.new(self._load_key(), value.encode(), hashlib.sha256).hexdigest()[:24]
        return f"sandboxplaceholder{digest}=="  # legal base64, for binary values

    def _load_key(self) -> bytes:
        if self._key is None:
            if not self._key_file.exists():
                self._make_key()
            self._key = self._key_file.read_bytes()
        return self._key

    def _make_key(self) -> None:
        """Whole or not at all, and only once: the local AWS and the local RunPod share it."""
        self._key_file.parent.mkdir(parents=True, exist_ok=True)
        own = self._key_file.with_suffix(f".{secrets.token_hex(4)}")
        own.touch(mode=0o600)
        own.write_bytes(secrets.token_bytes(32))
        with suppress(FileExistsError):
            self._key_file.hardlink_to(own)
        own.unlink()
