"""Which rules are there? Every one, in the order in which reports list them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.errors import did_you_mean
from policies import (
    awake,
    budget,
    cost,
    egress,
    encryption,
    exposure,
    hardware,
    logs,
    permissions,
    pins,
    purchase,
    replicas,
    storage,
    tagging,
    variables,
    workers,
)
from policies.exemption import exemption_rule

if TYPE_CHECKING:
    from policies.rule import AnyRule

_OF_DOMAINS: list[AnyRule] = [
    *cost.RULES,
    *hardware.RULES,
    *replicas.RULES,
    *workers.RULES,
    *awake.RULES,
    *budget.RULES,
    *purchase.RULES,
    *tagging.RULES,
    *exposure.RULES,
    *variables.RULES,
    *permissions.RULES,
    *encryption.RULES,
    *pins.RULES,
    *logs.RULES,
    *storage.RULES,
    *egress.RULES,
]
RULES: list[AnyRule] = [
    *_OF_DOMAINS,
    exemption_rule(
        {rule.name for rule in _OF_DOMAINS},
        {rule.name for rule in _OF_DOMAINS if not rule.exemptible},
        lambda name: did_you_mean(name, [rule.name for rule in _OF_DOMAINS if rule.exemptible]),
    ),
]
