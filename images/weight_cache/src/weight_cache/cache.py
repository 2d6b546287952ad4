"""How does a snapshot get onto the file system, once, whatever happens on the way?

Complete already? Done. Else take the lock (or wait for whoever has it), list, fetch, check every size, mark.
"""

from __future__ import annotations

import errno
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weight_cache import marker
from weight_cache.errors import ConflictError, DiskFullError, WeightCacheError
from weight_cache.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from weight_cache.config import Snapshot
    from weight_cache.source import Source

LOCKS = ".locks"
WAIT_SECONDS = 5.0
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
SHOWN_FILES = 3


@dataclass(frozen=True)
class WeightCache:
    """The models folder, and how patiently it is shared."""

    models_dir: Path
    say: Callable[[str], None]
    wait_seconds: float = WAIT_SECONDS
    make_lock: Callable[[Path], Lock] = Lock

    def ensure(self, snapshot: Snapshot, source: Source) -> Path:
        """Make the snapshot complete and return its folder; quick when it already is.

        Raises:
            WeightCacheError: a subclass for each thing that went wrong.
        """
        folder = self.models_dir / snapshot.folder
        if self._is_complete(folder, snapshot):
            self.say(f"{folder} is complete")
            return folder
        lock = self.make_lock(self.models_dir / LOCKS / "--".join(snapshot.folder.parts))
        try:
            if self._wait_for(lock, folder, snapshot):
                with lock:
                    self._fill(folder, snapshot, source, lock)
        except OSError as error:
            raise _translated(error, folder) from error
        return folder

    def _wait_for(self, lock: Lock, folder: Path, snapshot: Snapshot) -> bool:
        """True with the lock in hand, False when somebody else has completed the snapshot."""
        waiting = False
        while not lock.acquire():
            if not waiting:
                self.say(f"another task is downloading {snapshot.model_id} at {snapshot.revision}: waiting for it")
                waiting = True
            time.sleep(self.wait_seconds)
            if self._is_complete(folder, snapshot):
                self.say(f"{folder} was completed by another task")
                return False
        return True

    def _fill(self, folder: Path, snapshot: Snapshot, source: Source, lock: Lock) -> None:
        if self._is_complete(folder, snapshot):
            return
        manifest = source.manifest()
        folder.mkdir(parents=True, exist_ok=True)
        wanted = marker.missing_files(folder, manifest.sizes)
        wanted_bytes = sum(manifest.sizes[path] for path in wanted)
        for path in wanted:
            # Of another size than listed: nothing that could be continued.
            (folder / path).unlink(missing_ok=True)
        _check_room(folder, wanted_bytes)
        self.say(f"fetching {len(wanted)} of {len(manifest.sizes)} files, {wanted_bytes / 1e9:.1f} GB, to {folder}")
        began = time.monotonic()
        source.fetch(manifest, folder)
        wrong = marker.missing_files(folder, manifest.sizes)
        if wrong:
            names = ", ".join(wrong[:SHOWN_FILES])
            raise ConflictError(
                f"{len(wrong)} files have not their listed size after the download ({names}); run again"
            )
        if not lock.held:
            raise ConflictError(f"another task took over the download to {folder}; it will complete the snapshot")
        marker.write(folder, snapshot.model_id, snapshot.source, manifest)
        self.say(f"{folder} is complete after {time.monotonic() - began:.0f} s")

    def _is_complete(self, folder: Path, snapshot: Snapshot) -> bool:
        found = marker.read(folder)
        if found is None:
            return False
        if found.source != snapshot.source:
            raise ConflictError(
                f"{folder} holds {found.model_id} from {found.source}, not from {snapshot.source}; "
                "give the new weights another model.revision, or empty the folder"
            )
        return not marker.missing_files(folder, found.sizes)


def _check_room(folder: Path, wanted_bytes: int) -> None:
    """Before the first byte: a download that cannot end should not begin."""
    free = shutil.disk_usage(folder).free
    if wanted_bytes > free + _partial_bytes(folder):
        raise DiskFullError(_no_room(folder, f"{wanted_bytes / 1e9:.1f} GB are needed, {free / 1e9:.1f} GB are free"))


def _translated(error: OSError, folder: Path) -> WeightCacheError:
    if error.errno in NO_ROOM:
        return DiskFullError(_no_room(folder, "the file system was full before the download was complete"))
    return WeightCacheError(f"{error.filename or folder}: {error.strerror or error}")


def _partial_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.suffix in {".incomplete", ".part"})


def _no_room(folder: Path, why: str) -> str:
    return f"no room in {folder}: {why}; delete unused revisions or give the cache more space"
