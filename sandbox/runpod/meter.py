"""What has been used, by whom, from when to when, at which rate? The bills are sums over this."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sandbox.runpod.places import GPU_TYPES, POOL_PRICES

if TYPE_CHECKING:
    from collections.abc import Iterable

HOUR_SECONDS = 3600.0
MONTH_SECONDS = 730 * HOUR_SECONDS
# USD per GB and month (RunPod's pricing page, 2026-07-20). That the high-performance tier costs the same is an
# assumption: its price is not published.
DISK_RATE = 0.10
STORAGE_RATE, STORAGE_RATE_ABOVE = 0.07, 0.05
STORAGE_STEP_GB = 1000


@dataclass(frozen=True)
class Usage:
    """One worker's run, or one volume at one size."""

    owner: str
    """Id of the endpoint or the volume."""
    usage_id: str
    since: float
    until: float | None
    """None while it goes on."""
    rates: dict[str, float] = field(default_factory=dict)
    """Component of the bill -> USD per second."""

    def amounts(self, start: float, end: float, now: float) -> dict[str, float]:
        """USD per component for the part that lies in [start, end)."""
        seconds = min(end, now if self.until is None else self.until) - max(start, self.since)
        return {name: max(0.0, seconds) * rate for name, rate in self.rates.items()}


class Meter:
    def __init__(self, usages: Iterable[Usage] = ()) -> None:
        self._usages = {usage.usage_id: usage for usage in usages}

    def begin(self, owner: str, usage_id: str, now: float, rates: dict[str, float]) -> None:
        self._usages[usage_id] = Usage(owner, usage_id, now, None, rates)

    def end(self, usage_id: str, now: float) -> None:
        """RunPod bills whole seconds, rounded up."""
        usage = self._usages.get(usage_id)
        if usage is not None and usage.until is None:
            self._usages[usage_id] = replace(usage, until=usage.since + math.ceil(now - usage.since))

    def of(self, components: Iterable[str]) -> list[Usage]:
        """Usages with such a component in their bill, in the order in which they began."""
        wanted = set(components)
        return [usage for usage in self._usages.values() if wanted & usage.rates.keys()]

    def to_record(self) -> list[dict[str, Any]]:
        """As it is kept on the disk."""
        return [asdict(usage) for usage in self._usages.values()]

    @classmethod
    def from_record(cls, record: list[dict[str, Any]]) -> Meter:
        return cls(Usage(**usage) for usage in record)


def worker_rates(gpu_type: str, gpu_count: int, disk_gb: int) -> dict[str, float]:
    """USD per second of a worker."""
    hourly = POOL_PRICES[GPU_TYPES[gpu_type].pool] or 0.0
    return {"gpuAmount": gpu_count * hourly / HOUR_SECONDS, "diskAmount": disk_gb * DISK_RATE / MONTH_SECONDS}


def volume_rates(size_gb: int, tier: str) -> dict[str, float]:
    """USD per second of a volume.

    >>> round(volume_rates(1100, "STANDARD")["standardAmount"] * MONTH_SECONDS, 2)
    75.0
    """
    above = max(0, size_gb - STORAGE_STEP_GB)
    monthly = (size_gb - above) * STORAGE_RATE + above * STORAGE_RATE_ABOVE
    name, other = ("standardAmount", "highPerformanceAmount")
    if tier == "HIGH_PERFORMANCE":
        name, other = other, name
    return {name: monthly / MONTH_SECONDS, other: 0.0}
