from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from components.compare.comparison import Candidate, Comparison
from components.compare.make import compare
from components.spec import parse_spec
from components.spec.document import merged

TODAY = date(2026, 11, 21)
IN_S3 = {"model": {"source": "s3", "s3_uri": "s3://acme/weights/", "token_secret": None}}
"""What SageMaker needs of a gated model."""


@pytest.fixture
def llama() -> dict[str, Any]:
    """Llama 3.1 8B in 16 bit on L4, a gated model that APIs host too."""
    return {
        "name": "llama-3-1-8b",
        "tags": {"owner": "ml"},
        "model": {
            "id": "meta-llama/Llama-3.1-8B-Instruct",
            "token_secret": "huggingface/token",
            "max_context_tokens": 16384,
        },
        "accelerators": ["L4", "A10G", "L40S"],
        "load": {"requests_per_hour": 1200, "input_tokens": 1500, "output_tokens": 300, "peak_concurrency": 12},
        "scaling": {"min_replicas": 1, "max_replicas": 3, "target": 8},
        "gateway": {"keys_secret": "berth/client-keys"},
        "runpod": {"token_secret": "huggingface_token"},
    }


@pytest.fixture
def qwen() -> dict[str, Any]:
    """Qwen 2.5 32B in 4 bit, which is not gated: every target serves it from one spec."""
    return {
        "name": "qwen-2-5-32b",
        "model": {"id": "Qwen/Qwen2.5-32B-Instruct-AWQ", "max_context_tokens": 16384},
        "accelerators": ["L40S"],
        "load": {"requests_per_hour": 300, "input_tokens": 3000, "output_tokens": 600},
        "scaling": {"min_replicas": 1, "max_replicas": 2, "target": 4},
    }


@pytest.fixture
def llama_70b() -> dict[str, Any]:
    """Llama 3.3 70B in FP8 on one card of 96 GB."""
    return {
        "name": "llama-3-3-70b",
        "model": {
            "id": "meta-llama/Llama-3.3-70B-Instruct",
            "token_secret": "huggingface/token",
            "quantization": "fp8",
            "max_context_tokens": 16384,
        },
        "engine": {"kind": "vllm"},
        "accelerators": ["RTX-PRO-6000"],
        "load": {"requests_per_hour": 600, "input_tokens": 2000, "output_tokens": 500},
        "scaling": {"min_replicas": 1, "max_replicas": 2},
        "runpod": {"token_secret": "huggingface_token"},
    }


Compared = Callable[..., Comparison]


def candidates(spec: dict[str, Any], overrides: dict[str, dict[str, Any]] | None = None) -> list[Candidate]:
    """Return what is compared: the spec on every target, with what a target gets differently."""
    given = overrides or {}
    return [
        Candidate(target, parse_spec(merged(spec, given.get(target, {})), "chat.yaml"), tuple(given.get(target, {})))
        for target in ("ecs", "sagemaker", "runpod")
    ]


@pytest.fixture(scope="session")
def compared() -> Compared:
    """Compare a spec given as a mapping, with changes merged into it; what was compared once is not again."""
    known: dict[str, Comparison] = {}

    def compared_(
        spec: dict[str, Any],
        change: dict[str, Any] | None = None,
        overrides: dict[str, dict[str, Any]] | None = None,
        region: str = "us-east-1",
    ) -> Comparison:
        changed = merged(spec, change or {})
        key = json.dumps([changed, overrides, region], sort_keys=True)
        if key not in known:
            known[key] = compare(candidates(changed, overrides), region=region, today=TODAY)
        return known[key]

    return compared_
