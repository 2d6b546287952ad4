"""What is a gateway told: which variables, and which document in one of them?

Keys are sorted and absent values left out, so that an unchanged plan is an unchanged revision. The names are those of
`images/gateway/README.md`; a test lets the gateway itself read what is written here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from components.gateway.secrets import fallback_key
from components.gateway.upstream import price_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.gateway.secrets import GatewaySecrets
    from components.gateway.upstream import Settings, Upstream
    from components.plan.gateway import Fallback, GatewayPlan, KeyLimits, Template
    from components.plan.model import Plan

GATEWAY_PORT = 8080
HEALTH_PATH, READY_PATH = "/healthz", "/readyz"


def upstreams(
    gateway: GatewayPlan, own: Settings, peers: Mapping[str, Upstream], *, gateways: int = 1, share_own: bool = False
) -> list[Settings]:
    """Return what a gateway sends requests to: `own` first, then its fallbacks; addresses may be outputs.

    `gateways` of the service ask the same peers, and with `share_own` they stand before the same replicas, too.
    """
    price = price_settings(gateway.usd_per_hour, gateway.requests_per_replica, gateways if share_own else 1)
    first = {**own, **({"price": price} if price else {})}
    return [first, *(_fallback(index, one, peers, gateways) for index, one in enumerate(gateway.fallback))]


def environment(
    plan: Plan, gateway: GatewayPlan, *, document: Mapping[str, Any], metrics_namespace: str
) -> dict[str, str]:
    """Return the variables of a gateway's container."""
    return {
        "BERTH_CONFIG": json.dumps(document, sort_keys=True, separators=(",", ":")),
        "BERTH_DRAIN_SECONDS": str(gateway.drain_seconds),
        "BERTH_MAX_REQUEST_SECONDS": str(gateway.max_request_seconds),
        "BERTH_METRICS_NAMESPACE": metrics_namespace,
        "BERTH_MODEL_NAME": plan.model.served_name,
        "BERTH_PORT": str(GATEWAY_PORT),
        "BERTH_SERVICE": plan.service,
        "BERTH_STACK": plan.stack,
    }


def document(
    plan: Plan,
    gateway: GatewayPlan,
    secrets: GatewaySecrets,
    resolved: Sequence[Settings],
    *,
    table: str | None,
    sleep: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the structure that single variables cannot hold; `resolved` are the upstreams, their addresses known."""
    first, *others = (one["name"] for one in resolved)
    asked = {
        "budget": {"table": table} if table else None,
        "cors_origins": list(gateway.cors_origins),
        "keys": _keys(gateway.limits, secrets),
        "log_prompts": gateway.log_prompts,
        # Of Secrets Manager, DynamoDB and SSM: an instance's task is not told where it runs.
        "region": plan.region if secrets.client_keys or table or (sleep and "document" in sleep) else None,
        "routes": [{"upstreams": [first], "fallback": others}] if others else None,
        "sleep": dict(sleep) if sleep else None,
        "templates": {name: _template(one) for name, one in gateway.templates.items()},
        "upstreams": list(resolved),
    }
    return {name: value for name, value in asked.items() if value}


def _fallback(index: int, one: Fallback, peers: Mapping[str, Upstream], gateways: int) -> Settings:
    key = {"key": {"env": fallback_key(index)}} if one.key_secret else {}
    if one.service is not None:
        peer = peers[one.service]
        price = peer.price(gateways)
        named = {"name": f"peer-{one.service}", **peer.settings, "model": one.model or peer.model}
        return {**named, **key, **({"price": price} if price else {})}
    tokens = {"usd_per_million_input": one.usd_per_million_input, "usd_per_million_output": one.usd_per_million_output}
    price = {"price": tokens} if one.usd_per_million_input is not None else {}
    return {
        "name": f"fallback-{index + 1}",
        "url": one.url,
        **({"model": one.model} if one.model else {}),
        **key,
        **price,
    }


def _keys(limits: KeyLimits, secrets: GatewaySecrets) -> dict[str, Any]:
    terms = {
        "requests_per_minute": limits.requests_per_minute,
        "tokens_per_minute": limits.tokens_per_minute,
        "concurrency": limits.concurrency,
        "usd_per_month": limits.usd_per_month,
    }
    given = {name: value for name, value in terms.items() if value is not None}
    found: dict[str, Any] = {"defaults": given} if given else {}
    return {**found, "secret": secrets.client_keys.arn} if secrets.client_keys else found


def _template(one: Template) -> dict[str, Any]:
    given: dict[str, Any] = {"system_prefix": one.system, "defaults": dict(one.parameters)}
    return {name: value for name, value in given.items() if value}
