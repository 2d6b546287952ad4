"""Who downloads, when several tasks start at once? The one whose lock folder came first, as long as its heart beats.

A folder, because making or renaming one is atomic on NFS, where file locks depend on the mount's options.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import threading
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

BEAT_SECONDS = 30.0
STALE_SECONDS = 600.0
OWNER = "owner"
LOCK_EXISTS = {errno.ENOTEMPTY, errno.EEXIST}


class Lock:
    """The right to write one snapshot. `acquire`, then `with lock:` beats until the block ends and releases."""

    def __init__(self, folder: Path, beat_seconds: float = BEAT_SECONDS, stale_seconds: float = STALE_SECONDS) -> None:
        self._folder = folder
        self._beat_seconds = beat_seconds
        self._stale_seconds = stale_seconds
        self._id = uuid.uuid4().hex
        self._stopped = threading.Event()
        self._beats = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def acquire(self) -> bool:
        """Take the lock if it is free or its owner has been silent for `stale_seconds`; never wait."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        # Signed before it appears under its name: a lock without an owner never exists.
        signed = self._folder.with_name(f"{self._folder.name}.new-{self._id}")
        signed.mkdir(exist_ok=True)
        (signed / OWNER).write_text(self._id, encoding="ascii")
        try:
            signed.rename(self._folder)
        except OSError as error:
            shutil.rmtree(signed, ignore_errors=True)
            if error.errno not in LOCK_EXISTS:
                raise
            return self._take_over()
        return True

    @property
    def held(self) -> bool:
        """False once another one has taken over, which happens to a process that was frozen for long."""
        return self._owner() == self._id

    def __enter__(self) -> Self:
        self._beats.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._beats.join()
        self.release()

    def release(self) -> None:
        """Let the next one in, at once; nothing to do when the lock is not ours."""
        if self.held:
            # Renamed first: half a lock would look like a stale one.
            gone = self._folder.with_name(f"{self._folder.name}.released-{self._id}")
            self._folder.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    def _take_over(self) -> bool:
        # The order matters. Claims are counted before the silence is measured, and a claim is itself a sign of life: of
        # several that find the same owner silent, all try to create the same file and one succeeds, and who comes
        # later finds the lock alive. A claimant that dies here is replaced after another stale time.
        owner = self._owner()
        claim = self._folder / f"claim-{owner}-{self._claims(owner)}"
        if not owner or self._silent_seconds() < self._stale_seconds:
            return False
        try:
            claim.touch(exist_ok=False)
        except OSError:
            return False
        if self._owner() != owner:
            # The stale lock went away meanwhile and this is somebody's new one.
            claim.unlink(missing_ok=True)
            return False
        beside = self._folder / f"{OWNER}.{self._id}"
        beside.write_text(self._id, encoding="ascii")
        beside.replace(self._folder / OWNER)
        return True

    def _claims(self, owner: str) -> int:
        try:
            return sum(sign.name.startswith(f"claim-{owner}-") for sign in self._folder.iterdir())
        except OSError:
            return 0

    def _owner(self) -> str:
        try:
            return (self._folder / OWNER).read_text(encoding="ascii")
        except OSError:
            return ""

    def _silent_seconds(self) -> float:
        """Since the last sign of life, by the file server's clock alone: clocks of machines differ."""
        probe = self._folder.with_name(f".clock-{self._id}")
        try:
            probe.touch()
            now = probe.stat().st_mtime
            signs = [self._folder, *self._folder.iterdir()]
            return now - max(sign.stat().st_mtime for sign in signs)
        except OSError:
            # Released while we looked.
            return 0.0
        finally:
            probe.unlink(missing_ok=True)

    def _beat(self) -> None:
        while not self._stopped.wait(self._beat_seconds):
            # A missed beat is no harm; the next one counts. Somebody else's lock is not kept alive.
            with contextlib.suppress(OSError):
                if self._owner() in {self._id, ""}:
                    os.utime(self._folder / OWNER)
