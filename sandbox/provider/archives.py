"""Which bytes does an archive of a program stand for? Always a zip, and the same one for the same content."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.provider.values import SIGNATURE_KEY, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644


class ArchiveError(ValueError):
    """What an archive names cannot be read; the message says what and how to give it."""


def identity(value: Any) -> Any:
    """Return what tells archives apart: the hash that the engine made of the content, wherever it came from."""
    return value.get("hash") or value if isinstance(value, dict) else value


def zip_of(value: Any) -> Any:
    """Return the zip of an archive, UNKNOWN for one whose content a preview cannot know.

    Raises:
        ArchiveError: it is none, or a file of it cannot be read.
    """
    if value is UNKNOWN:
        return UNKNOWN
    if not isinstance(value, dict) or value.get(SIGNATURE_KEY) != ARCHIVE:
        raise ArchiveError("must be an archive: pulumi.FileArchive or pulumi.AssetArchive")
    path = value.get("path")
    if path and zipfile.is_zipfile(_existing(path)):
        return Path(path).read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in sorted(_files(value)):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.external_attr, entry.compress_type = _MODE << 16, zipfile.ZIP_DEFLATED
            written.writestr(entry, content)
    return buffer.getvalue()


def _files(archive: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, bytes]]:
    if archive.get("path"):
        for name, content in _files_of_path(_existing(archive["path"])):
            yield f"{prefix}{name}", content
    elif "assets" in archive:
        for name, part in archive["assets"].items():
            if part.get(SIGNATURE_KEY) == ARCHIVE:
                yield from _files(part, f"{prefix}{name}/")
            else:
                yield f"{prefix}{name}", _content(part)
    else:
        raise ArchiveError("has neither a path nor assets; the sandbox fetches nothing from elsewhere")


def _content(asset: Mapping[str, Any]) -> bytes:
    if asset.get("uri"):
        raise ArchiveError(f"{asset['uri']} in it lies elsewhere; the sandbox fetches nothing")
    if asset.get("path"):
        return _existing(asset["path"]).read_bytes()
    return asset.get("text", "").encode()  # the engine leaves out a text that is empty


def _files_of_path(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in path.rglob("*"):
            if file.is_file():
                yield file.relative_to(path).as_posix(), file.read_bytes()
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            for member in archive.getmembers():
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None:
                    yield member.name.removeprefix("./"), content.read()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    yield entry.filename, archive.read(entry)
    else:
        raise ArchiveError(f"{path} is neither a folder nor a zip or tar file")


def _existing(path: str) -> Path:
    """The provider does not run in the program's folder, so that a relative path would mean another place."""
    found = Path(path)
    if not found.is_absolute():
        raise ArchiveError(f"{path} is relative; give the absolute path")
    if not found.exists():
        raise ArchiveError(f"{path} does not exist")
    return found
