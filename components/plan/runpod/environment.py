"""How the worker is configured: environment variables alone, each a name that this version of the worker knows."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.catalogue.worker import worker_name
from components.sizing.fit import batched_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from components.plan.model import Hardware, ModelPlan
    from components.spec.engine import ArgumentValue

_PASSED_ON = "VLLM_EXTRA_ARGS"


def secret_reference(name: str) -> str:
    """Return what RunPod replaces by a secret of the account when a worker starts.

    >>> secret_reference("huggingface_token")
    '{{ RUNPOD_SECRET_huggingface_token }}'
    """
    return f"{{{{ RUNPOD_SECRET_{name} }}}}"


def worker_environment(
    model: ModelPlan,
    hardware: tuple[Hardware, ...],
    *,
    converts_to: str | None,
    max_num_seqs: int,
    start_seconds: int,
    max_request_seconds: int,
    token_secret: str | None,
    extra_args: Mapping[str, ArgumentValue],
) -> dict[str, str]:
    """Return the environment of every worker; it must suit each GPU in `hardware`.

    `converts_to` is set when a 16-bit checkpoint is quantized while it is loaded: vLLM sees by itself how a quantized
    checkpoint is stored.
    """
    first = hardware[0]
    names = {
        "DO_NOT_TRACK": "1",
        "DTYPE": model.dtype,
        "GPU_MEMORY_UTILIZATION": f"{first.fit.utilization:g}",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "MAX_CONCURRENCY": str(max_num_seqs),
        "MAX_MODEL_LEN": str(model.max_context_tokens),
        "MAX_NUM_BATCHED_TOKENS": str(min(batched_tokens(gpus()[row.gpu]) for row in hardware)),
        "MAX_NUM_SEQS": str(max_num_seqs),
        "MODEL_NAME": model.id,
        "OPENAI_SERVED_MODEL_NAME_OVERRIDE": model.served_name,
        "REQUEST_TIMEOUT": str(max_request_seconds),
        "RUNPOD_INIT_TIMEOUT": str(start_seconds),
        "TENSOR_PARALLEL_SIZE": str(first.tensor_parallel_size),
        "VLLM_ENGINE_READY_TIMEOUT_S": str(start_seconds),
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_STARTUP_TIMEOUT": str(start_seconds),
    }
    if model.revision is not None:
        names["MODEL_REVISION"] = model.revision
    if converts_to is not None:
        names["QUANTIZATION"] = converts_to
    if token_secret is not None:
        names["HF_TOKEN"] = secret_reference(token_secret)
    return dict(sorted({**names, **extra_environment(extra_args)}.items()))


def extra_environment(extra_args: Mapping[str, ArgumentValue]) -> dict[str, str]:
    """Return further flags as the worker takes them: by name where it has one, else as they are.

    >>> extra_environment({"enable-prefix-caching": False, "seed": 7, "stream-interval": 2, "log-level": "a b"})
    {'ENABLE_PREFIX_CACHING': 'false', 'SEED': '7', 'VLLM_EXTRA_ARGS': "'--log-level=a b' --stream-interval=2"}
    """
    names: dict[str, str] = {}
    passed_on: list[str] = []
    for flag, value in _positive(extra_args):
        known = worker_name(flag)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        # The worker strips values, and drops empty ones.
        if known is not None and known.kind in ("value", "pair", "switch") and text == text.strip() != "":
            names[known.name] = text
        else:
            passed_on.append(_flag(flag, value))
    if passed_on:
        names[_PASSED_ON] = shlex.join(passed_on)
    return names


def flags(extra_args: Mapping[str, ArgumentValue]) -> tuple[str, ...]:
    """Return further flags as vLLM itself takes them.

    >>> flags({"no-enable-prefix-caching": True, "seed": 7, "enforce-eager": True})
    ('--enforce-eager', '--no-enable-prefix-caching', '--seed=7')
    """
    return tuple(_flag(flag, value) for flag, value in _positive(extra_args))


def _positive(extra_args: Mapping[str, ArgumentValue]) -> Iterator[tuple[str, ArgumentValue]]:
    """Yield flags without the form that turns them off."""
    for flag, value in sorted(extra_args.items()):
        if isinstance(value, bool):
            positive = flag.removeprefix("no-")
            yield positive, value if positive == flag else not value
        else:
            yield flag, value


def _flag(name: str, value: ArgumentValue) -> str:
    if isinstance(value, bool):
        return f"--{name}" if value else f"--no-{name}"
    return f"--{name}={value}"
