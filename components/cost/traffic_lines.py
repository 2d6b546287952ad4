"""What logs and answers cost that every AWS target has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.prices import service_usd
from components.cost.lines import added, each, line, priced, times
from components.cost.traffic import BYTES_PER_OUTPUT_TOKEN

if TYPE_CHECKING:
    from components.cost.estimate import CostLine
    from components.cost.lines import Three
    from components.cost.usage import Usage

LOG_GB = (0.1, 1.0, 5.0)
"""Logs of each replica in a month."""
SENT_GB = (0.0, 1.0, 20.0)
"""Answers of each replica in a month where no load is declared."""
_DAYS_PER_MONTH = 30


def log_line(usage: Usage, region: str, retention_days: int) -> CostLine:
    """Return what logs cost to be taken in and kept."""
    return logs_of("logs", usage.replicas, region, retention_days)


def logs_of(name: str, writers: Three, region: str, retention_days: int) -> CostLine:
    """Return what the logs of so many processes cost."""
    months = retention_days / _DAYS_PER_MONTH
    per_gb = added(service_usd("logs_ingested_gb", region), times(service_usd("logs_stored_gb_month", region), months))
    return line(name, priced(each(writers, LOG_GB), per_gb), f"kept {retention_days} days")


def sent_gb(usage: Usage) -> Three:
    """Return what clients are sent: of no request at the floor, of the load, of all that the replicas could answer."""
    if usage.traffic is None or usage.most_traffic is None:
        return each(usage.replicas, SENT_GB)
    return 0.0, usage.traffic.sent_gb, usage.most_traffic.sent_gb


def egress_line(usage: Usage, region: str) -> CostLine:
    """Return what answers to the internet cost."""
    return line(
        "egress",
        priced(sent_gb(usage), service_usd("egress_gb", region)),
        f"answers, streamed, {BYTES_PER_OUTPUT_TOKEN} bytes a token",
    )
