"""How does a snapshot get onto the file system, once, whatever happens on the way?

Complete already? Done. Else take the lock (or wait for whoever has it), list, fetch, check every size and digest, mark.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weight_cache import marker, room
from weight_cache.errors import ConflictError, NotFoundError
from weight_cache.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from weight_cache.config import Snapshot
    from weight_cache.digest import Digest
    from weight_cache.source import Manifest, Source

LOCKS = ".locks"
WAIT_SECONDS = 5.0
SHOWN_FILES = 3


@dataclass(frozen=True)
class WeightCache:
    """The models folder, and how patiently it is shared."""

    models_dir: Path
    say: Callable[[str], None]
    wait_seconds: float = WAIT_SECONDS
    make_lock: Callable[[Path], Lock] = Lock
    limit_gb: int | None = None
    """What all snapshots together may take; None: what the file system has."""

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
            raise room.translated(error, folder) from error
        return folder

    def verify(self, snapshot: Snapshot) -> Path:
        """Read every file of a complete snapshot again and compare it with the digests that its marker holds.

        Raises:
            NotFoundError: there is no complete snapshot.
            ConflictError: files have changed; they and the marker are removed, so that the next run completes it.
        """
        folder = self.models_dir / snapshot.folder
        found = marker.read(folder)
        if found is None or not self._is_complete(folder, snapshot):
            raise NotFoundError(f"{folder} is not complete; run without `verify` first")
        damaged = self._check_content(folder, found.sizes, found.digests)
        if damaged:
            (folder / marker.NAME).unlink()
            _remove(folder, damaged)
            raise ConflictError(_differ(damaged))
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
        room.check_limit(self.models_dir, folder, manifest.total_bytes, self.limit_gb)
        folder.mkdir(parents=True, exist_ok=True)
        wanted = marker.missing_files(folder, manifest.sizes)
        wanted_bytes = sum(manifest.sizes[path] for path in wanted)
        # Of another size than listed: nothing that could be continued.
        _remove(folder, wanted)
        room.check_free(folder, wanted_bytes)
        self.say(f"fetching {len(wanted)} of {len(manifest.sizes)} files, {wanted_bytes / room.GB:.1f} GB, to {folder}")
        began = time.monotonic()
        source.fetch(manifest, folder)
        self._check(folder, manifest)
        if not lock.held:
            raise ConflictError(f"another task took over the download to {folder}; it will complete the snapshot")
        marker.write(folder, snapshot.model_id, snapshot.source, manifest)
        self.say(f"{folder} is complete after {time.monotonic() - began:.0f} s")

    def _check(self, folder: Path, manifest: Manifest) -> None:
        wrong = marker.missing_files(folder, manifest.sizes)
        if wrong:
            raise ConflictError(
                f"{len(wrong)} files have not their listed size after the download ({_some(wrong)}); run again"
            )
        damaged = self._check_content(folder, manifest.sizes, manifest.digests)
        if damaged:
            _remove(folder, damaged)
            raise ConflictError(_differ(damaged))

    def _check_content(self, folder: Path, sizes: dict[str, int], digests: dict[str, Digest]) -> list[str]:
        began = time.monotonic()
        damaged = marker.damaged_files(folder, digests)
        unknown = [path for path in sizes if path not in digests]
        without = f"; nothing is published of {len(unknown)} ({_some(unknown)})" if unknown else ""
        self.say(f"checked the content of {len(digests)} files in {time.monotonic() - began:.0f} s{without}")
        return damaged

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


def _remove(folder: Path, paths: list[str]) -> None:
    for path in paths:
        (folder / path).unlink(missing_ok=True)


def _differ(damaged: list[str]) -> str:
    return (
        f"{len(damaged)} files are not what was published, and were removed ({_some(damaged)}); run again to fetch them"
    )


def _some(paths: list[str]) -> str:
    return ", ".join(paths[:SHOWN_FILES])
