"""Where does the state survive? In a file with one line per mutating call, written before the call is answered.

The first line names the versions that repeat these calls; each further line carries a checksum of itself.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import logging
import os
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from sandbox.aws.call import Call
from sandbox.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path

# Raise it when a change of ours gives other ids or other outcomes for calls already recorded.
PATCH_VERSION = 3
_RESET = "run `berth sandbox reset` to start with an empty account"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    number: int
    at: float
    """Seconds since the epoch; the clock stood still there while the call ran."""
    call: Call
    status: int
    digest: str
    """Of the answer's body."""


def versions() -> dict[str, str | int]:
    return {"moto": version("moto"), "botocore": version("botocore"), "patches": PATCH_VERSION}


class Journal:
    """The file. `entries` reads what is there, then `append` adds to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: FileIO | None = None

    def entries(self) -> Iterator[Entry]:
        """All recorded calls in order.

        A last line without its end (the process died while writing, so the caller never had an answer) is dropped.

        Raises:
            JournalError: another line cannot be read, or the versions differ.
        """
        if not self.path.exists():
            return
        self._drop_torn_line()
        if not self.path.exists():
            return  # not even the first line was whole
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if number == 1:
                    self._check_header(line)
                else:
                    yield self._entry(number, line)

    def append(self, entry: Entry) -> None:
        """Write a call down, on the disk before this returns.

        Raises:
            OSError: it cannot be written; nothing of it is left in the file.
        """
        if self._file is None:
            self._file = self._opened()
        start = self._file.seek(0, os.SEEK_END)
        lines = _sealed(_to_json(entry)) if start else _sealed({"versions": versions()}) + _sealed(_to_json(entry))
        try:
            written = self._file.write(lines)
            if written < len(lines):  # what a disk without room does before it refuses
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # noqa: TRY301 - cleaned up like a refusal
            os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(start)
            raise

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> FileIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch(mode=0o600)
        return self.path.open("ab", buffering=0)

    def _drop_torn_line(self) -> None:
        content = self.path.read_bytes()
        if content.endswith(b"\n"):
            return
        whole = content.rfind(b"\n") + 1
        log.warning("%s: dropped a last line that was not written to its end", self.path)
        if whole == 0:
            self.path.unlink()
            return
        with self.path.open("rb+") as file:
            file.truncate(whole)

    def _check_header(self, line: bytes) -> None:
        recorded = self._unsealed(1, line).get("versions")
        if recorded != versions():
            raise JournalError(
                f"{self.path}:1: recorded with {_words(recorded)}, this is {_words(versions())}; "
                f"ids would change: install those versions, or {_RESET}"
            )

    def _entry(self, number: int, line: bytes) -> Entry:
        record = self._unsealed(number, line)
        try:
            return _from_json(record)
        except (KeyError, TypeError, ValueError) as error:
            raise JournalError(f"{self.path}:{number}: not a recorded call ({error!r}); {_RESET}") from error

    def _unsealed(self, number: int, line: bytes) -> dict[str, Any]:
        checksum, _, text = line.rstrip(b"\n").partition(b" ")
        if checksum.decode("ascii", "replace") != _checksum(text):
            raise JournalError(f"{self.path}:{number}: the line was changed after it was written; {_RESET}")
        return json.loads(text)


def _sealed(record: dict[str, Any]) -> bytes:
    text = json.dumps(record, separators=(",", ":")).encode()
    return _checksum(text).encode() + b" " + text + b"\n"


def _checksum(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:12]


def _to_json(entry: Entry) -> dict[str, Any]:
    call = entry.call
    record: dict[str, Any] = {
        "n": entry.number,
        "at": entry.at,
        "op": f"{call.service}:{call.operation}",
        "method": call.method,
        "target": call.target,
        "headers": call.headers,
        "status": entry.status,
        "digest": entry.digest,
    }
    try:
        record["body"] = call.body.decode()
    except UnicodeDecodeError:
        record["body_base64"] = base64.b64encode(call.body).decode()
    return record


def _from_json(record: dict[str, Any]) -> Entry:
    body = base64.b64decode(record["body_base64"]) if "body_base64" in record else record["body"].encode()
    call = Call(record["method"], record["target"], record["headers"], body)
    return Entry(int(record["n"]), float(record["at"]), call, int(record["status"]), record["digest"])


def _words(versions: object) -> str:
    if not isinstance(versions, dict):
        return "unknown versions"
    return ", ".join(f"{name} {value}" for name, value in versions.items())
