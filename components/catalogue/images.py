"""Which container image runs an engine version, and what it asks of the host's driver."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from components.catalogue.tables import read_table
from components.errors import CatalogueError


@dataclass(frozen=True, slots=True)
class EngineImage:
    """One row of `images.csv`. On SageMaker `image` is repository and tag: the registry differs by region."""

    target: str
    engine: str
    version: str
    image: str
    cuda: str
    min_driver: int
    compressed_gb: float
    unpacked_gib: float
    source: str
    as_of: str


@cache
def engine_images() -> tuple[EngineImage, ...]:
    """Return the images of all engines, newest version of each first."""
    rows = (
        EngineImage(
            target=row["target"],
            engine=row["engine"],
            version=row["version"],
            image=row["image"],
            cuda=row["cuda"],
            min_driver=int(row["min_driver"]),
            compressed_gb=float(row["compressed_gb"]),
            unpacked_gib=float(row["unpacked_gib"]),
            source=row["source"],
            as_of=row["as_of"],
        )
        for row in read_table("images")
    )
    return tuple(sorted(rows, key=lambda row: [int(part) for part in row.version.split(".")], reverse=True))


def engine_kinds(target: str) -> list[str]:
    """Return the engines that a target runs, its default first."""
    return list(_kinds().get(target, ()))


@cache
def _kinds() -> dict[str, tuple[str, ...]]:
    kinds: dict[str, list[str]] = {}
    for row in read_table("images"):
        kinds.setdefault(row["target"], []).append(row["engine"])
    return {target: tuple(dict.fromkeys(found)) for target, found in kinds.items()}


def engine_versions(target: str, kind: str) -> list[str]:
    """Return the versions of an engine that the catalogue knows for a target, newest first."""
    return [row.version for row in engine_images() if (row.target, row.engine) == (target, kind)]


def find_engine_image(target: str, kind: str | None, version: str | None) -> EngineImage | None:
    """Return the image of an engine on a target, None when the catalogue has none.

    Without a kind the target's default is meant, without a version the newest.
    """
    kind = kind or engine_kinds(target)[0]
    rows = [row for row in engine_images() if (row.target, row.engine) == (target, kind)]
    return next((row for row in rows if version in (None, row.version)), None)


def engine_image(target: str, kind: str | None, version: str | None) -> EngineImage:
    """Return the image of an engine on a target; `CatalogueError` when the catalogue has none."""
    found = find_engine_image(target, kind, version)
    if found is None:
        raise CatalogueError(f"images.csv has no {kind or 'engine'} {version or ''} for {target}")
    return found
