"""What are the three containers of a task: the weight download, the engine, and the gateway in front of it?

Keys are sorted, absent values left out and lists in one order, so that an unchanged plan is an unchanged revision.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.container import Container, container_definition, http_check
from components.contracts import METRIC_NAMESPACE
from components.gateway.settings import GATEWAY_PORT, HEALTH_PATH, document, environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.ecs.secrets import ServiceSecrets
    from components.gateway.upstream import Settings
    from components.plan.ecs.values import EcsPlan
    from components.plan.gateway import GatewayPlan
    from components.plan.model import Plan

WEIGHTS, ENGINE, GATEWAY = "weights", "vllm", "gateway"
CONTAINERS = (WEIGHTS, ENGINE, GATEWAY)
ENGINE_PORT = 8000
BESIDE: Settings = {"name": "engine", "url": f"http://127.0.0.1:{ENGINE_PORT}"}
"""The engine as the gateway in the same task reaches it."""
MODELS_VOLUME, MODELS_PATH = "models", "/models"
ENGINE_CACHE_VOLUME, ENGINE_CACHE_PATH = "vllm-cache", "/vllm-cache"
CACHE_UID, CACHE_GID = 2000, 0
_HEALTH_TIMEOUT_SECONDS = 10
_HEALTH_SCRIPT = Path(__file__).with_name("engine_health.py").read_text(encoding="utf-8")
_MIB_PER_GIB = 1024


def container_definitions(
    plan: Plan,
    gateway: GatewayPlan,
    ecs: EcsPlan,
    secrets: ServiceSecrets,
    upstreams: Sequence[Settings],
    *,
    table: str | None = None,
) -> str:
    """Return the containers of a plan as the JSON that a task definition takes; addresses of `upstreams` are known."""
    asked = document(plan, gateway, secrets.gateway, upstreams, table=table)
    variables = environment(plan, gateway, document=asked, metrics_namespace=METRIC_NAMESPACE)
    containers = [_weights(plan, ecs, secrets), _engine(plan, ecs), _gateway(plan, gateway, ecs, secrets, variables)]
    return json.dumps(containers, sort_keys=True, separators=(",", ":"))


def _weights(plan: Plan, ecs: EcsPlan, secrets: ServiceSecrets) -> Container:
    return container_definition(
        plan,
        WEIGHTS,
        image=ecs.weight_cache_image,
        essential=False,
        memory=ecs.weight_cache_memory_mib,
        environment={
            # The SDK's way to the bucket through the S3 endpoint; without a region it goes around by us-east-1.
            "AWS_REGION": plan.region if plan.model.source == "s3" else None,
            "BERTH_MODEL_ID": plan.model.id,
            "BERTH_MODEL_REVISION": plan.model.revision,
            "BERTH_MODEL_SOURCE": plan.model.source,
            "BERTH_MODEL_S3_URI": plan.model.s3_uri,
            "BERTH_MODEL_TOKEN_SECRET": plan.model.token_secret,
            "BERTH_MODELS_DIR": MODELS_PATH,
        },
        secrets={"HF_TOKEN": secrets.token.arn} if secrets.token else None,
        # As process 1 it would not see the signal that ends a task, and be killed half a minute later.
        linuxParameters={"initProcessEnabled": True},
        mountPoints=[_mount(MODELS_VOLUME, MODELS_PATH, read_only=False)],
        # A download that hangs would hold a GPU that does nothing; the next task goes on where this one ended.
        startTimeout=ecs.weight_cache_start_timeout_seconds,
    )


def _engine(plan: Plan, ecs: EcsPlan) -> Container:
    return container_definition(
        plan,
        ENGINE,
        image=plan.engine.image,
        essential=True,
        memory=ecs.engine_memory_mib,
        memoryReservation=ecs.engine_memory_reservation_mib,
        command=list(plan.engine.arguments),
        environment={
            **plan.engine.environment,
            "BERTH_EXPECT_GPUS": str(plan.hardware.gpu_count),
            "BERTH_EXPECT_GPU_MEMORY_MIB": str(int(plan.hardware.fit.usable_gib * _MIB_PER_GIB)),
        },
        resourceRequirements=[{"type": "GPU", "value": str(plan.hardware.gpu_count)}],
        dependsOn=[{"containerName": WEIGHTS, "condition": "SUCCESS"}],
        healthCheck={
            # The engine's image has nothing of ours in it, so the script itself stands here.
            "command": ["CMD", "python3", "-c", _HEALTH_SCRIPT],
            "interval": ecs.health_interval_seconds,
            "retries": ecs.health_retries,
            "startPeriod": ecs.health_start_period_seconds,
            "timeout": _HEALTH_TIMEOUT_SECONDS,
        },
        # NCCL and torch share tensors between processes in /dev/shm, where Docker gives 64 MiB.
        linuxParameters={"initProcessEnabled": True, "sharedMemorySize": ecs.shared_memory_mib},
        mountPoints=[
            _mount(MODELS_VOLUME, MODELS_PATH, read_only=True),
            _mount(ENGINE_CACHE_VOLUME, ENGINE_CACHE_PATH, read_only=False),
        ],
        startTimeout=ecs.engine_start_timeout_seconds,
        stopTimeout=ecs.engine_stop_timeout_seconds,
        ulimits=[
            {"name": "memlock", "softLimit": -1, "hardLimit": -1},
            {"name": "nofile", "softLimit": 65536, "hardLimit": 65536},
            {"name": "stack", "softLimit": 67108864, "hardLimit": 67108864},
        ],
        user=f"{CACHE_UID}:{CACHE_GID}",
    )


def _gateway(
    plan: Plan, gateway: GatewayPlan, ecs: EcsPlan, secrets: ServiceSecrets, variables: dict[str, str]
) -> Container:
    return container_definition(
        plan,
        GATEWAY,
        image=gateway.image,
        essential=True,
        memory=ecs.gateway_memory_mib,
        memoryReservation=ecs.gateway_memory_reservation_mib,
        portMappings=[{"containerPort": GATEWAY_PORT, "hostPort": GATEWAY_PORT, "name": "http", "protocol": "tcp"}],
        environment=variables,
        secrets={name: secret.arn for name, secret in secrets.gateway.variables.items()},
        # Started after and stopped before the engine: the load balancer never sees a model that is loading.
        dependsOn=[{"containerName": ENGINE, "condition": "HEALTHY"}],
        healthCheck={
            "command": http_check(GATEWAY_PORT, HEALTH_PATH),
            "interval": 10,
            "retries": 3,
            "startPeriod": 30,
            "timeout": 5,
        },
        linuxParameters={"initProcessEnabled": True},
        readonlyRootFilesystem=True,
        stopTimeout=ecs.gateway_stop_timeout_seconds,
        ulimits=[{"name": "nofile", "softLimit": 65536, "hardLimit": 65536}],
    )


def _mount(volume: str, path: str, *, read_only: bool) -> dict[str, Any]:
    return {"sourceVolume": volume, "containerPath": path, "readOnly": read_only}
