"""Does every field of the spec reach the plan? A field that does nothing is a defect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from components.errors import BerthError
from components.plan import plan_dict
from components.plan.effects import IGNORED, REFUSAL
from components.plan.reference import EFFECTS, fields_of
from components.spec import ServiceSpec
from components.spec.document import merged
from tests.plan.front.field_changes import GATEWAY_CHANGES, WITH_A_FRONT
from tests.plan.keeper_changes import KEEPER_CHANGES
from tests.plan.local.field_changes import LOCAL_CHANGES
from tests.plan.runpod.field_changes import RUNPOD_CHANGES
from tests.plan.sagemaker.field_changes import LLAMA_IN_S3, SAGEMAKER_CHANGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan

SHAPE: dict[str, Any] = {
    "parameters_b": 8.0,
    "layers": 32,
    "hidden": 4096,
    "intermediate": 14336,
    "heads": 32,
    "kv_heads": 8,
    "vocab": 128256,
    "max_context_tokens": 131072,
}
CONFIG = str(Path(__file__).parent / "configs" / "{}.config.json")
VPC: dict[str, Any] = {
    "id": "vpc-1a",
    "private_subnet_ids": ["subnet-1a", "subnet-2a"],
    "public_subnet_ids": ["subnet-3a", "subnet-4a"],
}
UNKNOWN: dict[str, Any] = {"model": {"id": "acme/own-8b", "shape": SHAPE, "max_context_tokens": None}}
OPEN: dict[str, Any] = {"model": {"max_context_tokens": None}}


def _shape(**change: object) -> dict[str, Any]:
    return {"model": {"id": "acme/own-8b", "shape": {**SHAPE, **change}, "max_context_tokens": None}}


def _vpc(**change: object) -> dict[str, Any]:
    return {"network": {"vpc": {**VPC, **change}}}


def _tls(**change: object) -> dict[str, Any]:
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    return {"network": {"certificate_arn": arn, "domain": "a.example.com", **change}}


def _exempt(**change: Any) -> dict[str, Any]:
    exemption = {"rule": "prod-ha", "reason": "one replica until the quota is granted", "expires": "2027-01-31"}
    return {"policy_exemptions": [exemption | change]}


WINDOWS: dict[str, Any] = {"load": {"requests_per_hour": {"Mon-Fri 08:00-20:00": 3000, "otherwise": 200}}}
PROD: dict[str, Any] = {"environment": "prod"}

CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "name": ({}, {"name": "other"}),
    "environment": ({}, PROD),
    "tags": ({}, {"tags": {"owner": "ml"}}),
    "power": ({}, {"power": "off"}),
    "model.id": ({}, {"model": {"id": "meta-llama/Meta-Llama-3-8B-Instruct", "max_context_tokens": 8192}}),
    "model.revision": ({}, {"model": {"revision": "main"}}),
    "model.source": (OPEN, {"model": {"source": "s3", "s3_uri": "s3://weights/llama/", "token_secret": None}}),
    "model.s3_uri": (
        {"model": {"source": "s3", "s3_uri": "s3://weights/a/", "token_secret": None}},
        {"model": {"source": "s3", "s3_uri": "s3://weights/b/", "token_secret": None}},
    ),
    "model.token_secret": ({}, {"model": {"token_secret": "other/token"}}),
    "model.max_context_tokens": ({}, {"model": {"max_context_tokens": 8192}}),
    "model.quantization": ({}, {"model": {"quantization": "fp8"}}),
    "model.dtype": ({}, {"model": {"dtype": "float16"}}),
    "model.config": (
        {"model": {"id": "acme/own-8b", "config": CONFIG.format("qwen3-8b"), "max_context_tokens": None}},
        {"model": {"id": "acme/own-8b", "config": CONFIG.format("qwen3-4b-awq"), "max_context_tokens": None}},
    ),
    "model.shape": ({}, {"model": {"shape": SHAPE}}),
    "model.shape.parameters_b": (UNKNOWN, _shape(parameters_b=7.0)),
    "model.shape.layers": (UNKNOWN, _shape(layers=30)),
    "model.shape.hidden": (
        {"model": {**_shape(head_dim=128)["model"], "quantization": "awq"}},
        {"model": {**_shape(hidden=5120, head_dim=128)["model"], "quantization": "awq"}},
    ),
    "model.shape.intermediate": (
        {**UNKNOWN, "accelerators": ["L4:4"]},
        {**_shape(intermediate=14338), "accelerators": ["L4:4"]},
    ),
    "model.shape.heads": (UNKNOWN, _shape(heads=64)),
    "model.shape.kv_heads": (UNKNOWN, _shape(kv_heads=4)),
    "model.shape.vocab": (
        {"model": {**UNKNOWN["model"], "quantization": "awq"}},
        {"model": {**_shape(vocab=32000)["model"], "quantization": "awq"}},
    ),
    "model.shape.max_context_tokens": (UNKNOWN, _shape(max_context_tokens=4096)),
    "model.shape.head_dim": (UNKNOWN, _shape(head_dim=64)),
    "model.shape.active_parameters_b": (UNKNOWN, _shape(active_parameters_b=3.0)),
    "model.shape.tied_embeddings": (
        {"model": {**UNKNOWN["model"], "quantization": "awq"}},
        {"model": {**_shape(tied_embeddings=True)["model"], "quantization": "awq"}},
    ),
    "model.shape.dtype": (UNKNOWN, _shape(dtype="float16")),
    "model.shape.gated": (
        {"model": {**UNKNOWN["model"], "token_secret": None}},
        {"model": {**_shape(gated=True)["model"], "token_secret": None}},
    ),
    "engine.kind": ({}, {"engine": {"kind": "tgi"}}),
    "engine.version": ({}, {"engine": {"version": "0.9"}}),
    "engine.image": ({}, {"engine": {"image": "acme/vllm:1"}}),
    "engine.extra_args": ({}, {"engine": {"extra_args": {"seed": 7}}}),
    "accelerators": ({}, {"accelerators": "auto"}),
    "load": ({}, {"load": None}),
    "load.requests_per_hour": ({}, {"load": {"requests_per_hour": 100}}),
    "load.time_zone": (WINDOWS, {"load": {**WINDOWS["load"], "time_zone": "Europe/Berlin"}}),
    "load.input_tokens": ({}, {"load": {"input_tokens": 3000}}),
    "load.output_tokens": ({}, {"load": {"output_tokens": 600}}),
    "load.peak_concurrency": ({}, {"load": {"peak_concurrency": 500}}),
    "scaling.min_replicas": ({}, {"scaling": {"min_replicas": 2}}),
    "scaling.max_replicas": ({}, {"scaling": {"max_replicas": 4}}),
    "scaling.metric": ({}, {"scaling": {"metric": "requests_per_minute"}}),
    "scaling.target": ({}, {"scaling": {"target": 4}}),
    "scaling.scale_out_cooldown": ({}, {"scaling": {"scale_out_cooldown": "5m"}}),
    "scaling.scale_in_cooldown": ({}, {"scaling": {"scale_in_cooldown": "5m"}}),
    **KEEPER_CHANGES,
    "slo": ({}, {"slo": {"cold_start_seconds": 3000}}),
    "slo.ttft_ms_p95": ({"slo": {"cold_start_seconds": 3000}}, {"slo": {"ttft_ms_p95": 60_000}}),
    "slo.cold_start_seconds": ({"slo": {"ttft_ms_p95": 60_000}}, {"slo": {"cold_start_seconds": 3000}}),
    "pricing.commitment": ({}, {"pricing": {"commitment": "1y_partial_upfront"}}),
    "pricing.spot_percent": ({}, {"pricing": {"spot_percent": 50}}),
    "policy_exemptions": ({}, _exempt()),
    "policy_exemptions.rule": (_exempt(), _exempt(rule="image-pinned")),
    "policy_exemptions.reason": (_exempt(), _exempt(reason="the new office has no network yet")),
    "policy_exemptions.expires": (_exempt(), _exempt(expires="2027-02-28")),
    "gateway.keys_secret": ({}, {"gateway": {"keys_secret": None}}),
    "gateway.max_request": ({}, {"gateway": {"max_request": "5m"}}),
    **GATEWAY_CHANGES,
    "network.vpc": ({}, _vpc()),
    "network.vpc.id": (_vpc(), _vpc(id="vpc-2b")),
    "network.vpc.private_subnet_ids": (_vpc(), _vpc(private_subnet_ids=["subnet-5a", "subnet-6a"])),
    "network.vpc.public_subnet_ids": (_vpc(), _vpc(public_subnet_ids=["subnet-5a", "subnet-6a"])),
    "network.exposure": ({}, {"network": {"exposure": "public"}}),
    "network.certificate_arn": (
        _tls(certificate_arn="arn:aws:acm:us-east-1:123456789012:certificate/2"),
        _tls(),
    ),
    "network.domain": (_tls(domain="b.example.com"), _tls()),
    "network.allowed_cidrs": ({}, {"network": {"allowed_cidrs": ["10.0.0.0/8"]}}),
    "ecs.deployment": ({}, {"ecs": {"deployment": "surge"}}),
    "ecs.ami_id": ({}, {"ecs": {"ami_id": "ami-1a"}}),
    "ecs.root_volume": ({}, {"ecs": {"root_volume": "200GiB"}}),
    "ecs.log_retention": ({}, {"ecs": {"log_retention": "7d"}}),
}
"""For each field: two changes of the example spec that differ in that field."""

VOLUME: dict[str, Any] = {"size": "50GB", "data_center": "EU-RO-1"}
ELSEWHERE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "sagemaker.inference_ami": ({}, {"sagemaker": {"inference_ami": "al2-ami-sagemaker-inference-gpu-2"}}),
    "sagemaker.update_policy": ({}, {"sagemaker": {"update_policy": "rolling"}}),
    "sagemaker.log_retention": ({}, {"sagemaker": {"log_retention": "7d"}}),
    "runpod.token_secret": ({}, {"runpod": {"token_secret": "hf"}}),
    "runpod.api_key_secret": ({}, {"runpod": {"api_key_secret": "runpod/other-key"}}),
    "runpod.mode": ({}, {"runpod": {"mode": "load_balancer"}}),
    "runpod.client_keys_secret": ({}, {"runpod": {"client_keys_secret": "client_keys"}}),
    "runpod.idle_timeout": ({}, {"runpod": {"idle_timeout": "30s"}}),
    "runpod.sleep": ({}, {"runpod": {"sleep": "soft"}}),
    "runpod.flashboot": ({}, {"runpod": {"flashboot": "off"}}),
    "runpod.registry": ({}, {"runpod": {"registry": "clzdaifot0001l90809257ynb"}}),
    "runpod.data_centers": ({}, {"runpod": {"data_centers": ["EU-RO-1"]}}),
    "runpod.disk": ({}, {"runpod": {"disk": "200GB"}}),
    "runpod.volume": ({}, {"runpod": {"volume": VOLUME}}),
    "runpod.volume.size": ({}, {"runpod": {"volume": {**VOLUME, "size": "60GB"}}}),
    "runpod.volume.data_center": ({}, {"runpod": {"volume": {**VOLUME, "data_center": "US-KS-2"}}}),
    "runpod.volume.type": ({}, {"runpod": {"volume": {**VOLUME, "type": "high_performance"}}}),
    **LOCAL_CHANGES,
}
"""Changes of the blocks that a target does not read."""

BASES: dict[str, dict[str, Any]] = {
    "ECS": {},
    "SageMaker": {"model": LLAMA_IN_S3},
    "RunPod": {
        "engine": {"image": f"runpod/worker-v1-vllm@sha256:{'0' * 64}"},
        "runpod": {"token_secret": "huggingface_token", "api_key_secret": "runpod/api-key"},
    },
    "Local": {},
}
"""What the example spec needs on each target."""
OWN: dict[str, dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "ECS": {},
    "SageMaker": {**SAGEMAKER_CHANGES, **WITH_A_FRONT},
    "RunPod": {**RUNPOD_CHANGES, **WITH_A_FRONT},
    "Local": {
        # The spec itself refuses the general change, before any target is asked.
        "network.exposure": (_tls(), _tls(exposure="public")),
        "model.shape.gated": (UNKNOWN, _shape(gated=True)),
    },
}
"""Changes that a target takes in its own way."""
CASES = [(target, path) for target, effects in EFFECTS.items() for path in sorted(effects)]


def _part(planned: dict[str, Any], path: str) -> object:
    below: Any = planned
    for name in path.split(".") if path else ():
        below = None if below is None else below[name]
    return below


@pytest.mark.parametrize("target", EFFECTS)
def test_every_field_has_an_effect_and_a_change_on_each_target(target: str) -> None:
    """A new field must say here how it reaches the plan of every target; a removed one leaves nothing behind."""
    fields = sorted(fields_of(ServiceSpec))
    assert sorted(EFFECTS[target]) == fields
    assert sorted({**ELSEWHERE, **CHANGES, **OWN[target]}) == fields


@pytest.mark.parametrize(("target", "path"), CASES)
def test_every_field_reaches_the_part_of_the_plan_that_the_reference_names(
    llama: dict[str, Any], plan: Callable[..., Plan], target: str, path: str
) -> None:
    """Changing a field changes that part of the plan, or is refused; a block of another target changes nothing."""
    before, after = {**ELSEWHERE, **CHANGES, **OWN[target]}[path]
    base, part = merged(llama, BASES[target]), EFFECTS[target][path].part
    first = plan_dict(plan(base, before, target=target.lower()))
    if part == REFUSAL:
        with pytest.raises(BerthError):
            plan(base, after, target=target.lower())
        return
    second = plan_dict(plan(base, after, target=target.lower()))
    if part == IGNORED:
        assert second == first
    else:
        assert _part(second, part) != _part(first, part)
