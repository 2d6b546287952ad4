"""Does RunPod have the GPUs that an endpoint asks for? Without them it would be made, and never get a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.errors import PlanError, Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from components.runpod.client import RunpodClient

CATALOGUE = "/v2/catalog/gpus"


def placement_problems(types: Iterable[Mapping[str, Any]], gpu: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with pools and exclusions, by RunPod's list of GPU types."""
    pools: dict[str, set[str]] = {}
    for one in types:
        if one.get("pool"):
            pools.setdefault(one["pool"], set()).add(one["id"])
    asked = [pool for pool in gpu["pools"] if pool in pools]
    offered = set().union(*(pools[pool] for pool in asked))
    if gpu.get("allowedTypes"):
        excluded = offered - set(gpu["allowedTypes"])
    else:
        # RunPod itself trims them.
        excluded = {name.strip() for name in gpu.get("excludedTypes", ())}
    problems = [
        Problem("gpu.pools", pool, "is no pool of RunPod's catalogue", did_you_mean(pool, pools))
        for pool in gpu["pools"]
        if pool not in pools
    ]
    problems += [
        Problem("gpu.excludedTypes", name, f"is no GPU type of {', '.join(asked)}", did_you_mean(name, offered))
        for name in sorted(excluded - offered)
        if asked
    ]
    problems += [
        Problem(
            "gpu.pools",
            pool,
            f"has no GPU type left: all of {', '.join(sorted(pools[pool]))} are excluded",
            "leave out the pool, or allow one of them",
        )
        for pool in asked
        if pools[pool] <= excluded
    ]
    return problems


def placed(client: RunpodClient, body: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body with the GPU types that RunPod is to leave out; a body without gpu asks nothing.

    Allowed types are turned round at this moment, by RunPod's own catalogue: published lists disagree about which pool
    a type is in, and a type that joins a pool later is one that nobody has sized the model for.

    Raises:
        PlanError: the endpoint would never get a worker.
        RunpodError: the catalogue could not be asked.
    """
    if "gpu" not in body:
        return dict(body)
    types = client.get(CATALOGUE)["gpus"]
    problems = placement_problems(types, inputs["gpu"])
    if problems:
        raise PlanError("\n".join(str(problem) for problem in problems))
    gpu = {field: value for field, value in body["gpu"].items() if field != "allowedTypes"}
    allowed = inputs["gpu"].get("allowedTypes")
    if allowed and "pools" in gpu:
        pools = inputs["gpu"]["pools"]
        gpu["excludedTypes"] = sorted({one["id"] for one in types if one.get("pool") in pools} - set(allowed))
    return {**body, "gpu": gpu}
