"""The containers of a task, as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from components.ecs.containers import BESIDE, container_definitions
from components.ecs.secrets import ServiceSecrets
from components.gateway.secrets import GatewaySecrets
from components.secret import Secret

SECRETS = ServiceSecrets(token=Secret("arn:token"), gateway=GatewaySecrets(Secret("arn:keys")))
NONE = ServiceSecrets(token=None)
UPSTREAMS = [{**BESIDE, "price": {"usd_per_hour": 0.9776}}]
ROOT = Path(__file__).resolve().parents[2]
HEALTH_SCRIPT = ROOT / "images" / "engine" / "engine_health.py"


@pytest.fixture
def containers(plan_of):
    """Return the containers by name."""

    def containers(plan=None, secrets=SECRETS):
        plan = plan or plan_of()
        text = container_definitions(plan, plan.gateway, plan.ecs, secrets, UPSTREAMS)
        return {one["name"]: one for one in json.loads(text)}

    return containers


def logs(container):
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": f"/berth/dev/chat/{container}",
            "awslogs-region": "us-east-1",
            "awslogs-stream-prefix": container,
            "max-buffer-size": "25m",
            "mode": "non-blocking",
        },
    }


def test_the_weights_are_downloaded_by_a_container_that_ends(containers):
    """It is not essential, may write the models, and gets the token as a reference."""
    assert containers()["weights"] == {
        "name": "weights",
        "image": "berth/weight-cache:1",
        "essential": False,
        "memory": 2048,
        "environment": [
            {"name": "BERTH_MODELS_DIR", "value": "/models"},
            {"name": "BERTH_MODEL_ID", "value": "meta-llama/Llama-3.1-8B-Instruct"},
            {"name": "BERTH_MODEL_SOURCE", "value": "hub"},
            {"name": "BERTH_MODEL_TOKEN_SECRET", "value": "huggingface/token"},
        ],
        "secrets": [{"name": "HF_TOKEN", "valueFrom": "arn:token"}],
        "linuxParameters": {"initProcessEnabled": True},
        "mountPoints": [{"sourceVolume": "models", "containerPath": "/models", "readOnly": False}],
        "startTimeout": 960,
        "logConfiguration": logs("weights"),
    }


def test_the_health_script_is_the_one_that_is_tested_and_shipped():
    """Images import nothing of components, so the script stands twice, byte for byte."""
    copy = ROOT / "components" / "ecs" / "engine_health.py"
    assert copy.read_bytes() == HEALTH_SCRIPT.read_bytes()


def test_the_engine_starts_after_the_weights_and_is_reached_by_nobody_else(containers):
    """It has the GPU, reads the models, maps no port, and its health is asked on the loopback address."""
    assert containers()["vllm"] == {
        "name": "vllm",
        "image": "vllm/vllm-openai:v0.33.0",
        "essential": True,
        "memory": 28_000,
        "memoryReservation": 26_000,
        "command": ["/models/meta-llama--Llama-3.1-8B-Instruct/main", "--port", "8000"],
        "environment": [
            {"name": "BERTH_EXPECT_GPUS", "value": "1"},
            {"name": "BERTH_EXPECT_GPU_MEMORY_MIB", "value": "22886"},
            {"name": "DO_NOT_TRACK", "value": "1"},
            {"name": "HF_HUB_OFFLINE", "value": "1"},
        ],
        "resourceRequirements": [{"type": "GPU", "value": "1"}],
        "dependsOn": [{"containerName": "weights", "condition": "SUCCESS"}],
        "healthCheck": {
            "command": ["CMD", "python3", "-c", HEALTH_SCRIPT.read_text()],
            "interval": 60,
            "retries": 10,
            "startPeriod": 300,
            "timeout": 10,
        },
        "linuxParameters": {"initProcessEnabled": True, "sharedMemorySize": 2048},
        "mountPoints": [
            {"sourceVolume": "models", "containerPath": "/models", "readOnly": True},
            {"sourceVolume": "vllm-cache", "containerPath": "/vllm-cache", "readOnly": False},
        ],
        "startTimeout": 900,
        "stopTimeout": 120,
        "ulimits": [
            {"name": "memlock", "softLimit": -1, "hardLimit": -1},
            {"name": "nofile", "softLimit": 65536, "hardLimit": 65536},
            {"name": "stack", "softLimit": 67108864, "hardLimit": 67108864},
        ],
        "user": "2000:0",
        "logConfiguration": logs("vllm"),
    }


def test_the_gateway_starts_when_the_engine_answers(containers):
    """It is the only container with a port, cannot write its root, and is told where the client keys are."""
    gateway = containers()["gateway"]
    [config] = [one for one in gateway["environment"] if one["name"] == "BERTH_CONFIG"]
    assert json.loads(config["value"]) == {
        "keys": {"secret": "arn:keys"},
        "region": "us-east-1",
        "upstreams": [{"name": "engine", "url": "http://127.0.0.1:8000", "price": {"usd_per_hour": 0.9776}}],
    }
    assert gateway == {
        "name": "gateway",
        "image": "berth/gateway:1",
        "essential": True,
        "memory": 1024,
        "memoryReservation": 512,
        "portMappings": [{"containerPort": 8080, "hostPort": 8080, "name": "http", "protocol": "tcp"}],
        "environment": [
            config,
            {"name": "BERTH_DRAIN_SECONDS", "value": "90"},
            {"name": "BERTH_MAX_REQUEST_SECONDS", "value": "600"},
            {"name": "BERTH_METRICS_NAMESPACE", "value": "Berth"},
            {"name": "BERTH_MODEL_NAME", "value": "meta-llama/Llama-3.1-8B-Instruct"},
            {"name": "BERTH_PORT", "value": "8080"},
            {"name": "BERTH_SERVICE", "value": "chat"},
            {"name": "BERTH_STACK", "value": "dev"},
        ],
        "dependsOn": [{"containerName": "vllm", "condition": "HEALTHY"}],
        "healthCheck": {
            "command": [
                "CMD",
                "python3",
                "-c",
                "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=5)",
            ],
            "interval": 10,
            "retries": 3,
            "startPeriod": 30,
            "timeout": 5,
        },
        "linuxParameters": {"initProcessEnabled": True},
        "readonlyRootFilesystem": True,
        "stopTimeout": 110,
        "ulimits": [{"name": "nofile", "softLimit": 65536, "hardLimit": 65536}],
        "logConfiguration": logs("gateway"),
    }


def test_without_secrets_there_is_no_empty_list(containers):
    """A spec that names no secret renders none."""
    assert [name for name, one in containers(secrets=NONE).items() if "secrets" in one] == []


def test_several_gpus_are_asked_for_as_text(containers, plan_of):
    """ECS takes the count of GPUs as a string."""
    plan = plan_of()
    two = replace(plan, hardware=replace(plan.hardware, gpu_count=2))
    assert containers(two)["vllm"]["resourceRequirements"] == [{"type": "GPU", "value": "2"}]


def test_weights_from_s3_say_where_they_are(containers, plan_of):
    """Source and place reach the download."""
    plan = plan_of()
    model = replace(plan.model, source="s3", s3_uri="s3://weights/llama/", revision="0" * 40, token_secret=None)
    environment = {
        one["name"]: one["value"] for one in containers(replace(plan, model=model))["weights"]["environment"]
    }
    assert environment == {
        "AWS_REGION": "us-east-1",
        "BERTH_MODELS_DIR": "/models",
        "BERTH_MODEL_ID": "meta-llama/Llama-3.1-8B-Instruct",
        "BERTH_MODEL_REVISION": "0" * 40,
        "BERTH_MODEL_S3_URI": "s3://weights/llama/",
        "BERTH_MODEL_SOURCE": "s3",
    }


def test_the_text_does_not_depend_on_the_order_of_a_mapping(plan_of):
    """An unchanged plan is an unchanged revision."""
    plan = plan_of()
    turned = dict(reversed(plan.engine.environment.items()))
    other = replace(plan, engine=replace(plan.engine, environment=turned))
    assert container_definitions(plan, plan.gateway, plan.ecs, SECRETS, UPSTREAMS) == container_definitions(
        other, other.gateway, other.ecs, SECRETS, UPSTREAMS
    )


def test_no_absent_value_is_written(plan_of):
    """A null in the JSON would be a difference at each preview."""
    plan = plan_of()
    assert "null" not in container_definitions(plan, plan.gateway, plan.ecs, NONE, UPSTREAMS)
