"""What does `GET /v2/catalog/gpus` answer? The GPU types with pool and price, and stock where it is asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.runpod.answers import ProblemError
from sandbox.runpod.places import CUDA_VERSIONS, DATA_CENTERS, GPU_TYPES, POOL_PRICES, GpuType, cuda

if TYPE_CHECKING:
    from collections.abc import Mapping

PRODUCTS = ("POD", "CLUSTER", "SERVERLESS")
MOST_GPUS = 8
# Each needs include=AVAILABILITY, and has this form.
_FILTERS = {
    "product": re.compile(rf"({'|'.join(PRODUCTS)})(,({'|'.join(PRODUCTS)}))*"),
    "count": re.compile(r"[1-9]\d*"),
    "cloud": re.compile(r"SECURE|COMMUNITY"),
    "countryCodes": re.compile(r"[A-Z]{2}(,[A-Z]{2})*"),
    "cudaVersions": re.compile(r"\d+\.\d+(,\d+\.\d+)*"),
    "minCudaVersion": re.compile(r"\d+(\.\d+)?"),
}


def gpu_types(query: Mapping[str, str], out_of_stock: tuple[str, ...]) -> dict[str, Any]:
    """All of them.

    Raises:
        ProblemError: 422 for a value of the wrong form, 400 for parameters that do not fit together.
    """
    availability = _check(query)
    countries = tuple(query["countryCodes"].split(",")) if "countryCodes" in query else ()
    centers = _centers(countries)
    gpus = GPU_TYPES.values() if centers else ()
    return {"gpus": [_to_json(gpu, query if availability else None, out_of_stock, centers) for gpu in gpus]}


def gpu_type(name: str, query: Mapping[str, str], out_of_stock: tuple[str, ...]) -> dict[str, Any]:
    """One of them.

    Raises:
        ProblemError: 404 for an unknown one, else as for all.
    """
    availability = _check(query)
    if name not in GPU_TYPES:
        raise ProblemError(404, "GPU type not found")
    countries = tuple(query["countryCodes"].split(",")) if "countryCodes" in query else ()
    return _to_json(GPU_TYPES[name], query if availability else None, out_of_stock, _centers(countries))


def _check(query: Mapping[str, str]) -> bool:
    """Whether stock is asked for."""
    include = query.get("include")
    if include not in {None, "AVAILABILITY"}:
        raise ProblemError(422, "Request validation failed.", ["include: value must be 'AVAILABILITY'"])
    for name, form in _FILTERS.items():
        if name in query and not form.fullmatch(query[name]):
            raise ProblemError(422, "Request validation failed.", [f"{name}: does not match {form.pattern!r}"])
    if include is None and (stray := [name for name in _FILTERS if name in query]):
        raise ProblemError(400, f"{stray[0]} is valid only with include=AVAILABILITY")
    if include and "product" not in query:
        raise ProblemError(400, "include=AVAILABILITY requires product")
    if {"cudaVersions", "minCudaVersion"} <= query.keys():
        raise ProblemError(400, "cudaVersions and minCudaVersion are mutually exclusive")
    return include is not None


def _centers(countries: tuple[str, ...]) -> tuple[str, ...]:
    """Data centers in these countries: the second part of their names, except in the US."""
    if not countries:
        return DATA_CENTERS
    return tuple(
        center
        for center in DATA_CENTERS
        if (center.split("-")[0] if center[:2] in {"US", "CA"} else center.split("-")[1]) in countries
    )


def _to_json(
    gpu: GpuType, query: Mapping[str, str] | None, out_of_stock: tuple[str, ...], centers: tuple[str, ...]
) -> dict[str, Any]:
    serverless = POOL_PRICES[gpu.pool]
    # Pods are not rented out here; where no price of theirs is known, the field that must be there repeats this one.
    fallback = serverless or 0.0
    shown: dict[str, Any] = {
        "id": gpu.id,
        "name": gpu.name,
        "pool": gpu.pool,
        "manufacturer": "NVIDIA",
        "memory": gpu.memory_gb,
        "secure": True,
        "community": gpu.community_usd_per_hour is not None,
        "price": {
            "secure": gpu.secure_usd_per_hour or fallback,
            "community": gpu.community_usd_per_hour or fallback,
            **({} if serverless is None else {"serverless": serverless}),
        },
        "maxCount": {"secure": MOST_GPUS, "community": MOST_GPUS},
    }
    if query is None:
        return shown
    versions = [version for version in CUDA_VERSIONS if _wanted(version, query)]
    stocked = gpu.pool not in out_of_stock and bool(versions) and bool(centers)
    shown["availability"] = "HIGH" if stocked else "NONE"
    shown["cudaVersions"] = [{"version": version, "available": stocked} for version in versions]
    if stocked:
        shown["dataCenters"] = [{"id": center, "name": center, "availability": "HIGH"} for center in centers]
    return shown


def _wanted(version: str, query: Mapping[str, str]) -> bool:
    if "cudaVersions" in query:
        return version in query["cudaVersions"].split(",")
    return cuda(version) >= cuda(query["minCudaVersion"]) if "minCudaVersion" in query else True
