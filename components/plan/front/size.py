"""How many Fargate tasks of which size carry a front's streams?"""

from __future__ import annotations

import math
from dataclasses import dataclass

STREAMS_PER_VCPU = 128
"""Answers that one vCPU passes on at once, to keep well below all of it.

A token takes about 0.05 ms of a core (`python -m images.gateway.bench`, 2026-11-21), twice that where a vCPU is half of
one; 128 answers of 30 tokens a second are 40% then.
"""
_SIZES = {0.25: 512, 0.5: 1024, 1.0: 2048}
"""vCPUs and MiB: the least memory that Fargate takes with them. A gateway is one process, so more than one vCPU would
stand idle. Source: Fargate task sizes, ECS developer guide, 2026-11."""


@dataclass(frozen=True, slots=True)
class FrontSize:
    """Tasks, and what each of them has."""

    vcpus: float
    memory_mib: int
    replicas_min: int
    replicas_max: int


def front_size(streams: int, replicas_min: int) -> FrontSize:
    """Return the smallest tasks of which the fewest carry so many answers at once, and else how many more are needed.

    Limits per minute hold in each task, so larger ones come before more of them.

    >>> front_size(20, 1), front_size(90, 1).vcpus
    (FrontSize(vcpus=0.25, memory_mib=512, replicas_min=1, replicas_max=1), 1.0)
    >>> front_size(300, 2)
    FrontSize(vcpus=1.0, memory_mib=2048, replicas_min=2, replicas_max=3)
    """
    enough = [vcpus for vcpus in _SIZES if vcpus * STREAMS_PER_VCPU * replicas_min >= streams]
    vcpus = min(enough, default=max(_SIZES))
    needed = math.ceil(streams / (vcpus * STREAMS_PER_VCPU))
    return FrontSize(vcpus, _SIZES[vcpus], replicas_min, max(replicas_min, needed))
