"""What does a place that weights come from have to offer? The interface, and which files are left out everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from weight_cache.digest import Digest

# Second copies of the same weights, in forms that vLLM does not load.
SKIPPED = ("*.pth", "original/*", "*.gguf")


@dataclass(frozen=True)
class Manifest:
    """The files of a snapshot, as the source lists them before anything is fetched."""

    revision: str
    """What the name meant when it was looked up: a commit on the hub."""
    sizes: dict[str, int]
    """Path below the snapshot's folder -> bytes."""
    digests: dict[str, Digest] = field(default_factory=dict)
    """What each file must hash to; a file without is one whose content the source says nothing of."""

    @property
    def total_bytes(self) -> int:
        return sum(self.sizes.values())


class Source(Protocol):
    """A place that weights come from. Both methods raise errors of `weight_cache.errors` only, or OSError."""

    def manifest(self) -> Manifest:
        """List the snapshot without its skipped files."""
        ...

    def fetch(self, manifest: Manifest, into: Path) -> None:
        """Bring every file of `manifest` below `into`; what an earlier run left there is used."""
        ...


def is_skipped(path: str) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in SKIPPED)
