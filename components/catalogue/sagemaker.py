"""Which instance types carry SageMaker endpoints, where they are offered, what they cost, and where images are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from components.catalogue.instances import RegionPrice, is_offered, price_in, regions_offering
from components.catalogue.tables import as_of_date, optional_float, read_table, row_of

if TYPE_CHECKING:
    from datetime import date

PREFIX = "ml."


@dataclass(frozen=True, slots=True)
class SagemakerInstance:
    """One row of `sagemaker_instances.csv`: hosting on demand, us-east-1; host and GPUs are those of the EC2 type."""

    instance_type: str
    gpu: str
    gpu_count: int
    vcpus: int
    memory_gib: float
    usd_per_hour: float | None
    source: str
    as_of: str

    @property
    def ec2_type(self) -> str:
        return self.instance_type.removeprefix(PREFIX)

    @property
    def family(self) -> str:
        """The family, as `g6e`.

        >>> sagemaker_instances()["ml.p6-b200.48xlarge"].family
        'p6-b200'
        """
        return self.ec2_type.partition(".")[0]


@cache
def sagemaker_instances() -> dict[str, SagemakerInstance]:
    """Return every instance type of the catalogue by name."""
    return {
        row["instance_type"]: SagemakerInstance(
            instance_type=row["instance_type"],
            gpu=row["gpu"],
            gpu_count=int(row["gpu_count"]),
            vcpus=int(row["vcpus"]),
            memory_gib=float(row["memory_gib"]),
            usd_per_hour=optional_float(row["usd_per_hour"]),
            source=row["source"],
            as_of=row["as_of"],
        )
        for row in read_table("sagemaker_instances")
    }


def sagemaker_offers(region: str) -> list[SagemakerInstance]:
    """Return the instance types that a region offers, taken to be those whose EC2 type it offers."""
    return [row for row in sagemaker_instances().values() if is_offered(row.ec2_type, region)]


def sagemaker_regions(instance_type: str) -> list[str]:
    """Return the regions of the catalogue that offer an instance type, on the same assumption."""
    return regions_offering(row_of(sagemaker_instances(), instance_type, "sagemaker_instances").ec2_type)


def sagemaker_usd_per_hour(instance_type: str, region: str) -> float | None:
    """Return the on-demand price of an hour of hosting, None where the catalogue does not know it.

    Away from us-east-1 it is taken to grow as the price of the EC2 type does.

    >>> sagemaker_usd_per_hour("ml.g6.2xlarge", "us-east-1"), sagemaker_usd_per_hour("ml.p5.4xlarge", "us-east-1")
    (1.222, None)
    >>> sagemaker_usd_per_hour("ml.g6.2xlarge", "sa-east-1") is None
    True
    """
    price = sagemaker_region_price(instance_type, region)
    return price.usd_per_hour if price else None


@cache
def sagemaker_region_price(instance_type: str, region: str) -> RegionPrice | None:
    """Return the on-demand price of an hour of hosting with its source, None where the catalogue does not know it."""
    instance = row_of(sagemaker_instances(), instance_type, "sagemaker_instances")
    home = RegionPrice(instance.usd_per_hour, False, instance.source, instance.as_of) if instance.usd_per_hour else None
    return price_in(instance_type, region, home)


@cache
def sagemaker_price_date() -> date:
    """Return the day of the oldest price in use."""
    return min(as_of_date(row.as_of) for row in sagemaker_instances().values() if row.usd_per_hour is not None)


@cache
def _registries() -> dict[str, str]:
    return {
        row["region"]: f"{row['account']}.dkr.ecr.{row['region']}.{row['suffix']}"
        for row in read_table("sagemaker_registries")
    }


def sagemaker_registry(region: str) -> str:
    """Return the registry of a region that holds the images of AWS and Hugging Face.

    >>> sagemaker_registry("eu-south-1")
    '692866216735.dkr.ecr.eu-south-1.amazonaws.com'
    """
    return row_of(_registries(), region, "sagemaker_registries")
