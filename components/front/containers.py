"""What is the one container of a front's task?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from components.container import container_definition, http_check
from components.front.keeper import TARGET, sleep_settings
from components.gateway.settings import GATEWAY_PORT, HEALTH_PATH, document, environment
from components.plan.front.notes import FRONT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.front.keeper import Keeper
    from components.gateway.secrets import GatewaySecrets
    from components.gateway.upstream import Settings, Upstream
    from components.plan.gateway import FrontPlan
    from components.plan.model import Plan


def target_settings(upstream: Upstream, key_variable: str) -> Settings:
    """Return how a front reaches its target; what the address has of outputs stays one."""
    key = {"key": {"env": key_variable}} if upstream.takes_key else {}
    return {"name": TARGET, **upstream.settings, **key}


def container_definitions(
    plan: Plan,
    front: FrontPlan,
    secrets: GatewaySecrets,
    upstreams: Sequence[Settings],
    *,
    table: str | None,
    keeper: Keeper | None = None,
    wake_url: str | None = None,
) -> str:
    """Return the container of a front as the JSON that a task definition takes; all addresses are known."""
    asleep = sleep_settings(front, keeper, wake_url)
    asked = document(plan, front.gateway, secrets, upstreams, table=table, sleep=asleep)
    container = container_definition(
        plan,
        FRONT,
        image=front.gateway.image,
        essential=True,
        portMappings=[{"containerPort": GATEWAY_PORT, "hostPort": GATEWAY_PORT, "name": "http", "protocol": "tcp"}],
        environment=environment(plan, front.gateway, document=asked, metrics_namespace=front.metrics_namespace),
        secrets={name: secret.arn for name, secret in secrets.variables.items()},
        healthCheck={
            "command": http_check(GATEWAY_PORT, HEALTH_PATH),
            "interval": 10,
            "retries": 3,
            "startPeriod": 30,
            "timeout": 5,
        },
        linuxParameters={"initProcessEnabled": True},
        readonlyRootFilesystem=True,
        stopTimeout=front.stop_timeout_seconds,
        ulimits=[{"name": "nofile", "softLimit": 65536, "hardLimit": 65536}],
    )
    return json.dumps([container], sort_keys=True, separators=(",", ":"))
