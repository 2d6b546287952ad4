"""Which engines a target runs, and which of their flags a spec may set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.flags import vllm_flags
from components.catalogue.images import engine_kinds, engine_versions
from components.errors import Problem, nearest
from components.spec.problems import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.spec.service import ServiceSpec

OWNED_FLAGS = {
    "api-key": "gateway.keys_secret",
    "device-memory-utilization": "the sizing of the plan",
    "disable-access-log-for-endpoints": "the target",
    "download-dir": "the target's weight cache",
    "dtype": "model.dtype",
    "gpu-memory-utilization": "the sizing of the plan",
    "hf-token": "model.token_secret",
    "host": "the target: only the gateway may reach the engine",
    "max-model-len": "model.max_context_tokens",
    "max-num-batched-tokens": "the sizing of the plan",
    "max-num-seqs": "the sizing of the plan",
    "model": "model.id",
    "port": "the target: only the gateway may reach the engine",
    "quantization": "model.quantization",
    "revision": "model.revision",
    "served-model-name": "model.id",
    "shutdown-timeout": "gateway.max_request",
    "tensor-parallel-size": "accelerators, as GPU:count",
    "tokenizer-revision": "model.revision",
    "uds": "the target: only the gateway may reach the engine",
}
"""Flags that the plan sets itself, and the field to use instead."""

_SIZING_FLAGS = {
    "block-size", "cpu-offload-gb", "data-parallel-size", "decode-context-parallel-size", "enable-lora",
    "kv-cache-dtype", "kv-cache-memory-bytes", "kv-offloading-size",
    "num-gpu-blocks-override", "pipeline-parallel-size", "prefill-context-parallel-size", "speculative-config",
}  # fmt: skip
"""Flags that change memory or GPU count: allowed only where the plan could take them into account (none yet)."""


def engine_problems(spec: ServiceSpec, target: str) -> Iterator[Problem]:
    """Yield what is wrong with the engine of a spec on a target: its kind, its version, its flags."""
    engine, kinds = spec.engine, engine_kinds(target)

    def place(field: str) -> str:
        return f"{spec.name}: {field}"

    kind = engine.kind or kinds[0]
    if kind not in kinds:
        yield Problem(place("engine.kind"), kind, f"does not run on {target}", f"use one of: {', '.join(kinds)}")
        return
    versions = engine_versions(target, kind)
    if engine.version is not None and engine.version not in versions:
        yield Problem(
            place("engine.version"),
            engine.version,
            f"is not a {kind} version that the catalogue knows for {target}",
            f"use one of: {', '.join(versions)}",
        )
    version = engine.version if engine.version in versions else versions[0]
    flags = vllm_flags(version)
    for name, value in sorted(engine.extra_args.items()):
        where = place(f"engine.extra_args.{name}")
        switch = f"--{name.removeprefix('no-')}" if name.startswith("no-") else f"--{name}"
        is_switch = flags.get(switch, False)
        if name in OWNED_FLAGS:
            yield Problem(where, "", "is set by the plan", f"it follows from {OWNED_FLAGS[name]}; remove it here")
        elif name in _SIZING_FLAGS:
            yield Problem(where, "", "changes the memory that the plan sizes", "remove it: the plan cannot size it yet")
        elif f"--{name}" not in flags and not (name.startswith("no-") and is_switch):
            near = nearest(name, [flag[2:] for flag in flags])
            fix = f"did you mean {near}?" if near else "remove it, or look it up in the engine's documentation"
            yield Problem(where, "", f"is not a flag of {kind} {version}", fix)
        elif is_switch and not isinstance(value, bool):
            yield Problem(where, shown(value), "is given to a flag that takes no value", "write true or false")
        elif not is_switch and isinstance(value, bool):
            yield Problem(where, "", "needs a value", f"write {name}: VALUE")
