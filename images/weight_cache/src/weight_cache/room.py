"""Is there room for a download? Asked before the first byte: a download that cannot end should not begin."""

from __future__ import annotations

import errno
import shutil
from typing import TYPE_CHECKING

from weight_cache import marker
from weight_cache.errors import DiskFullError, WeightCacheError

if TYPE_CHECKING:
    from pathlib import Path

GB = 1e9
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
PARTIAL = {".incomplete", ".part"}


def check_free(folder: Path, wanted_bytes: int) -> None:
    """Refuse what the file system has no room for. EFS always has: there, `check_limit` is the bound.

    Raises:
        DiskFullError: with what is needed and what is free.
    """
    free = shutil.disk_usage(folder).free
    if wanted_bytes > free + _partial_bytes(folder):
        raise DiskFullError(no_room(folder, f"{wanted_bytes / GB:.1f} GB are needed, {free / GB:.1f} GB are free"))


def check_limit(models_dir: Path, folder: Path, snapshot_bytes: int, limit_gb: int | None) -> None:
    """Refuse a snapshot that would take the cache beyond its limit; nothing is ever deleted to make room.

    Raises:
        DiskFullError: with what is needed, the limit, and who takes the rest.
    """
    if limit_gb is None:
        return
    held = {
        found: sum(document.sizes.values())
        for found in sorted(file.parent for file in models_dir.glob(f"*/*/{marker.NAME}"))
        if found != folder and (document := marker.read(found)) is not None
    }
    if snapshot_bytes + sum(held.values()) > limit_gb * GB:
        others = ", ".join(f"{found.relative_to(models_dir)} {size / GB:.1f} GB" for found, size in held.items())
        raise DiskFullError(
            no_room(
                models_dir,
                f"{snapshot_bytes / GB:.1f} GB are needed, {sum(held.values()) / GB:.1f} of {limit_gb} GB are taken "
                f"({others or 'nothing'})",
            )
        )


def translated(error: OSError, folder: Path) -> WeightCacheError:
    """What an error of the file system means to whoever reads one line."""
    if error.errno in NO_ROOM:
        return DiskFullError(no_room(folder, "the file system was full before the download was complete"))
    return WeightCacheError(f"{error.filename or folder}: {error.strerror or error}")


def no_room(folder: Path, why: str) -> str:
    return f"no room in {folder}: {why}; delete unused revisions or give the cache more space"


def _partial_bytes(folder: Path) -> int:
    """What an earlier run of the same download has already brought."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.suffix in PARTIAL)
