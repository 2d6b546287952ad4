"""Names on which separately built parts agree: metrics, parameters, wake hook, cost estimate.

The gateway does not import this module (it ships alone); `tests/repo/test_contracts.py` keeps both in step.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

NO_REGION = "local"
"""What stands for a region where nothing of a service is in AWS."""
METRIC_NAMESPACE = "Berth"
METRIC_DIMENSIONS = ("Stack", "Service")


class GatewayMetric(StrEnum):
    """Published once per minute and task by the gateway: counts with their zeros, times where there was a stream."""

    IN_FLIGHT = "InFlight"
    QUEUED = "Queued"
    REQUESTS = "Requests"
    TOKENS_IN = "TokensIn"
    TOKENS_OUT = "TokensOut"
    FIRST_TOKEN_MS = "TimeToFirstToken"  # noqa: S105 - no secret
    OUTPUT_TOKEN_MS = "TimePerOutputToken"  # noqa: S105 - no secret


class KeeperMetric(StrEnum):
    """Published by the keeper at each of its runs."""

    SPEND_MONTH_TO_DATE = "SpendMonthToDate"
    BURN_RATE_USD_PER_HOUR = "BurnRateUsdPerHour"
    PROJECTED_MONTH_END = "ProjectedMonthEnd"
    IDLE_MINUTES = "IdleMinutes"
    STATE = "State"


ParameterKind = Literal["config", "state", "awake_until", "wake"]


def parameter_name(stack: str, service: str, kind: ParameterKind) -> str:
    """Name of the SSM parameter that holds `kind` for a service.

    >>> parameter_name("prod", "chat", "awake_until")
    '/berth/prod/chat/awake_until'
    """
    return f"/berth/{stack}/{service}/{kind}"


def log_group_name(stack: str, service: str, container: str) -> str:
    """Name of the CloudWatch log group of one container.

    >>> log_group_name("prod", "chat", "vllm")
    '/berth/prod/chat/vllm'
    """
    return f"/berth/{stack}/{service}/{container}"


class WakeAnswer:
    """HTTP status codes of the wake hook (one POST with `service` and `key_id`)."""

    ACCEPTED = 202
    OUTSIDE_HOURS = 409
    UNDER_WAY = 429


COST_ESTIMATE_KEYS = (
    "floor",
    "expected",
    "max",
    "usdPerMillionTokens",
    "lines",
    "assumptions",
    "priceTableDate",
    "unknowns",
    "oneOff",
)

SERVICE_OUTPUTS = (
    "openai_base_url",
    "model_name",
    "auth",
    "state",
    "estimate",
    "dashboard_url",
    "logs",
)
