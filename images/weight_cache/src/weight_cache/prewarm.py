"""How do weights come onto a RunPod network volume without a GPU that waits for them?

List the snapshot; is it on the volume? Done. Else check for room, complete it here, upload what is missing, then the
branch's name, then the marker.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from weight_cache.errors import DiskFullError
from weight_cache.layout import VolumeLayout
from weight_cache.room import GB

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from weight_cache.cache import WeightCache
    from weight_cache.config import Snapshot
    from weight_cache.source import Manifest, Source
    from weight_cache.volume import RunpodVolume


@dataclass(frozen=True)
class Prewarm:
    """One volume to be filled, and the cache that its files pass through."""

    cache: WeightCache
    volume: RunpodVolume
    size_gb: int | None
    say: Callable[[str], None]

    def run(self, snapshot: Snapshot, open_source: Callable[[Snapshot], Source]) -> VolumeLayout:
        """Make the snapshot complete on the volume; without a download when it already is.

        Raises:
            WeightCacheError: a subclass for each thing that went wrong.
        """
        self.volume.check()
        manifest = open_source(snapshot).manifest()
        # From here on the commit: a branch that moves meanwhile would bring other files under the old one's name.
        pinned = replace(snapshot, revision=manifest.revision)
        layout = VolumeLayout(snapshot.model_id, pinned.revision, ref=None if snapshot == pinned else snapshot.revision)
        missing = self._missing(layout, manifest)
        if not missing and self.volume.read(layout.marker_key) == _marker(manifest):
            self._point(layout)
            self.say(f"the volume has {layout.model_id} at {layout.commit}")
            return layout
        self._check_room(manifest, missing)
        folder = self.cache.ensure(pinned, open_source(pinned))
        self._upload(layout, manifest, folder)
        self._point(layout)
        self.volume.write(layout.marker_key, _marker(manifest))
        return layout

    def _missing(self, layout: VolumeLayout, manifest: Manifest) -> list[str]:
        return [path for path, size in manifest.sizes.items() if self.volume.size(layout.file(path)) != size]

    def _check_room(self, manifest: Manifest, missing: list[str]) -> None:
        if self.size_gb is None:
            return
        needed = sum(manifest.sizes[path] for path in missing)
        free = self.size_gb * GB - self.volume.used_bytes()
        if needed > free:
            raise DiskFullError(
                f"no room on the network volume: {needed / GB:.1f} GB are needed, {free / GB:.1f} of {self.size_gb} GB "
                "are free; delete unused models or enlarge runpod.volume.size"
            )

    def _upload(self, layout: VolumeLayout, manifest: Manifest, folder: Path) -> None:
        began = time.monotonic()
        sent = 0
        for path, size in manifest.sizes.items():
            if not self.volume.holds(layout.file(path), folder / path):
                self.say(f"uploading {path}, {size / GB:.1f} GB")
                self.volume.put(layout.file(path), folder / path)
                sent += 1
        self.say(
            f"the volume has {layout.model_id} at {layout.commit}: {sent} of {len(manifest.sizes)} files uploaded in "
            f"{time.monotonic() - began:.0f} s"
        )

    def _point(self, layout: VolumeLayout) -> None:
        """A branch moves on: what it points to is always written anew, after the files that it points to."""
        if layout.ref_key is not None and self.volume.read(layout.ref_key) != layout.commit.encode():
            self.volume.write(layout.ref_key, layout.commit.encode())


def _marker(manifest: Manifest) -> bytes:
    document: dict[str, Any] = {
        "revision": manifest.revision,
        "files": manifest.sizes,
        "digests": {path: asdict(digest) for path, digest in manifest.digests.items()},
    }
    return json.dumps(document, indent=1, sort_keys=True).encode()
