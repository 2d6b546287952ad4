"""Where do all gateways of a service know together what each key has spent?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

if TYPE_CHECKING:
    from components.plan.gateway import GatewayPlan
    from components.scope import ServiceScope

_KEY, _EXPIRES = "id", "expires"
"""Attributes of the table, as the gateway writes them."""


def spending_table(scope: ServiceScope, gateway: GatewayPlan) -> str | None:
    """Return the name of the table of budgets, known at preview; None where no money is counted."""
    # With the prefix of its component: while a service moves behind a front, both tables are there.
    return f"{scope.physical_name}_{scope.prefix}spending" if gateway.counts_spending else None


def make_spending_table(scope: ServiceScope, gateway: GatewayPlan) -> aws.dynamodb.Table | None:
    """Make the table of budgets, paid by the lease; what it forgets are months that are long over."""
    name = spending_table(scope, gateway)
    if name is None:
        return None
    return aws.dynamodb.Table(
        scope.name("spending"),
        name=name,
        billing_mode="PAY_PER_REQUEST",
        hash_key=_KEY,
        attributes=[{"name": _KEY, "type": "S"}],
        ttl={"attribute_name": _EXPIRES, "enabled": True},
        tags=scope.tagged("spending"),
        # Its name is fixed: the new one could not stand beside the old.
        opts=scope.options(protect=gateway.protect_spending, delete_before_replace=True),
    )
