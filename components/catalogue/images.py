"""Which container image runs an engine version, and what it asks of the host's driver."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from components.catalogue.tables import read_table


@dataclass(frozen=True, slots=True)
class EngineImage:
    """One row of `images.csv`."""

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


def engine_versions(engine: str) -> list[str]:
    """Return the versions of an engine that the catalogue knows, newest first."""
    return [row.version for row in engine_images() if row.engine == engine]


def engine_image(engine: str, version: str) -> EngineImage:
    """Return the image of a known version."""
    return next(row for row in engine_images() if (row.engine, row.version) == (engine, version))
