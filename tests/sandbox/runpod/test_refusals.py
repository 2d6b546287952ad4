"""What the management API refuses: schema mistakes with 422 and their list, broken rules with 400."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.runpod.served import ENDPOINT, VOLUME

COUNTING = {"type": "REQUEST_COUNT", "requestCount": 4}
POOLS = ["AMPERE_24", "ADA_48_PRO"]


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in ENDPOINT.items() if name != field}


SCHEMA = {
    "an unknown field": (ENDPOINT | {"bogus": 1}, "$: additional properties 'bogus' not allowed"),
    "a field of the old API": (ENDPOINT | {"workersMin": 1}, "$: additional properties 'workersMin' not allowed"),
    "an unknown field further in": (
        ENDPOINT | {"workers": {"standby": 1}},
        "$.workers: additional properties 'standby' not allowed",
    ),
    "no name": (without("name"), "$: missing required property 'name'"),
    "an empty name": (ENDPOINT | {"name": ""}, "$.name: string should have at least 1 character"),
    "no type": (without("type"), "$: missing required property 'type'"),
    "no scaling": (without("scaling"), "$: missing required property 'scaling'"),
    "no image": (without("image"), "$: missing required property 'image'"),
    "no pools": (ENDPOINT | {"gpu": {"count": 1}}, "$.gpu: missing required property 'pools'"),
    "empty pools": (
        ENDPOINT | {"gpu": {"pools": []}},
        "$.gpu.pools: list should have at least 1 item after validation, not 0",
    ),
    "a queue delay that is too short": (
        ENDPOINT | {"scaling": {"type": "QUEUE_DELAY", "queueDelay": 0.4}},
        "$.scaling.queueDelay: input should be greater than or equal to 0.5",
    ),
    "the value of the other scaler": (
        ENDPOINT | {"scaling": {"type": "QUEUE_DELAY", "requestCount": 4}},
        "$.scaling: missing required property 'queueDelay'",
    ),
    "a request count of 0": (
        ENDPOINT | {"scaling": {"type": "REQUEST_COUNT", "requestCount": 0}},
        "$.scaling.requestCount: input should be greater than or equal to 1",
    ),
    "a load balancer on queue delay": (
        ENDPOINT | {"type": "LOAD_BALANCER"},
        "$: property 'scaling' must be REQUEST_COUNT for a LOAD_BALANCER",
    ),
    "a number as text": (
        ENDPOINT | {"workers": {"max": "3"}},
        "$.workers.max: input should be a valid integer",
    ),
    "3.0 for 3": (ENDPOINT | {"workers": {"max": 3.0}}, "$.workers.max: input should be a valid integer"),
    "true for 1": (ENDPOINT | {"disk": True}, "$.disk: input should be a valid integer"),
    "an idle timeout of an hour and a second": (
        ENDPOINT | {"workers": {"idleTimeout": 3601}},
        "$.workers.idleTimeout: input should be less than or equal to 3600",
    ),
    "a negative minimum": (
        ENDPOINT | {"workers": {"min": -1}},
        "$.workers.min: input should be greater than or equal to 0",
    ),
    "flashboot as a boolean": (
        ENDPOINT | {"flashboot": True},
        "$.flashboot: input should be 'OFF', 'FLASHBOOT' or 'PRIORITY_FLASHBOOT'",
    ),
    "a number in the environment": (
        ENDPOINT | {"env": {"MAX_MODEL_LEN": 4096}},
        "$.env.MAX_MODEL_LEN: input should be a valid string",
    ),
    "a CUDA version without its minor": (
        ENDPOINT | {"gpu": {"pools": POOLS, "minCudaVersion": "13"}},
        "$.gpu.minCudaVersion: string should match pattern '^\\d+\\.\\d+$'",
    ),
    "an empty CUDA version": (
        ENDPOINT | {"gpu": {"pools": POOLS, "minCudaVersion": ""}},
        "$.gpu.minCudaVersion: string should match pattern '^\\d+\\.\\d+$'",
    ),
    "an exclusion twice": (
        ENDPOINT | {"gpu": {"pools": POOLS, "excludedTypes": ["NVIDIA L4", "NVIDIA L4"]}},
        "$.gpu.excludedTypes: items must be unique",
    ),
    "a list for an object": (
        ENDPOINT | {"gpu": POOLS},
        "$.gpu: input should be an object",
    ),
}

RULES = {
    "gpu and cpu": (ENDPOINT | {"cpu": [{"id": "cpu5c", "vcpuCount": 4}]}, "exactly one of gpu and cpu may be set"),
    "neither gpu nor cpu": (without("gpu"), "exactly one of gpu and cpu must be set"),
    "an idle timeout for a queue that counts": (
        ENDPOINT | {"scaling": COUNTING},
        "workers.idleTimeout is not applicable to queue-based endpoints scaling on requestCount",
    ),
    "more workers at least than at most": (
        ENDPOINT | {"workers": {"min": 2, "max": 1}},
        "workers.min 2 exceeds workers.max 1",
    ),
    "both CUDA bounds": (
        ENDPOINT | {"gpu": {"pools": POOLS, "minCudaVersion": "12.8", "allowedCudaVersions": ["12.8"]}},
        "gpu.allowedCudaVersions and gpu.minCudaVersion are mutually exclusive",
    ),
    "a pool that does not exist": (
        ENDPOINT | {"gpu": {"pools": ["ADA_25"]}},
        "gpu.pools: 'ADA_25' is not a serverless GPU pool",
    ),
    "a GPU type for a pool": (
        ENDPOINT | {"gpu": {"pools": ["NVIDIA L4"]}},
        "gpu.pools: 'NVIDIA L4' is not a serverless GPU pool",
    ),
    "an exclusion from another pool": (
        ENDPOINT | {"gpu": {"pools": POOLS, "excludedTypes": ["NVIDIA H200"]}},
        "gpu.excludedTypes: 'NVIDIA H200' is not a GPU type in any of the selected pools",
    ),
    "everything excluded": (
        ENDPOINT | {"gpu": {"pools": ["ADA_24"], "excludedTypes": ["NVIDIA GeForce RTX 4090"]}},
        "gpu.excludedTypes: no GPU type is left in the selected pools",
    ),
    "a timeout in seconds": (ENDPOINT | {"timeout": 300}, "timeout: 300 is not from 5000 to 604800000"),
    "no such data center": (
        ENDPOINT | {"dataCenterIds": ["EU-RO-9"]},
        "dataCenterIds: 'EU-RO-9' is not a data center",
    ),
    "no such volume": (ENDPOINT | {"networkVolumes": ["vol"]}, "networkVolumes: 'vol' does not exist"),
    "no such registry": (ENDPOINT | {"registry": "reg"}, "registry: credential 'reg' does not exist"),
    "more workers than the account has": (
        ENDPOINT | {"workers": {"max": 6}},
        "workers.max: all endpoints together would have 6 workers, over the account's quota of 5",
    ),
}

# Of a PATCH to the endpoint `ENDPOINT`: status, then the detail or the one mistake.
PATCHES = {
    "the type": ({"type": "QUEUE"}, 422, "$: additional properties 'type' not allowed"),
    "exclusions without pools": (
        {"gpu": {"excludedTypes": ["NVIDIA L4"]}},
        422,
        "$.gpu: property 'pools' is required, if 'excludedTypes' property exists",
    ),
    "null for an image": ({"image": None}, 422, "$.image: input should be a valid string"),
    "null for the scaling": (
        {"scaling": None},
        422,
        "$.scaling: input should be an object",
    ),
    "CPUs": (
        {"cpu": [{"id": "cpu5c", "vcpuCount": 4}]},
        400,
        "cpu: the compute family of an endpoint cannot be changed",
    ),
    "both families": (
        {"cpu": [{"id": "cpu5c", "vcpuCount": 4}], "gpu": {"count": 1}},
        400,
        "exactly one of gpu and cpu may be set",
    ),
    "a scaler that has no idle timeout, with one": (
        {"scaling": COUNTING, "workers": {"idleTimeout": 5}},
        400,
        "workers.idleTimeout is not applicable to queue-based endpoints scaling on requestCount",
    ),
    "a minimum over the maximum": ({"workers": {"min": 3}}, 400, "workers.min 3 exceeds workers.max 2"),
    "an unknown template": ({"templateId": "30zmvf89kd"}, 404, "template not found"),
    "an empty image": ({"image": " "}, 400, "image: must not be empty"),
}

VOLUMES = {
    "no size": ({"name": "a", "dataCenter": "EU-RO-1"}, 422, "$: missing required property 'size'"),
    "9 GB": (VOLUME | {"size": 9}, 422, "$.size: input should be greater than or equal to 10"),
    "5 TB": (VOLUME | {"size": 4097}, 422, "$.size: input should be less than or equal to 4096"),
    "the old name of the data center": (
        {"name": "a", "size": 10, "dataCenterId": "EU-RO-1"},
        422,
        "$: missing required property 'dataCenter'",
    ),
    "an unknown tier": (
        VOLUME | {"type": "FAST"},
        422,
        "$.type: input should be 'STANDARD' or 'HIGH_PERFORMANCE'",
    ),
    "nowhere": (VOLUME | {"dataCenter": "XX-1"}, 400, "dataCenter: 'XX-1' is not a data center"),
}


def told(response: Any) -> tuple[int, str]:
    """Status, and the first mistake or the detail; the form of the document is checked on the way."""
    problem = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == response.status_code
    if problem["status"] == 422:
        assert problem["title"] == "Unprocessable Entity"
        assert problem["detail"] == "Request validation failed."
        return 422, problem["errors"][0]
    assert problem["title"] in {"Bad Request", "Not Found", "Not Implemented"}
    assert "errors" not in problem
    return problem["status"], problem["detail"]


@pytest.mark.parametrize(("body", "mistake"), SCHEMA.values(), ids=SCHEMA)
def test_a_create_outside_the_schema(shared_runpod, body: dict[str, Any], mistake: str):
    """422, and nothing is made."""
    assert told(shared_runpod.call("POST", "/v2/serverless", body)) == (422, mistake)
    assert shared_runpod.get("/v2/serverless") == {"endpoints": []}


@pytest.mark.parametrize(("body", "detail"), RULES.values(), ids=RULES)
def test_a_create_against_a_rule(shared_runpod, body: dict[str, Any], detail: str):
    """400, and nothing is made."""
    assert told(shared_runpod.call("POST", "/v2/serverless", body)) == (400, detail)
    assert shared_runpod.get("/v2/serverless") == {"endpoints": []}


def test_all_mistakes_are_told_at_once(shared_runpod):
    """One line each."""
    response = shared_runpod.call("POST", "/v2/serverless", {"name": "", "bogus": 1, "type": "QUEUE"})
    assert response.json()["errors"] == [
        "$.name: string should have at least 1 character",
        "$: missing required property 'scaling'",
        "$: additional properties 'bogus' not allowed",
    ]


@pytest.mark.parametrize(("body", "status", "text"), PATCHES.values(), ids=PATCHES)
def test_a_change_that_is_refused(runpod, body: dict[str, Any], status: int, text: str):
    """The endpoint stays what it was."""
    made = runpod.endpoint()
    assert told(runpod.call("PATCH", f"/v2/serverless/{made['id']}", body)) == (status, text)
    assert runpod.get(f"/v2/serverless/{made['id']}") == made


@pytest.mark.parametrize(("body", "status", "text"), VOLUMES.values(), ids=VOLUMES)
def test_a_volume_that_is_refused(shared_runpod, body: dict[str, Any], status: int, text: str):
    """Nothing is made."""
    assert told(shared_runpod.call("POST", "/v2/network-volumes", body)) == (status, text)
    assert shared_runpod.get("/v2/network-volumes") == {"networkVolumes": []}


def test_a_template_is_unknown_and_a_cpu_endpoint_is_not_there(shared_runpod):
    """404 as on the real one, and 501 where only the sandbox lacks it."""
    response = shared_runpod.call("POST", "/v2/serverless", without("image") | {"templateId": "30zmvf89kd"})
    assert told(response) == (404, "template not found")
    response = shared_runpod.call("POST", "/v2/serverless", without("gpu") | {"cpu": [{"id": "cpu5c", "vcpuCount": 4}]})
    assert told(response) == (501, "the sandbox has no CPU endpoints")


@pytest.mark.parametrize("content", [b"{", b"", b"\xff"])
def test_a_body_that_is_not_json(shared_runpod, content: bytes):
    """400, not 422: there is nothing to validate."""
    response = shared_runpod.call("POST", "/v2/serverless", data=content)
    assert told(response) == (400, "the request body is not valid JSON")


def test_the_quota_is_that_of_all_endpoints(runpod):
    """Their maxima are added up, the changed one counted once; the quota can be set."""
    first, _ = runpod.endpoint(workers={"max": 3}), runpod.endpoint(workers={"max": 2})
    detail = "workers.max: all endpoints together would have 6 workers, over the account's quota of 5"
    assert told(runpod.call("POST", "/v2/serverless", ENDPOINT | {"workers": {"max": 1}})) == (400, detail)
    path = f"/v2/serverless/{first['id']}"
    assert told(runpod.call("PATCH", path, {"workers": {"max": 4}})) == (400, detail)
    runpod.patch(path, {"workers": {"max": 2}})
    runpod.settings(worker_quota=10)
    assert runpod.patch(path, {"workers": {"max": 8}})["workers"]["max"] == 8
    runpod.settings(worker_quota=0)
    assert runpod.patch(path, {"name": "other", "workers": {"max": 7}})["workers"]["max"] == 7
