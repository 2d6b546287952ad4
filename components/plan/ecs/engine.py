"""How the engine is started: its arguments after the image's entrypoint, and its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.plan.model import EnginePlan
from components.sizing.fit import batched_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.plan.model import Hardware, ModelPlan
    from components.spec.engine import ArgumentValue

ENGINE_PORT = 8000
MODELS_DIR = "/models"
CACHE_DIR = "/vllm-cache"


def model_path(model_id: str, revision: str | None) -> str:
    """Return the folder in which the weight cache keeps a model.

    >>> model_path("Qwen/Qwen3-8B", None)
    '/models/Qwen--Qwen3-8B/main'
    """
    return f"{MODELS_DIR}/{model_id.replace('/', '--')}/{revision or 'main'}"


def vllm_engine(
    model: ModelPlan,
    hardware: Hardware,
    *,
    version: str,
    image: str,
    converts_to: str | None,
    max_num_seqs: int,
    drain_seconds: int,
    start_seconds: int,
    extra_args: Mapping[str, ArgumentValue],
) -> EnginePlan:
    """Return how vLLM is started; its image's entrypoint is `vllm serve`, so the model comes first.

    `converts_to` is set when a 16-bit checkpoint is quantized while it is loaded: vLLM sees by itself how a quantized
    checkpoint is stored, and picks a faster kernel when it is not told.
    """
    arguments = [
        model_path(model.id, model.revision),
        f"--served-model-name={model.served_name}",
        "--host=127.0.0.1",
        f"--port={ENGINE_PORT}",
        f"--max-model-len={model.max_context_tokens}",
        f"--gpu-memory-utilization={hardware.fit.utilization:g}",
        f"--max-num-seqs={max_num_seqs}",
        f"--max-num-batched-tokens={batched_tokens(gpus()[hardware.gpu])}",
        f"--tensor-parallel-size={hardware.tensor_parallel_size}",
        f"--dtype={model.dtype}",
        *([f"--quantization={converts_to}"] if converts_to else []),
        f"--shutdown-timeout={drain_seconds}",
        "--disable-access-log-for-endpoints=/health,/metrics",
        *(_rendered(name, value) for name, value in sorted(extra_args.items())),
    ]
    environment = {
        "DO_NOT_TRACK": "1",
        "HF_HOME": f"{CACHE_DIR}/huggingface",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_OFFLINE": "1",
        "VLLM_CACHE_ROOT": f"{CACHE_DIR}/{version}-{hardware.gpu.lower()}-{hardware.tensor_parallel_size}",
        "VLLM_ENGINE_READY_TIMEOUT_S": str(start_seconds),
        "VLLM_LOGGING_LEVEL": "INFO",
        "VLLM_NO_USAGE_STATS": "1",
    }
    return EnginePlan("vllm", version, image, tuple(arguments), environment)


def _rendered(name: str, value: ArgumentValue) -> str:
    if value is True:
        return f"--{name}"
    if value is False:
        return f"--{name.removeprefix('no-')}" if name.startswith("no-") else f"--no-{name}"
    return f"--{name}={value}"
