"""What is a worker behind RunPod's load balancer told: two ports, and all that its gateway needs?

The names are those of `images/runpod_worker/README.md` and `images/gateway/README.md`; a test lets both read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.contracts import METRIC_NAMESPACE
from components.gateway.secrets import NO_SECRETS
from components.gateway.settings import GATEWAY_PORT, document, environment, upstreams
from components.plan.runpod.environment import secret_reference

if TYPE_CHECKING:
    from components.gateway.upstream import Settings
    from components.plan.gateway import GatewayPlan
    from components.plan.model import Plan

HEALTH_PORT = 8081
"""Another one than the gateway's: it answers from the first second, and until the last."""
_ENGINE: Settings = {"name": "engine", "url": "http://127.0.0.1:8000"}


def exposed_ports() -> list[str]:
    """Return the ports that RunPod's load balancer must reach."""
    return [f"{GATEWAY_PORT}/http", f"{HEALTH_PORT}/http"]


def worker_environment(plan: Plan, gateway: GatewayPlan) -> dict[str, str]:
    """Return the variables of a gateway in a worker; a secret is a reference that RunPod fills in."""
    asked = document(plan, gateway, NO_SECRETS, upstreams(gateway, _ENGINE, {}), table=None)
    keys = {"BERTH_CLIENT_KEYS": secret_reference(gateway.keys_secret)} if gateway.keys_secret else {}
    return {
        **environment(plan, gateway, document=asked, metrics_namespace=METRIC_NAMESPACE),
        **keys,
        "PORT": str(GATEWAY_PORT),
        "PORT_HEALTH": str(HEALTH_PORT),
    }
