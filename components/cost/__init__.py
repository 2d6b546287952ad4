"""What a plan costs in a month of 730 hours: a floor, an expectation and a maximum, line by line."""

from __future__ import annotations

from components.cost.apis import ApiComparison, ApiRow, against_apis
from components.cost.ecs import EcsCostInputs, ecs_estimate
from components.cost.estimate import CostEstimate, CostLine
from components.cost.sagemaker import SagemakerCostInputs, sagemaker_estimate

__all__ = [
    "ApiComparison",
    "ApiRow",
    "CostEstimate",
    "CostLine",
    "EcsCostInputs",
    "SagemakerCostInputs",
    "against_apis",
    "ecs_estimate",
    "sagemaker_estimate",
]
