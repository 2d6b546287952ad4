"""What would RunPod refuse about the machines that an endpoint asks for?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from components.runpod.endpoint_fields import COMPUTE, CPU_FIELDS, GPU_FIELDS
from components.runpod.shape import is_texts, is_whole, unknown_fields
from components.runpod.values import known

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from components.runpod.shape import Failure

_CUDA = re.compile(r"\d+\.\d+")
_LEAST_VCPUS = 2


def compute_failures(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    """Yield what is wrong with gpu or cpu of filled inputs."""
    given = [field for field in COMPUTE if field in inputs]
    if len(given) != 1:
        yield "gpu", "give exactly one of gpu and cpu"
    gpu, cpu = inputs.get("gpu"), inputs.get("cpu")
    if isinstance(gpu, dict):
        yield from _gpu(gpu)
    elif gpu is not None and known(gpu):
        yield "gpu", "must have fields"
    if isinstance(cpu, list):
        yield from _cpu(cpu)
    elif cpu is not None and known(cpu):
        yield "cpu", "must be a list"


def _gpu(gpu: Mapping[str, Any]) -> Iterator[Failure]:
    yield from unknown_fields("gpu.", gpu, GPU_FIELDS)
    pools = gpu.get("pools", [])
    if known(pools) and not (is_texts(pools) and pools):
        yield "gpu.pools", "must name at least one pool"
    for field in ("allowedTypes", "excludedTypes", "allowedCudaVersions"):
        if known(gpu[field]) and not is_texts(gpu[field]):
            yield f"gpu.{field}", "must be a list of texts"
    if gpu["allowedTypes"] and gpu["excludedTypes"]:
        yield "gpu.allowedTypes", "says what gpu.excludedTypes leaves; give one of them"
    if known(gpu["count"]) and not is_whole(gpu["count"], 1):
        yield "gpu.count", "must be a whole number of 1 or more"
    versions, least = gpu["allowedCudaVersions"], gpu["minCudaVersion"]
    if not known([versions, least]):
        return
    for version in [*(versions if is_texts(versions) else ()), *([least] if least else [])]:
        if not _CUDA.fullmatch(str(version)):
            yield "gpu.minCudaVersion", f"{version} is no CUDA version; write it as 13.0"
    if versions and least:
        yield "gpu.minCudaVersion", "excludes gpu.allowedCudaVersions; give one of them"


def _cpu(cpu: list[Any]) -> Iterator[Failure]:
    if not cpu:
        yield "cpu", "must have at least one configuration"
    for one in cpu:
        if not known(one):
            continue
        if not isinstance(one, dict) or set(one) != set(CPU_FIELDS):
            yield "cpu", f"each configuration has {' and '.join(CPU_FIELDS)}"
        elif not is_whole(one["vcpuCount"], _LEAST_VCPUS) or one["vcpuCount"] & (one["vcpuCount"] - 1):
            yield "cpu", f"vcpuCount {one['vcpuCount']} is no power of two from {_LEAST_VCPUS}"
