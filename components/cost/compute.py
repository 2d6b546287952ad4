"""What GPU instances cost in a month: on demand, under a commitment, or as spare capacity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.cost.estimate import HOURS_PER_MONTH
from components.cost.lines import Three, line, times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.cost.estimate import CostLine


@dataclass(frozen=True, slots=True)
class Fleet:
    """How many instances are paid for, as a mean over the month.

    What is committed is paid for all month, whether it runs or not.
    """

    on_demand: float
    spot: float = 0.0
    committed: float = 0.0


Fleets = tuple[Fleet, Fleet | None, Fleet]
"""At the floor, as expected (None when nothing says how many), at most."""


@dataclass(frozen=True, slots=True)
class InstancePrice:
    """What an hour of an instance costs; a factor that nobody publishes is None, as is an unknown price.

    `dearest` is type and price of what may serve in its place, where that costs more.
    """

    instance_type: str
    usd_per_hour: float | None
    commitment: str | None = None
    committed_factor: float | None = None
    spot_percent: int = 0
    spot_factor: float | None = None
    dearest: tuple[str, float | None] | None = None

    @property
    def committed_usd_per_hour(self) -> float | None:
        return _product(self.usd_per_hour, self.committed_factor)

    @property
    def spot_usd_per_hour(self) -> float | None:
        return _product(self.usd_per_hour, self.spot_factor)


def compute_lines(fleets: Fleets, price: InstancePrice) -> Iterator[CostLine]:
    """Yield a line for each way of paying that is in use."""
    if price.spot_percent < 100:  # noqa: PLR2004 - percent
        yield line("GPU instances", _on_demand(fleets, price), _basis(price))
    if price.commitment is not None:
        yield line(
            "GPU committed",
            _paid([fleet and fleet.committed for fleet in fleets], price.committed_usd_per_hour),
            f"{price.instance_type}, {price.commitment}, paid whether it runs or not",
        )
    if price.spot_percent:
        floor, expected, _ = _paid([fleet and fleet.spot for fleet in fleets], price.spot_usd_per_hour)
        yield line(
            "GPU spot",
            # A spot price moves, and never above the one on demand.
            (floor, expected, _cost(fleets[2].spot, price.usd_per_hour)),
            f"{price.instance_type}, {price.spot_percent}% of the instances; max: as on demand",
        )


def unknown_prices(price: InstancePrice, region: str) -> Iterator[str]:
    """Yield each price of an instance that is needed and that nobody publishes."""
    if price.usd_per_hour is None:
        yield f"price of {price.instance_type} in {region}"
    if price.dearest is not None and price.dearest[1] is None:
        yield f"price of {price.dearest[0]} in {region}"
    if price.commitment is not None and price.committed_factor is None:
        yield f"price of {price.instance_type} under {price.commitment}"
    if price.spot_percent and price.spot_factor is None:
        yield f"spot price of {price.instance_type} in {region}"


def _on_demand(fleets: Fleets, price: InstancePrice) -> Three:
    floor, expected, most = _paid([fleet and fleet.on_demand for fleet in fleets], price.usd_per_hour)
    if price.dearest is None:
        return floor, expected, most
    # The worst case: all of them are of the dearest type, which the commitment does not cover.
    return floor, expected, _cost(fleets[2].on_demand + fleets[2].committed, price.dearest[1])


def _basis(price: InstancePrice) -> str:
    if price.dearest is not None and price.dearest[1] is not None:
        return f"{price.instance_type}; max: {price.dearest[0]}"
    return f"{price.instance_type} on demand, one per replica"


def _paid(counts: list[float | None], usd_per_hour: float | None) -> Three:
    floor, expected, most = (None if count is None else _cost(count, usd_per_hour) for count in counts)
    return floor, expected, most


def _cost(count: float, usd_per_hour: float | None) -> float | None:
    """Return what instances cost in a month; none cost nothing, whatever the price is."""
    return times(usd_per_hour, count * HOURS_PER_MONTH) if count else 0.0


def _product(usd: float | None, factor: float | None) -> float | None:
    return None if usd is None or factor is None else usd * factor
