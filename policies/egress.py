"""What does the way out of the network cost?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.kinds import NAT_GATEWAY, VPC_ENDPOINT
from policies.rule import StackRule
from policies.value import CannotTell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policies.resources import Resource
    from policies.rule import Finding, Stack


def _egress(stack: Stack) -> Iterator[tuple[Resource | None, Finding]]:
    gateways, limit = stack.of(NAT_GATEWAY), stack.settings["maxNatGateways"]
    if len(gateways) > limit:
        count = f"{len(gateways)} NAT gateway{'' if len(gateways) == 1 else 's'}"
        yield None, f"{count}, each paid for by the hour and by the GB, and {limit:g} are allowed here"
    if not gateways:
        return
    unknown: CannotTell | None = None
    for endpoint in stack.of(VPC_ENDPOINT):
        try:
            if (endpoint.value["serviceName"].text() or "").endswith(".s3"):
                return
        except CannotTell as reason:
            unknown = reason
    yield None, unknown or "no endpoint for S3, so that image layers and weights are paid for at the NAT gateway"


RULES = [
    StackRule(
        name="nat-and-egress",
        about="Weights and images do not travel through more NAT gateways than needed.",
        remedy="add a gateway endpoint for S3, which is free, and share one NAT gateway",
        severity="low",
        level="advisory",
        types=(NAT_GATEWAY, VPC_ENDPOINT),
        check=_egress,
        settings={
            "maxNatGateways": {"type": "integer", "minimum": 0, "default": 1, "description": "NAT gateways of a stack."}
        },
        exemptible=False,
    )
]
