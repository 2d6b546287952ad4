"""What a commitment or spare capacity makes of the on-demand price: factors by which an hour is multiplied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from components.catalogue.sagemaker import PREFIX
from components.catalogue.tables import as_of_date, optional_float, read_table
from components.errors import CatalogueError, did_you_mean

if TYPE_CHECKING:
    from datetime import date

COMMITMENT_TERMS = (
    "1y_no_upfront",
    "1y_partial_upfront",
    "1y_all_upfront",
    "3y_no_upfront",
    "3y_partial_upfront",
    "3y_all_upfront",
)
"""Terms of AWS Savings Plans: years, and how much is paid on the first day."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """One row of `aws_commitments.csv`; upfront payments are spread over the term. `factor` is None where unknown."""

    target: str
    family: str
    term: str
    factor: float | None
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class SpotPrice:
    """One row of `aws_spot.csv`: the spot and the on-demand price of an hour that were true together."""

    instance_type: str
    region: str
    spot_usd_per_hour: float
    on_demand_usd_per_hour: float
    source: str
    as_of: str

    @property
    def factor(self) -> float:
        return self.spot_usd_per_hour / self.on_demand_usd_per_hour


@cache
def commitments() -> tuple[Commitment, ...]:
    """Return every row, also those whose factor is unknown."""
    return tuple(
        Commitment(
            target=row["target"],
            family=row["family"],
            term=row["term"],
            factor=optional_float(row["factor"]),
            source=row["source"],
            as_of=row["as_of"],
        )
        for row in read_table("aws_commitments")
    )


@cache
def spot_prices() -> tuple[SpotPrice, ...]:
    """Return every spot price of the catalogue."""
    return tuple(
        SpotPrice(
            instance_type=row["instance_type"],
            region=row["region"],
            spot_usd_per_hour=float(row["spot_usd_per_hour"]),
            on_demand_usd_per_hour=float(row["on_demand_usd_per_hour"]),
            source=row["source"],
            as_of=row["as_of"],
        )
        for row in read_table("aws_spot")
    )


def commitment_factor(target: str, instance_type: str, term: str) -> float | None:
    """Return what a Savings Plan makes of the on-demand price, None where the catalogue does not know it.

    Compute and EC2 plans do not cover SageMaker, which has plans of its own; RunPod publishes none.
    `CatalogueError` for a term that AWS does not sell.

    >>> commitment_factor("ecs", "g5.xlarge", "1y_partial_upfront")
    0.6
    >>> commitment_factor("sagemaker", "ml.g5.xlarge", "1y_partial_upfront") is None
    True
    """
    if term not in COMMITMENT_TERMS:
        raise CatalogueError(
            f"commitment {term!r} is not a term of a Savings Plan; {did_you_mean(term, COMMITMENT_TERMS)}"
        )
    family = instance_type.removeprefix(PREFIX).partition(".")[0]
    found = (row for row in commitments() if (row.target, row.family, row.term) == (target, family, term))
    return next((row.factor for row in found), None)


def spot_factor(instance_type: str, region: str) -> float | None:
    """Return what spare capacity makes of the on-demand price, None where the catalogue does not know it.

    Without a row for the instance type it is the mean of its family in that region.

    >>> round(spot_factor("g5.xlarge", "us-east-1"), 2)
    0.3
    >>> spot_factor("p5.48xlarge", "us-east-1") is None
    True
    """
    factors = [row.factor for row in _spot_rows(instance_type, region)]
    return sum(factors) / len(factors) if factors else None


def spot_price_date(instance_type: str, region: str) -> date | None:
    """Return the day of the oldest price that the spot factor follows from, None where there is no factor."""
    return min((as_of_date(row.as_of) for row in _spot_rows(instance_type, region)), default=None)


def _spot_rows(instance_type: str, region: str) -> list[SpotPrice]:
    """Return the row of an instance type, else those of its family."""
    here = [row for row in spot_prices() if row.region == region]
    exact = [row for row in here if row.instance_type == instance_type]
    family = instance_type.partition(".")[0]
    return exact or [row for row in here if row.instance_type.partition(".")[0] == family]
