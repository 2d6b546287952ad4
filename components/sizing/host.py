"""How much memory an instance leaves to the engine, and how much loading a checkpoint needs."""

from __future__ import annotations

GATEWAY_MEMORY_MIB = 1024
GATEWAY_RESERVATION_MIB = 512
WEIGHT_CACHE_MEMORY_MIB = 2048
_AGENT_MIB = 1024
_KERNEL_SHARE = 0.03
_MIB_PER_GIB = 1024

GB_PER_GIB = 2**30 / 1e9
_REST_GB = 5

_PREFETCH_SHARE = 0.9
_PROCESS_GIB = 4.0


def reserved_mib(memory_gib: float) -> int:
    """Return what the kernel, the ECS agent and Docker keep: 1 GiB and 3% of the memory.

    >>> reserved_mib(100)
    4096
    """
    return _AGENT_MIB + round(memory_gib * _MIB_PER_GIB * _KERNEL_SHARE)


def engine_memory_mib(memory_gib: float) -> int:
    """Return the hard limit of the engine's container on an instance that it has to itself.

    >>> engine_memory_mib(100)
    97280
    """
    return round(memory_gib * _MIB_PER_GIB) - reserved_mib(memory_gib) - GATEWAY_MEMORY_MIB


def engine_reservation_mib(memory_gib: float) -> int:
    """Return the memory that placement keeps for the engine: all that the task's other containers leave.

    Two tasks never share an instance, because the second finds no memory.
    """
    taken = reserved_mib(memory_gib) + GATEWAY_RESERVATION_MIB + WEIGHT_CACHE_MEMORY_MIB
    return round(memory_gib * _MIB_PER_GIB) - taken


def loading_gib(checkpoint_gib: float) -> float:
    """Return the host memory that loading needs, so that vLLM prefetches a checkpoint from EFS.

    vLLM prefetches from a network file system only what fits 90% of the free memory; without it, page faults over
    NFS load the weights, which takes many times as long.

    >>> loading_gib(18.0)
    24.0
    """
    return checkpoint_gib / _PREFETCH_SHARE + _PROCESS_GIB


def host_refusal(checkpoint_gib: float, memory_gib: float) -> str | None:
    """Return why an instance has too little host memory for a checkpoint, or None when it has enough."""
    needed, offered = loading_gib(checkpoint_gib), engine_memory_mib(memory_gib) / _MIB_PER_GIB
    if needed <= offered:
        return None
    return (
        f"loading a checkpoint of {checkpoint_gib:.1f} GiB needs {needed:.1f} GiB of host memory, "
        f"{memory_gib:g} GiB leave {offered:.1f} to the engine"
    )


def disk_gb(image_gib: float, checkpoint_gib: float) -> float:
    """Return the disk that image and weights take together, and a rest for logs and compiled kernels, in GB.

    >>> disk_gb(18.0, 82.0)
    112.4
    """
    return round((image_gib + checkpoint_gib) * GB_PER_GIB + _REST_GB, 1)


def disk_refusal(needed_gb: float, offered_gb: float | None) -> str | None:
    """Return why a disk is too small for image and weights, or None when it has room; an unknown disk has."""
    if offered_gb is None or needed_gb <= offered_gb:
        return None
    return f"image and weights need {needed_gb:.0f} GB of disk, it has {offered_gb:g} GB"


def shared_memory_mib(tensor_parallel_size: int) -> int:
    """Return the size of /dev/shm: Docker's 64 MiB break the exchange between the processes of several GPUs.

    >>> shared_memory_mib(1), shared_memory_mib(4)
    (2048, 16384)
    """
    return 2048 if tensor_parallel_size == 1 else 4096 * tensor_parallel_size
