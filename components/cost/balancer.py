"""What an application load balancer costs in a month: its hours, its capacity, its public addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.prices import service_usd
from components.cost.estimate import HOURS_PER_MONTH
from components.cost.lines import line, plus, priced, times

if TYPE_CHECKING:
    from components.cost.estimate import CostLine
    from components.cost.lines import Three
    from components.cost.traffic import Traffic

_ZONES = 2
_CAPACITY_UNITS = (0.0, 1.0, 5.0)
"""Of the load balancer where no load is declared."""
_CONNECTIONS_PER_UNIT = 25 * 3600
"""New connections of an hour in one load balancer capacity unit, which is also 1 GB of an hour.

Source: Elastic Load Balancing price page.
"""


def balancer_line(
    name: str, region: str, *, traffic: Traffic | None, most_traffic: Traffic | None, public: bool
) -> CostLine:
    """Return what a load balancer in two zones costs."""
    units: Three = _CAPACITY_UNITS
    if traffic is not None and most_traffic is not None:
        units = (0.0, _units(traffic), _units(most_traffic))
    hours = times(service_usd("alb_hour", region), HOURS_PER_MONTH)
    addresses = times(service_usd("public_ipv4_hour", region), HOURS_PER_MONTH * _ZONES) if public else 0.0
    capacity = priced(units, times(service_usd("alb_lcu_hour", region), HOURS_PER_MONTH))
    what = f"application load balancer, its capacity{', 2 public addresses' if public else ''}"
    return line(name, plus(plus(capacity, hours), addresses), what)


def _units(traffic: Traffic) -> float:
    """Return the mean capacity units that a month's traffic takes: a new connection for each request, or its bytes."""
    in_bytes = (traffic.received_gb + traffic.sent_gb) / HOURS_PER_MONTH
    return max(in_bytes, traffic.requests / HOURS_PER_MONTH / _CONNECTIONS_PER_UNIT)
