"""How does a gateway reach a service, and what does it need for that?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.plan.front.peers import peer_price

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi
    import pulumi_aws as aws

    from components.plan.model import Plan
    from components.statements import Statement

Settings = dict[str, Any]
"""One entry of the gateway's `upstreams`, as `images/gateway/README.md` describes it."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """A service as its front, and the gateways of services that fall back on it, see it."""

    plan: Plan
    settings: Mapping[str, pulumi.Input[str]]
    """Kind and address."""
    statements: tuple[Statement, ...] = ()
    """What the role of a task needs to call it."""
    takes_key: bool = False
    """Whether a key has to be sent."""
    load_balancer: aws.ec2.SecurityGroup | None = None
    """Set where a load balancer lets in nobody but the front."""

    @property
    def model(self) -> str:
        """What it calls its model."""
        return self.plan.model.served_name

    def price(self, gateways: int) -> dict[str, float]:
        """Return what a replica of it costs that so many gateways ask; nothing where nobody publishes it."""
        known = peer_price(self.plan)
        return {} if known is None else price_settings(*known, gateways)


def price_settings(usd_per_hour: float | None, requests_per_replica: int | None, gateways: int) -> dict[str, float]:
    """Return a price by the hour as a gateway takes it: `gateways` share it.

    >>> price_settings(1.2, None, 1), price_settings(1.2, 8, 2)
    ({'usd_per_hour': 1.2}, {'usd_per_hour': 1.2, 'requests_per_replica': 8, 'gateways': 2})
    """
    if usd_per_hour is None:
        return {}
    replicas = {"requests_per_replica": requests_per_replica} if requests_per_replica else {}
    return {"usd_per_hour": usd_per_hour, **replicas, **({"gateways": gateways} if gateways > 1 else {})}
