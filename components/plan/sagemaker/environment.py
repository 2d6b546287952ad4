"""How the engine is configured: environment variables alone, as the SageMaker entrypoint of its image reads them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.errors import PlanError
from components.sizing.fit import batched_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.plan.model import Hardware, ModelPlan, ScalingPlan
    from components.spec.engine import ArgumentValue

MODEL_DIR = "/opt/ml/model"
"""Where SageMaker mounts the copy of an S3 prefix."""
CACHE_DIR = "/tmp"  # noqa: S108 (the instance's own disk, in a container of one tenant)
PAYLOAD_BYTES = 6_291_456
"""The largest body that SageMaker passes on; TGI's own limit is a third of it."""

_MOST_KEYS, _MOST_BYTES, _MOST_TOTAL_BYTES = 100, 1024, 32 * 1024
_QUEUE = 2
"""Requests that TGI accepts, for each that it works on; it answers more with 429."""


def accepted_requests(sequences: int, scaling: ScalingPlan) -> int:
    """Return how many requests TGI accepts at once: always more than scaling aims at, or it would never act."""
    aim = math.ceil(scaling.target) if scaling.metric == "concurrency" else 0
    return _QUEUE * max(sequences, aim)


def tgi_environment(
    model: ModelPlan,
    hardware: Hardware,
    *,
    converts_to: str | None,
    max_concurrent_requests: int,
    extra_args: Mapping[str, ArgumentValue],
) -> dict[str, str]:
    """Return the environment of TGI; `converts_to` is set when a 16-bit checkpoint is quantized while it is loaded.

    TGI sees by itself how a quantized checkpoint is stored, and refuses a dtype beside a quantization.
    """
    context = model.max_context_tokens
    names = {
        "CUDA_MEMORY_FRACTION": f"{hardware.fit.utilization:g}",
        "MAX_BATCH_PREFILL_TOKENS": str(context),
        "MAX_CONCURRENT_REQUESTS": str(max_concurrent_requests),
        "MAX_INPUT_TOKENS": str(context - 1),
        "MAX_TOTAL_TOKENS": str(context),
        "PAYLOAD_LIMIT": str(PAYLOAD_BYTES),
        "SM_NUM_GPUS": str(hardware.tensor_parallel_size),
        "USAGE_STATS": "off",
        **_source(model, "HF_MODEL_ID", "HF_MODEL_REVISION"),
    }
    if model.source == "hub":
        names["HUGGINGFACE_HUB_CACHE"] = CACHE_DIR
        # The accelerated client of this image fails on what the Hub's newer storage answers.
        names["HF_HUB_ENABLE_HF_TRANSFER"] = "0"
    if converts_to is not None:
        names["QUANTIZE"] = converts_to
    elif model.quantization == "none":
        names["DTYPE"] = model.dtype
    return _sorted({**names, **extra_environment("tgi", extra_args)})


def vllm_environment(
    model: ModelPlan,
    hardware: Hardware,
    *,
    converts_to: str | None,
    max_num_seqs: int,
    start_seconds: int,
    extra_args: Mapping[str, ArgumentValue],
) -> dict[str, str]:
    """Return the environment of AWS's vLLM image, whose entrypoint makes flags of `SM_VLLM_*`."""
    names = {
        "DO_NOT_TRACK": "1",
        "SM_VLLM_DTYPE": model.dtype,
        "SM_VLLM_GPU_MEMORY_UTILIZATION": f"{hardware.fit.utilization:g}",
        "SM_VLLM_MAX_MODEL_LEN": str(model.max_context_tokens),
        "SM_VLLM_MAX_NUM_BATCHED_TOKENS": str(batched_tokens(gpus()[hardware.gpu])),
        "SM_VLLM_MAX_NUM_SEQS": str(max_num_seqs),
        "SM_VLLM_SERVED_MODEL_NAME": model.served_name,
        "SM_VLLM_TENSOR_PARALLEL_SIZE": str(hardware.tensor_parallel_size),
        "VLLM_ENGINE_READY_TIMEOUT_S": str(start_seconds),
        "VLLM_NO_USAGE_STATS": "1",
        **_source(model, "SM_VLLM_MODEL", "SM_VLLM_REVISION"),
    }
    if model.source == "hub":
        names["HF_HOME"] = f"{CACHE_DIR}/huggingface"
    if converts_to is not None:
        names["SM_VLLM_QUANTIZATION"] = converts_to
    return _sorted({**names, **extra_environment("vllm", extra_args)})


def extra_environment(engine: str, extra_args: Mapping[str, ArgumentValue]) -> dict[str, str]:
    """Return further flags as the entrypoint takes them: a switch that is off is left out, or has its `no-` form.

    >>> extra_environment("tgi", {"max-batch-size": 8, "json-output": True, "disable-grammar-support": False})
    {'JSON_OUTPUT': 'true', 'MAX_BATCH_SIZE': '8'}
    >>> extra_environment("vllm", {"seed": 7, "enable-prefix-caching": False})
    {'SM_VLLM_NO_ENABLE_PREFIX_CACHING': 'true', 'SM_VLLM_SEED': '7'}
    """
    names: dict[str, str] = {}
    for flag, value in sorted(extra_args.items()):
        if value is False and engine == "tgi":
            continue
        name = flag
        if value is False:
            name = flag.removeprefix("no-") if flag.startswith("no-") else f"no-{flag}"
        variable = name.replace("-", "_").upper()
        prefix = "SM_VLLM_" if engine == "vllm" else ""
        names[prefix + variable] = "true" if isinstance(value, bool) else str(value)
    return dict(sorted(names.items()))


def check_environment(service: str, environment: Mapping[str, str]) -> None:
    """Raise `PlanError` when SageMaker would refuse an environment for its size."""
    long = [name for name, value in environment.items() if max(len(name.encode()), len(value.encode())) > _MOST_BYTES]
    total = sum(len(name.encode()) + len(value.encode()) for name, value in environment.items())
    why = None
    if long:
        why = f"{long[0]} is longer than the {_MOST_BYTES} bytes that SageMaker accepts"
    elif len(environment) > _MOST_KEYS:
        why = f"{len(environment)} environment variables are more than the {_MOST_KEYS} that SageMaker accepts"
    elif total > _MOST_TOTAL_BYTES:
        why = f"{total} bytes of environment are more than the {_MOST_TOTAL_BYTES} that SageMaker accepts"
    if why is not None:
        raise PlanError(f"{service}: engine.extra_args: {why}; give fewer or shorter flags")


def _source(model: ModelPlan, model_key: str, revision_key: str) -> dict[str, str]:
    common = {"HF_HUB_DISABLE_TELEMETRY": "1"}
    if model.source == "s3":
        return {**common, "HF_HUB_OFFLINE": "1", model_key: MODEL_DIR}
    revision = {revision_key: model.revision} if model.revision is not None else {}
    return {**common, model_key: model.id, **revision}


def _sorted(names: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(names.items()))
