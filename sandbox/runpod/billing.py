"""What do the billing routes answer? Time buckets in UTC, each the sum of what was metered in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.runpod.billing_window import Window
    from sandbox.runpod.meter import Meter, Usage


@dataclass(frozen=True)
class Kind:
    """One kind of resource that has a bill of its own."""

    owner_field: str
    count_field: str
    components: tuple[str, ...]


SERVERLESS = Kind("serverlessId", "uniqueServerlessCount", ("gpuAmount", "cpuAmount", "diskAmount", "feeAmount"))
STORAGE = Kind("networkVolumeId", "uniqueNetworkVolumeCount", ("standardAmount", "highPerformanceAmount"))

# Name in the aggregated bill -> name in one of those; of the rest this RunPod has nothing.
_AGGREGATED = {
    "podGpuAmount": "",
    "podCpuAmount": "",
    "podDiskAmount": "",
    "serverlessGpuAmount": "gpuAmount",
    "serverlessCpuAmount": "cpuAmount",
    "serverlessDiskAmount": "diskAmount",
    "serverlessFeeAmount": "feeAmount",
    "storageStandardAmount": "standardAmount",
    "storageHighPerformanceAmount": "highPerformanceAmount",
    "endpointAmount": "",
    "clusterGpuAmount": "",
    "clusterDiskAmount": "",
    "clusterNetworkingAmount": "",
}


def bill(meter: Meter, kind: Kind, window: Window, now: float, owner: str | None) -> dict[str, Any]:
    """One record per bucket and owner, or per bucket for one owner."""
    usages = [usage for usage in meter.of(kind.components) if owner in {None, usage.owner}]
    owners = [owner] if owner else list(dict.fromkeys(usage.owner for usage in usages))
    records = [
        {**span, kind.owner_field: one, **_amounts([u for u in usages if u.owner == one], span_seconds, now, kind)}
        for span, span_seconds in window.spans()
        for one in owners
    ]
    listing = _listing(records, window, kind.components)
    if owner:
        listing["metadata"]["query"][kind.owner_field] = owner
    listing["metadata"][kind.count_field] = len(owners)
    return listing


def total_bill(meter: Meter, window: Window, now: float) -> dict[str, Any]:
    """One record per bucket over everything."""
    records: list[dict[str, Any]] = []
    for span, span_seconds in window.spans():
        parts: dict[str, float] = {}
        for kind in (SERVERLESS, STORAGE):
            parts |= _amounts(meter.of(kind.components), span_seconds, now, kind)
        amounts = {name: parts.get(part, 0.0) for name, part in _AGGREGATED.items()}
        records.append({**span, "totalAmount": sum(amounts.values()), **amounts})
    return _listing(records, window, tuple(_AGGREGATED))


def _amounts(usages: Sequence[Usage], span: tuple[float, float], now: float, kind: Kind) -> dict[str, float]:
    sums = dict.fromkeys(kind.components, 0.0)
    for usage in usages:
        for name, amount in usage.amounts(*span, now).items():
            sums[name] += amount
    return {"totalAmount": sum(sums.values()), **sums}


def _listing(records: list[dict[str, Any]], window: Window, components: tuple[str, ...]) -> dict[str, Any]:
    totals = {name: sum(record[name] for record in records) for name in ("totalAmount", *components)}
    metadata = {"query": window.query(), "recordCount": len(records), "totals": totals}
    return {"records": records, "metadata": metadata}
