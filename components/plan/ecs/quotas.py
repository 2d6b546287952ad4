"""Which quotas does an account need for the instances of a service, on demand and spare ones each of their own?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.plan.expectation import on_demand_of
from components.plan.model import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.ecs.values import EcsPlan
    from components.plan.model import Hardware

_ON_DEMAND = {"G": "L-DB2E81BA", "P": "L-417A185B"}
"""Codes of "Running On-Demand G and VT instances" and "Running On-Demand P instances"."""
_SPOT = {"g": "L-3819A6DF", "p3": "L-7212CCBC", "p4": "L-7212CCBC", "p5": "L-C4BD4855"}
"""Codes of "All G and VT", "All P4, P3 and P2" and "All P5 Spot Instance Requests", by how an instance type begins.

Source: EC2 user guide, "Spot Instance quotas", and the console's links from it (2026-11); none is known for P6.
"""


def quota_notes(hardware: Hardware, ecs: EcsPlan) -> Iterator[Note]:
    """Yield the vCPUs that the most instances take of each quota."""
    vcpus = hardware.vcpus or 0
    family = hardware.instance_type[0].upper()
    bought = on_demand_of(ecs.instances_max, ecs.spot_percent)
    spare = ecs.instances_max - bought
    if bought:
        yield Note(
            "info",
            "scaling.max_replicas",
            f"the account needs an on-demand quota of {bought * vcpus} vCPUs for {family} instances "
            f"({_ON_DEMAND[family]} in Service Quotas; a new account has 0)",
        )
    if spare:
        code = next((code for start, code in _SPOT.items() if hardware.instance_type.startswith(start)), None)
        where = f"{code} in Service Quotas" if code else "in Service Quotas"
        yield Note(
            "info",
            "pricing.spot_percent",
            f"the account needs a spot quota of {spare * vcpus} vCPUs for {family} instances ({where}; a new account "
            "has 0)",
        )
