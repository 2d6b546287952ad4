"""Group `pricing`: how the instances are paid for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from components.spec.group import Group

ON_DEMAND = "on_demand"
Commitment = Literal[
    "on_demand",
    "1y_no_upfront",
    "1y_partial_upfront",
    "1y_all_upfront",
    "3y_no_upfront",
    "3y_partial_upfront",
    "3y_all_upfront",
]


class PricingSpec(Group):
    """How the instances are paid for."""

    commitment: Commitment = "on_demand"
    """Savings Plan that you have, or will buy, for `scaling.min_replicas`: years, and what is paid on the first day. It
    changes prices only, Berth buys none. Omitted: on_demand."""
    spot_percent: Annotated[int, Field(ge=0, le=100)] = 0
    """Share of the instances that is spare capacity of AWS: cheaper, and taken back with two minutes' notice.
    Omitted: 0."""
