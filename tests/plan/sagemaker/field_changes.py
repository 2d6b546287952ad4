"""Changes of single fields as SageMaker takes them: where the shared changes do not fit, and its own block."""

from __future__ import annotations

from typing import Any

LLAMA_IN_S3: dict[str, Any] = {"source": "s3", "s3_uri": "s3://weights/llama/", "token_secret": None}
"""What the example needs on SageMaker, which takes no token."""

_SHAPE: dict[str, Any] = {
    "parameters_b": 8.0,
    "layers": 32,
    "hidden": 4096,
    "intermediate": 14336,
    "heads": 32,
    "kv_heads": 8,
    "vocab": 128256,
    "max_context_tokens": 131072,
}
_HUB: dict[str, Any] = {"source": "hub", "s3_uri": None}
_OPEN: dict[str, Any] = {**_HUB, "id": "Qwen/Qwen3-8B", "max_context_tokens": 8192}
_VLLM: dict[str, Any] = {"engine": {"kind": "vllm"}}
_TLS: dict[str, Any] = {
    "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
    "domain": "a.example.com",
}


def _own(*, gated: bool) -> dict[str, Any]:
    return {"model": {**_HUB, "id": "acme/own-8b", "shape": {**_SHAPE, "gated": gated}, "token_secret": "hf"}}


SAGEMAKER_CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "environment": ({}, {"environment": "staging"}),
    "model.revision": ({"model": _OPEN}, {"model": {**_OPEN, "revision": "main"}}),
    "model.source": ({"model": {"id": "Qwen/Qwen3-8B", "max_context_tokens": 8192}}, {"model": _OPEN}),
    "model.s3_uri": ({}, {"model": {"s3_uri": "s3://weights/b/"}}),
    "model.token_secret": ({"model": _OPEN}, {"model": {**_OPEN, "token_secret": "hf"}}),
    "model.shape.gated": (_own(gated=False), _own(gated=True)),
    "engine.kind": ({}, _VLLM),
    "engine.version": ({}, {"engine": {"version": "3.3.5"}}),
    "engine.image": ({}, {"engine": {"image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/tgi:1"}}),
    "engine.extra_args": ({}, {"engine": {"extra_args": {"max-batch-size": 8}}}),
    "scaling.metric": ({}, {"scaling": {"metric": "requests_per_minute"}}),
    "network.exposure": ({"network": _TLS}, {"network": {**_TLS, "exposure": "public"}}),
    "sagemaker.inference_ami": ({}, {"sagemaker": {"inference_ami": "al2023-ami-sagemaker-inference-gpu-4-1"}}),
    "sagemaker.update_policy": (
        {"scaling": {"min_replicas": 2}},
        {"scaling": {"min_replicas": 2}, "sagemaker": {"update_policy": "blue_green"}},
    ),
    "sagemaker.log_retention": ({}, {"sagemaker": {"log_retention": "7d"}}),
}
