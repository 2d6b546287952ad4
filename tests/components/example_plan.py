"""A plan with known numbers: what the planner would decide is not what component tests are about."""

from __future__ import annotations

from typing import Any

from components.cost import CostEstimate
from components.plan.ecs.values import EcsPlan
from components.plan.gateway import GatewayPlan
from components.plan.model import EnginePlan, Hardware, ModelPlan, NetworkPlan, Plan, ScalingPlan
from components.sizing.fit import MemoryFit


def example_plan(service: str = "chat", stack: str = "dev", **changes: Any) -> Plan:
    """Return the plan of an 8B model on one L4; keywords replace its fields."""
    values: dict[str, Any] = {
        "service": service,
        "stack": stack,
        "environment": "dev",
        "target": "ecs",
        "region": "us-east-1",
        "model": ModelPlan(
            id="meta-llama/Llama-3.1-8B-Instruct",
            revision=None,
            source="hub",
            s3_uri=None,
            token_secret="huggingface/token",
            served_name="meta-llama/Llama-3.1-8B-Instruct",
            quantization="none",
            dtype="bfloat16",
            checkpoint_gib=14.96,
            max_context_tokens=16_384,
        ),
        "engine": EnginePlan(
            kind="vllm",
            version="0.33.0",
            image="vllm/vllm-openai:v0.33.0",
            arguments=("/models/meta-llama--Llama-3.1-8B-Instruct/main", "--port", "8000"),
            environment={"HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1"},
        ),
        "hardware": _hardware(),
        "fallbacks": (),
        "rejected": (),
        "scaling": ScalingPlan(
            min_replicas=1,
            max_replicas=3,
            metric="concurrency",
            target=8.0,
            scale_out_cooldown_seconds=600,
            scale_in_cooldown_seconds=600,
        ),
        "network": NetworkPlan(
            vpc_id=None,
            public_subnet_ids=(),
            private_subnet_ids=(),
            exposure="internal",
            certificate_arn=None,
            domain=None,
            allowed_cidrs=("10.0.0.0/8",),
        ),
        "gateway": GatewayPlan(
            image="berth/gateway:1",
            keys_secret="berth/client-keys",
            max_request_seconds=600,
            drain_seconds=90,
        ),
        "startup_seconds": 900,
        "startup_limit_seconds": 1800,
        "tags": {"owner": "ml-platform", "cost_center": "4711"},
        "cost": _estimate(),
        "ecs": _ecs(),
    }
    return Plan(**{**values, **changes})


def _estimate() -> CostEstimate:
    return CostEstimate(
        floor=600.0,
        expected=700.0,
        max=1800.0,
        usd_per_million_tokens=0.45,
        lines=(),
        assumptions=(),
        price_table_date="2026-07-06",
        unknowns=(),
    )


def _hardware() -> Hardware:
    fit = MemoryFit(
        usable_gib=22.35,
        utilization=0.9,
        budget_gib=20.12,
        weights_gib=14.96,
        runtime_gib=1.5,
        kv_free_gib=3.66,
        kv_bytes_per_token=131072.0,
        cache_tokens=29_900,
        max_context_tokens=16_384,
        full_length_sequences=1.8,
        verdict="fits",
        reason="",
    )
    return Hardware(
        accelerator="L4",
        instance_type="g6.2xlarge",
        gpu="L4",
        gpu_count=1,
        tensor_parallel_size=1,
        vcpus=8,
        memory_gib=32.0,
        usd_per_hour=0.9776,
        fit=fit,
        instance_gpu_count=1,
    )


def _ecs() -> EcsPlan:
    return EcsPlan(
        ami_id=None,
        root_volume_gib=100,
        root_volume_throughput_mib_s=500,
        weight_cache_image="berth/weight-cache:1",
        engine_memory_mib=28_000,
        engine_memory_reservation_mib=26_000,
        shared_memory_mib=2048,
        gateway_memory_mib=1024,
        gateway_memory_reservation_mib=512,
        weight_cache_memory_mib=2048,
        weight_cache_start_timeout_seconds=960,
        health_interval_seconds=60,
        health_retries=10,
        health_start_period_seconds=300,
        engine_stop_timeout_seconds=120,
        gateway_stop_timeout_seconds=110,
        engine_start_timeout_seconds=900,
        health_check_grace_seconds=1800,
        deployment_minimum_percent=100,
        deployment_maximum_percent=200,
        wait_for_deployment=True,
        deployment_timeout_seconds=3400,
        instances_max=4,
        log_retention_days=30,
        protect_weight_cache=False,
        load_balancer_idle_seconds=660,
    )
