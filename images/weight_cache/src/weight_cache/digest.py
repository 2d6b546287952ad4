"""Are these the bytes that the source published? One digest for each file, of what lies on the file system."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

READ_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Digest:
    """What a file's content must hash to."""

    algorithm: str
    """sha256 and git-sha1 (the hub); md5, sha256 and crc32 (S3)."""
    value: str
    """In hex."""
    part_bytes: int | None = None
    """Size of the parts that an object was uploaded in: its digest is then that of the digests of its parts."""

    def __str__(self) -> str:
        parts = "" if self.part_bytes is None else f" of parts of {self.part_bytes} bytes"
        return f"{self.algorithm}:{self.value}{parts}"

    def matches(self, file: Path) -> bool:
        """Whether `file` holds what was published; reads all of it."""
        return self.value == file_digest(file, self.algorithm, self.part_bytes)


def file_digest(file: Path, algorithm: str, part_bytes: int | None = None) -> str:
    """The digest of a file in hex; with `part_bytes` as S3 makes it for an upload in parts."""
    with file.open("rb") as content:
        if part_bytes is None:
            whole = _new(algorithm, file.stat().st_size)
            for chunk in _chunks(content, None):
                whole.update(chunk)
            return whole.digest().hex()
        above = _new(algorithm)
        for part in part_digests(content, algorithm, part_bytes):
            above.update(part)
        return above.digest().hex()


def part_digests(content: BinaryIO, algorithm: str, part_bytes: int) -> Iterator[bytes]:
    """The digest of each part, in order; an empty file has one empty part."""
    while True:
        part = _new(algorithm)
        read = 0
        for chunk in _chunks(content, part_bytes):
            part.update(chunk)
            read += len(chunk)
        if read or content.tell() == 0:
            yield part.digest()
        if read < part_bytes:
            return


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc32:
    """A checksum with the interface of a hash."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


def _new(algorithm: str, size: int = 0) -> _Hash:
    if algorithm == "crc32":
        return _Crc32()
    if algorithm == "git-sha1":
        # A blob's id is the hash of its kind, its length and its content.
        return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    return hashlib.new(algorithm, usedforsecurity=False)


def _chunks(content: BinaryIO, limit: int | None) -> Iterator[bytes]:
    left = limit
    while chunk := content.read(READ_BYTES if left is None else min(READ_BYTES, left)):
        yield chunk
        if left is not None:
            left -= len(chunk)
