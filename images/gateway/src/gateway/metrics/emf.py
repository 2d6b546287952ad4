"""What does CloudWatch read? One line of its embedded metric format (specification as of 2026-11) for each interval."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.config.settings import GatewayConfig
    from gateway.traffic import Interval

DIMENSIONS = ("Stack", "Service")
COUNT, MILLISECONDS = "Count", "Milliseconds"
# A line may have 256 KB; an entry of the usage has about 150 bytes.
MOST_USAGE = 200


@dataclass(frozen=True, slots=True)
class Report:
    """What happened between two lines."""

    interval: Interval
    queued: float | None = 0.0
    """Mean number of requests that waited; None where nobody knows."""
    first_token_ms: Sequence[float] = ()
    output_token_ms: Sequence[float] = ()
    usage: Sequence[Mapping[str, Any]] = ()
    """What each key did with each model."""
    cost_usd: float = 0.0
    upstreams: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, "Mapping[str, Any]"])


def emf_line(config: GatewayConfig, report: Report, now: float) -> str:
    """The line; `now` in seconds since the epoch.

    Counts are there in every line, zeros included: silence must mean a dead gateway, never an idle one. A metric
    without a value (no stream, an engine that cannot be asked) is left out, since CloudWatch takes numbers only. Keys
    and models are no dimensions, of which each costs 0.30 USD a month and metric, but fields for Logs Insights.
    """
    interval = report.interval
    values: dict[str, tuple[str, float | list[float] | None]] = {
        "InFlight": (COUNT, interval.in_flight),
        "Queued": (COUNT, report.queued),
        "Requests": (COUNT, interval.requests),
        "TokensIn": (COUNT, interval.tokens_in),
        "TokensOut": (COUNT, interval.tokens_out),
        "TimeToFirstToken": (MILLISECONDS, _finite(report.first_token_ms)),
        "TimePerOutputToken": (MILLISECONDS, _finite(report.output_token_ms)),
    }
    metrics = {name: pair for name, pair in values.items() if pair[1] is not None}
    document = {
        "_aws": {
            "Timestamp": int(now * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": config.metrics_namespace,
                    "Dimensions": [list(DIMENSIONS)],
                    "Metrics": [{"Name": name, "Unit": unit} for name, (unit, _) in metrics.items()],
                }
            ],
        },
        "Stack": config.stack,
        "Service": config.service,
        "Model": config.model_name,
        **{name: value for name, (_, value) in metrics.items()},
        "CostUsd": round(report.cost_usd, 6),
        "Upstreams": report.upstreams,
        "Usage": _bounded(report.usage),
    }
    return json.dumps(document, separators=(",", ":"), allow_nan=False)


def _finite(values: Sequence[float]) -> list[float] | None:
    return [value for value in values if math.isfinite(value)] or None


def _bounded(usage: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The busiest; what they leave is in the metrics."""
    return sorted(usage, key=lambda entry: -entry["requests"])[:MOST_USAGE]
