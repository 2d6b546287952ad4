"""Where do weights and compiled kernels stay between starts? On the network volume, where there is one.

The paths are worker-vllm's (its Dockerfile, 2026-08), so that both workers share one copy of a model; `weight_cache
prewarm` writes there too.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VOLUME = Path("/runpod-volume")
HUB_CACHE = "huggingface-cache/hub"
KERNELS = "vllm-cache"
NAMES = ("HF_HOME", "HF_HUB_CACHE")


def cache_environment(
    environment: Mapping[str, str],
    arguments: tuple[str, ...],
    volume: Path = VOLUME,
    may_write: Callable[[Path], bool] = lambda path: os.access(path, os.W_OK),
) -> tuple[dict[str, str], str]:
    """Return the variables to add for the engine, and one line that says what was decided.

    On a volume that this user may only read, a model that is there is used as it is; any other goes to the container's
    disk, since the hub's client would fail on its first lock.
    """
    if set(NAMES) & set(environment):
        return {}, "weights: where the environment says"
    if not volume.is_dir():
        return {}, "weights: on the container's disk, there is no network volume"
    hub = volume / HUB_CACHE
    if may_write(volume) and (not hub.exists() or may_write(hub)):
        kernels = environment.get("VLLM_CACHE_ROOT") or str(volume / KERNELS)
        return {"HF_HOME": str(hub), "HF_HUB_CACHE": str(hub), "VLLM_CACHE_ROOT": kernels}, f"weights: on {hub}"
    if any((hub / f"models--{argument.replace('/', '--')}" / "snapshots").is_dir() for argument in arguments):
        return {"HF_HUB_CACHE": str(hub), "HF_HUB_OFFLINE": "1"}, f"weights: read from {hub}, which is not writable"
    return {}, f"weights: on the container's disk, user {os.geteuid()} may not write to {volume}"
