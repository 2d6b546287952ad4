"""How vLLM is started by a worker of our own: its arguments, and what of it is environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.plan.runpod.environment import flags, secret_reference
from components.sizing.fit import batched_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.plan.model import Hardware, ModelPlan
    from components.spec.engine import ArgumentValue

_MIB_PER_GIB = 1024


def worker_arguments(
    model: ModelPlan,
    hardware: tuple[Hardware, ...],
    *,
    converts_to: str | None,
    max_num_seqs: int,
    extra_args: Mapping[str, ArgumentValue],
) -> tuple[str, ...]:
    """Return what follows the entrypoint of images/runpod_worker, which adds where vLLM listens.

    They must suit each GPU in `hardware`. `converts_to` is set when a 16-bit checkpoint is quantized while it loads.
    """
    first = hardware[0]
    batched = min(batched_tokens(gpus()[row.gpu]) for row in hardware)
    return (
        model.id,
        *([f"--revision={model.revision}"] if model.revision else []),
        f"--served-model-name={model.served_name}",
        f"--max-model-len={model.max_context_tokens}",
        f"--gpu-memory-utilization={first.fit.utilization:g}",
        f"--max-num-seqs={max_num_seqs}",
        f"--max-num-batched-tokens={batched}",
        f"--tensor-parallel-size={first.tensor_parallel_size}",
        f"--dtype={model.dtype}",
        *([f"--quantization={converts_to}"] if converts_to else []),
        "--disable-access-log-for-endpoints=/health,/metrics",
        *flags(extra_args),
    )


def worker_variables(hardware: tuple[Hardware, ...], *, start_seconds: int, token_secret: str | None) -> dict[str, str]:
    """Return the environment of every worker, without that of its gateway."""
    names = {
        "BERTH_EXPECT_GPUS": str(hardware[0].gpu_count),
        # Of the smallest GPU that may serve: a worker on less ends before it loads anything.
        "BERTH_EXPECT_GPU_MEMORY_MIB": str(int(min(row.fit.usable_gib for row in hardware) * _MIB_PER_GIB)),
        "BERTH_START_SECONDS": str(start_seconds),
        "BERTH_WORKER_MODE": "load_balancer",
        "DO_NOT_TRACK": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "RUNPOD_INIT_TIMEOUT": str(start_seconds),
        "VLLM_ENGINE_READY_TIMEOUT_S": str(start_seconds),
        "VLLM_LOGGING_LEVEL": "INFO",
        "VLLM_NO_USAGE_STATS": "1",
    }
    token = {"HF_TOKEN": secret_reference(token_secret)} if token_secret is not None else {}
    return {**token, **names}
