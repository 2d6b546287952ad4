"""Which GPU types RunPod rents out for serverless workers, in which pool, and at what price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.hub.keys import list_of, mapping_of
from components.catalogue.runpod import pool_types
from components.refresh.source import Answer, Finding, RefreshError, figure
from components.runpod.placement import CATALOGUE

if TYPE_CHECKING:
    from components.runpod.client import RunpodClient

_FROM = "RunPod REST v2, catalog/gpus: pool and price.serverless"
_SECONDS = 3600


def ask(client: RunpodClient) -> object:
    """Return RunPod's list of GPU types; the client's own errors say why there is none."""
    return client.get(CATALOGUE)


def runpod_answer(listed: object) -> Answer:
    """Return pool, memory and price of GPU types; one without a pool or without a price says nothing.

    RunPod quotes an hour of one GPU, the table has a second.
    """
    types = (mapping_of(listed) or {}).get("gpus")
    if not isinstance(types, list):
        raise RefreshError(f"RunPod: GET {CATALOGUE}: answered without a list of gpus")
    known = {row.gpu_type for row in pool_types()}
    found: list[Finding] = []
    remarks: list[str] = []
    for entry in list_of(types):
        one = mapping_of(entry) or {}
        name, pool, memory = one.get("id"), one.get("pool"), one.get("memory")
        if not isinstance(name, str) or not isinstance(pool, str) or not pool:
            continue
        values = {"gpu_type": name, "pool": pool}
        if isinstance(memory, int | float) and memory > 0:
            values["memory_gb"] = f"{memory:g}"
        usd = (mapping_of(one.get("price")) or {}).get("serverless")
        if isinstance(usd, int | float) and usd > 0:
            values["usd_per_gpu_second"] = figure(usd / _SECONDS)
        elif name in known:
            remarks.append(f"{name} has no serverless price: its price is left as it is")
            continue
        if name not in known:
            remarks.append(f"{name} is new in pool {pool}: write its name of gpus.csv into the column gpu")
        found.append(Finding("runpod_pools", values, _FROM, may_add=True))
    return Answer(tuple(found), tuple(remarks))
