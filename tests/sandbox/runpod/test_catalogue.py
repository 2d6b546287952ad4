"""The GPU catalogue: pools, prices per hour, and stock for those who say what for."""

from __future__ import annotations

import pytest

from components.catalogue import runpod as catalogue
from sandbox.runpod.places import GPU_TYPES, POOL_PRICES

STOCK = {"include": "AVAILABILITY", "product": "SERVERLESS"}


def test_a_type_has_its_pool_and_price(shared_runpod):
    """Without `include` there is no stock in it."""
    gpus = {gpu["id"]: gpu for gpu in shared_runpod.get("/v2/catalog/gpus")["gpus"]}
    assert gpus["NVIDIA L40S"] == {
        "id": "NVIDIA L40S",
        "name": "L40S",
        "pool": "ADA_48_PRO",
        "manufacturer": "NVIDIA",
        "memory": 48,
        "secure": True,
        "community": True,
        "price": {"secure": 1.09, "community": 0.79, "serverless": 1.908},
        "maxCount": {"secure": 8, "community": 8},
    }
    assert "serverless" not in gpus["NVIDIA GeForce RTX 5090"]["price"]
    assert shared_runpod.get("/v2/catalog/gpus/NVIDIA%20L40S") == gpus["NVIDIA L40S"]


def test_stock_is_told_with_data_centers_and_cuda_versions(shared_runpod):
    """What is sold out is NONE, and its versions are offered but not available."""
    shared_runpod.settings(out_of_stock=["ADA_24"])
    gpus = {gpu["name"]: gpu for gpu in shared_runpod.get("/v2/catalog/gpus", **STOCK)["gpus"]}
    shared_runpod.settings(out_of_stock=[])
    assert (gpus["L4"]["availability"], gpus["RTX 4090"]["availability"]) == ("HIGH", "NONE")
    assert {"version": "13.0", "available": True} in gpus["L4"]["cudaVersions"]
    assert {"version": "13.0", "available": False} in gpus["RTX 4090"]["cudaVersions"]
    assert {"id": "EU-RO-1", "name": "EU-RO-1", "availability": "HIGH"} in gpus["L4"]["dataCenters"]
    assert "dataCenters" not in gpus["RTX 4090"]


def test_filters_narrow_the_stock(shared_runpod):
    """By country and by CUDA version; a version that no machine has is available nowhere."""
    romania = shared_runpod.get("/v2/catalog/gpus/NVIDIA%20L4", **STOCK, countryCodes="RO")
    assert [center["id"] for center in romania["dataCenters"]] == ["EU-RO-1"]
    assert shared_runpod.get("/v2/catalog/gpus", **STOCK, countryCodes="BR")["gpus"] == []
    nothing = shared_runpod.get("/v2/catalog/gpus/NVIDIA%20L4", **STOCK, minCudaVersion="14")
    assert (nothing["availability"], nothing["cudaVersions"]) == ("NONE", [])
    newer = shared_runpod.get("/v2/catalog/gpus/NVIDIA%20L4", **STOCK, minCudaVersion="12.9")
    assert [cuda["version"] for cuda in newer["cudaVersions"]] == ["13.0", "12.9"]


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("include=AVAILABILITY", 400, "include=AVAILABILITY requires product"),
        ("product=POD", 400, "product is valid only with include=AVAILABILITY"),
        ("include=PRICES", 422, "include: value must be 'AVAILABILITY'"),
        ("include=AVAILABILITY&product=POD&count=0", 422, "count: does not match '[1-9]\\\\d*'"),
        (
            "include=AVAILABILITY&product=POD&cudaVersions=12.8&minCudaVersion=12",
            400,
            "cudaVersions and minCudaVersion are mutually exclusive",
        ),
    ],
)
def test_queries_that_are_refused(shared_runpod, query: str, status: int, text: str):
    """Stock needs its product, and everything about stock needs the question for it."""
    problem = shared_runpod.call("GET", f"/v2/catalog/gpus?{query}").json()
    assert (problem["status"], problem.get("errors", [problem["detail"]])) == (status, [text])


def test_an_unknown_type_is_404(shared_runpod):
    """Also when its pool exists."""
    assert shared_runpod.call("GET", "/v2/catalog/gpus/ADA_24").status_code == 404


def test_the_planner_s_table_says_the_same():
    """The sandbox imports nothing of it: pools, memory and prices are compared here."""
    planned = {row.gpu_type: (row.pool, row.memory_gb) for row in catalogue.pool_types()}
    assert {gpu.id: (gpu.pool, gpu.memory_gb) for gpu in GPU_TYPES.values()} == planned
    assert {pool: catalogue.usd_per_gpu_hour(pool) for pool in POOL_PRICES} == POOL_PRICES
