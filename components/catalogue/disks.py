"""How much local disk the instances of endpoints have, on which SageMaker keeps weights."""

from __future__ import annotations

from functools import cache

from components.catalogue.tables import read_table


@cache
def local_disks_gb() -> dict[str, int]:
    """Return the NVMe of each instance type of endpoints, in GB; all of those with GPUs have some.

    >>> local_disks_gb()["ml.g6.xlarge"], local_disks_gb()["ml.p5.48xlarge"]
    (250, 30400)
    """
    return {row["instance_type"]: int(row["local_disk_gb"]) for row in read_table("sagemaker_disks")}
