"""What does the local RunPod rent out, and where? GPU types with their pools, and data centers.

Types, memory and serverless prices: RunPod's documentation, prices of 2026-06-08, pools of 2026-08-18; pod prices where
one was found (2026-09-25). The RTX 5090's pool has no published price: its workers are metered at nothing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GpuType:
    id: str
    name: str
    pool: str
    memory_gb: int
    secure_usd_per_hour: float | None = None
    community_usd_per_hour: float | None = None


# USD per GPU and hour, flex and active workers alike.
POOL_PRICES: dict[str, float | None] = {
    "AMPERE_16": 0.576,
    "AMPERE_24": 0.684,
    "ADA_24": 1.116,
    "ADA_32_PRO": None,
    "AMPERE_48": 1.224,
    "ADA_48_PRO": 1.908,
    "AMPERE_80": 2.736,
    "ADA_80_PRO": 4.176,
    "BLACKWELL_96": 3.996,
    "HOPPER_141": 5.58,
    "BLACKWELL_180": 8.64,
}

GPU_TYPES = {
    gpu.id: gpu
    for gpu in (
        GpuType("NVIDIA RTX A4000", "RTX A4000", "AMPERE_16", 16),
        GpuType("NVIDIA RTX A4500", "RTX A4500", "AMPERE_16", 20),
        GpuType("NVIDIA RTX 4000 Ada Generation", "RTX 4000 Ada", "AMPERE_16", 20),
        GpuType("NVIDIA RTX 2000 Ada Generation", "RTX 2000 Ada", "AMPERE_16", 16),
        GpuType("NVIDIA L4", "L4", "AMPERE_24", 24),
        GpuType("NVIDIA RTX A5000", "RTX A5000", "AMPERE_24", 24),
        GpuType("NVIDIA GeForce RTX 3090", "RTX 3090", "AMPERE_24", 24),
        GpuType("NVIDIA GeForce RTX 4090", "RTX 4090", "ADA_24", 24, 0.74, 0.34),
        GpuType("NVIDIA GeForce RTX 5090", "RTX 5090", "ADA_32_PRO", 32),
        GpuType("NVIDIA RTX A6000", "RTX A6000", "AMPERE_48", 48),
        GpuType("NVIDIA A40", "A40", "AMPERE_48", 48),
        GpuType("NVIDIA L40", "L40", "ADA_48_PRO", 48),
        GpuType("NVIDIA L40S", "L40S", "ADA_48_PRO", 48, 1.09, 0.79),
        GpuType("NVIDIA RTX 6000 Ada Generation", "RTX 6000 Ada", "ADA_48_PRO", 48),
        GpuType("NVIDIA A100 80GB PCIe", "A100 PCIe", "AMPERE_80", 80, 1.59, 1.19),
        GpuType("NVIDIA A100-SXM4-80GB", "A100 SXM", "AMPERE_80", 80, 1.59, 1.39),
        GpuType("NVIDIA H100 80GB HBM3", "H100 SXM", "ADA_80_PRO", 80, 3.49, 2.69),
        GpuType("NVIDIA H100 PCIe", "H100 PCIe", "ADA_80_PRO", 80, 2.89, 1.99),
        GpuType("NVIDIA H100 NVL", "H100 NVL", "ADA_80_PRO", 94, 3.19, 2.59),
        GpuType("NVIDIA RTX PRO 6000 Blackwell Server Edition", "RTX PRO 6000", "BLACKWELL_96", 96),
        GpuType("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "RTX PRO 6000 WK", "BLACKWELL_96", 96),
        GpuType("NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition", "RTX PRO 6000 MaxQ", "BLACKWELL_96", 96),
        GpuType("NVIDIA H200", "H200 SXM", "HOPPER_141", 141, 4.59, 3.59),
        GpuType("NVIDIA B200", "B200", "BLACKWELL_180", 180, 6.79, 5.98),
    )
}

# What the machines' drivers can run; the newest first.
CUDA_VERSIONS = ("13.0", "12.9", "12.8", "12.7", "12.6", "12.5", "12.4")

# fmt: off
DATA_CENTERS = (
    "AP-IN-1", "AP-JP-1", "CA-MTL-1", "CA-MTL-2", "CA-MTL-3", "CA-MTL-4", "EU-CZ-1", "EU-FR-1", "EU-NL-1", "EU-RO-1",
    "EU-SE-1", "EUR-IS-1", "EUR-IS-2", "EUR-IS-3", "EUR-IS-4", "EUR-NO-1", "EUR-NO-2", "OC-AU-1", "US-CA-2", "US-DE-1",
    "US-GA-1", "US-GA-2", "US-IL-1", "US-KS-2", "US-KS-3", "US-MD-1", "US-MO-1", "US-MO-2", "US-NC-1", "US-NC-2",
    "US-NE-1", "US-TX-1", "US-TX-3", "US-TX-4", "US-WA-1",
)
# fmt: on


def types_of(pools: list[str], excluded: list[str]) -> list[GpuType]:
    """The types that a selection leaves, in the order of its pools.

    >>> [gpu.name for gpu in types_of(["ADA_24", "AMPERE_24"], ["NVIDIA RTX A5000"])]
    ['RTX 4090', 'L4', 'RTX 3090']
    """
    return [gpu for pool in pools for gpu in GPU_TYPES.values() if gpu.pool == pool and gpu.id not in excluded]


def cuda(version: str) -> tuple[int, ...]:
    """A version that compares as numbers do.

    >>> cuda("12.11") > cuda("12.2")
    True
    """
    return tuple(int(part) for part in version.split("."))


def runs_cuda(minimum: str, allowed: list[str]) -> bool:
    """Whether any machine satisfies an endpoint's CUDA constraint."""
    return any(
        cuda(offered) >= cuda(minimum) if minimum else not allowed or offered in allowed for offered in CUDA_VERSIONS
    )
