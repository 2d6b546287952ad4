"""Which machine image of SageMaker carries the driver that an engine's CUDA needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from components.catalogue.tables import read_table


@dataclass(frozen=True, slots=True)
class MachineImage:
    """One row of `sagemaker_amis.csv`: `driver` is its branch, `cuda` the major version for which AWS chooses it.

    `families` are those for which AWS's own rule sets one. An image that only a spec chooses has no `cuda`.
    """

    name: str
    driver: int
    cuda: str | None
    families: frozenset[str]
    source: str
    as_of: str


@cache
def machine_images() -> dict[str, MachineImage]:
    """Return every machine image for GPU instances by name."""
    return {
        row["ami"]: MachineImage(
            name=row["ami"],
            driver=int(row["driver"]),
            cuda=row["cuda"] or None,
            families=frozenset(row["families"].split()),
            source=row["source"],
            as_of=row["as_of"],
        )
        for row in read_table("sagemaker_amis")
    }


def machine_image_for(cuda: str, family: str) -> MachineImage | None:
    """Return the image for a CUDA version on an instance family, None where AWS says nothing of the family.

    With a driver that does not suit the container's CUDA an endpoint stays in Creating, without a log.

    >>> machine_image_for("13.0", "g6").driver, machine_image_for("12.4", "g7e")
    (580, None)
    """
    major = cuda.partition(".")[0]
    return next((row for row in machine_images().values() if row.cuda == major and family in row.families), None)
