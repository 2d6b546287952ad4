"""What a plan costs in a month of 730 hours: a floor, an expectation and a maximum, line by line."""

from __future__ import annotations

from components.cost.estimate import CostEstimate, CostLine
from components.cost.price import CostInputs, estimate

__all__ = ["CostEstimate", "CostInputs", "CostLine", "estimate"]
