"""Is a snapshot whole? The `.complete` file beside it says so, and is written last."""

from __future__ import annotations

import json
import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from weight_cache.digest import Digest

if TYPE_CHECKING:
    from pathlib import Path

    from weight_cache.source import Manifest

NAME = ".complete"
PARALLEL_FILES = 4


@dataclass(frozen=True)
class Marker:
    """What a complete snapshot says about itself."""

    model_id: str
    source: str
    revision: str
    sizes: dict[str, int]
    digests: dict[str, Digest] = field(default_factory=dict)
    """What was checked when the snapshot was made; empty in markers of versions that did not."""


def read(folder: Path) -> Marker | None:
    """The marker of `folder`; None when there is none or it is unreadable, and the snapshot must be checked again."""
    try:
        document: Any = json.loads((folder / NAME).read_text(encoding="utf-8"))
        digests = {path: Digest(**digest) for path, digest in document.get("digests", {}).items()}
        return Marker(document["model_id"], document["source"], document["revision"], document["files"], digests)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(folder: Path, model_id: str, source: str, manifest: Manifest) -> None:
    """Whoever sees the marker sees all of it: written beside, flushed to disk, then renamed."""
    document = {
        "model_id": model_id,
        "source": source,
        "revision": manifest.revision,
        "files": manifest.sizes,
        "digests": {path: asdict(digest) for path, digest in manifest.digests.items()},
    }
    beside = folder / f"{NAME}.{uuid.uuid4().hex}"
    with beside.open("w", encoding="utf-8") as file:
        json.dump(document, file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / NAME)


def damaged_files(folder: Path, digests: dict[str, Digest]) -> list[str]:
    """Files whose content is not what was published; reads everything, several files at once."""
    with ThreadPoolExecutor(PARALLEL_FILES) as pool:
        whole = pool.map(lambda path: digests[path].matches(folder / path), digests)
        return [path for path, matches in zip(digests, whole, strict=True) if not matches]


def missing_files(folder: Path, sizes: dict[str, int]) -> list[str]:
    """Files that are absent or have another size than listed."""
    return [path for path, size in sizes.items() if not _has_size(folder / path, size)]


def _has_size(file: Path, size: int) -> bool:
    try:
        return file.stat().st_size == size
    except OSError:
        return False
