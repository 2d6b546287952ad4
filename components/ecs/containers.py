"""What are the three containers of a task: the weight download, the engine, and the gateway in front of it?

Keys are sorted, absent values left out and lists in one order, so that an unchanged plan is an unchanged revision.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from components.contracts import METRIC_NAMESPACE, log_group_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.ecs.secrets import ServiceSecrets
    from components.plan.model import EcsPlan, GatewayPlan, Plan

Container = dict[str, Any]

WEIGHTS, ENGINE, GATEWAY = "weights", "vllm", "gateway"
CONTAINERS = (WEIGHTS, ENGINE, GATEWAY)
ENGINE_PORT = 8000
GATEWAY_PORT = 8080
READY_PATH = "/readyz"
MODELS_VOLUME, MODELS_PATH = "models", "/models"
ENGINE_CACHE_VOLUME, ENGINE_CACHE_PATH = "vllm-cache", "/vllm-cache"
CACHE_UID, CACHE_GID = 2000, 0
_HEALTH_TIMEOUT_SECONDS = 10


def container_definitions(plan: Plan, gateway: GatewayPlan, ecs: EcsPlan, secrets: ServiceSecrets) -> str:
    """Return the containers of a plan as the JSON that a task definition takes."""
    containers = [_weights(plan, ecs, secrets), _engine(plan, ecs), _gateway(plan, gateway, ecs, secrets)]
    return json.dumps(containers, sort_keys=True, separators=(",", ":"))


def _weights(plan: Plan, ecs: EcsPlan, secrets: ServiceSecrets) -> Container:
    return _container(
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
    return _container(
        plan,
        ENGINE,
        image=plan.engine.image,
        essential=True,
        memory=ecs.engine_memory_mib,
        memoryReservation=ecs.engine_memory_reservation_mib,
        command=list(plan.engine.arguments),
        environment=plan.engine.environment,
        resourceRequirements=[{"type": "GPU", "value": str(plan.hardware.gpu_count)}],
        dependsOn=[{"containerName": WEIGHTS, "condition": "SUCCESS"}],
        healthCheck={
            "command": _get(ENGINE_PORT, "/health"),
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


def _gateway(plan: Plan, gateway: GatewayPlan, ecs: EcsPlan, secrets: ServiceSecrets) -> Container:
    return _container(
        plan,
        GATEWAY,
        image=gateway.image,
        essential=True,
        memory=ecs.gateway_memory_mib,
        memoryReservation=ecs.gateway_memory_reservation_mib,
        portMappings=[{"containerPort": GATEWAY_PORT, "hostPort": GATEWAY_PORT, "name": "http", "protocol": "tcp"}],
        environment={
            "BERTH_STACK": plan.stack,
            "BERTH_SERVICE": plan.service,
            "BERTH_UPSTREAM_URL": f"http://127.0.0.1:{ENGINE_PORT}",
            "BERTH_MODEL_NAME": plan.model.served_name,
            "BERTH_MAX_REQUEST_SECONDS": str(gateway.max_request_seconds),
            "BERTH_DRAIN_SECONDS": str(gateway.drain_seconds),
            "BERTH_PORT": str(GATEWAY_PORT),
            "BERTH_METRICS_NAMESPACE": METRIC_NAMESPACE,
        },
        secrets={"BERTH_CLIENT_KEYS": secrets.client_keys.arn} if secrets.client_keys else None,
        # Started after and stopped before the engine: the load balancer never sees a model that is loading.
        dependsOn=[{"containerName": ENGINE, "condition": "HEALTHY"}],
        healthCheck={
            "command": _get(GATEWAY_PORT, "/healthz"),
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


def _container(
    plan: Plan,
    name: str,
    *,
    image: str,
    environment: Mapping[str, str | None],
    secrets: Mapping[str, str] | None = None,
    **settings: Any,
) -> Container:
    definition: Container = {
        "name": name,
        "image": image,
        "environment": [{"name": key, "value": value} for key, value in sorted(environment.items()) if value],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": log_group_name(plan.stack, plan.service, name),
                "awslogs-region": plan.region,
                "awslogs-stream-prefix": name,
                # A full buffer in blocking mode stalls the process that logs.
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
        **settings,
    }
    if secrets:
        definition["secrets"] = [{"name": key, "valueFrom": secrets[key]} for key in sorted(secrets)]
    return definition


def _mount(volume: str, path: str, *, read_only: bool) -> dict[str, Any]:
    return {"sourceVolume": volume, "containerPath": path, "readOnly": read_only}


def _get(port: int, path: str) -> list[str]:
    # Neither image promises curl; both have Python. urlopen raises on 4xx and 5xx.
    script = f"import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}{path}', timeout=5)"
    return ["CMD", "python3", "-c", script]
