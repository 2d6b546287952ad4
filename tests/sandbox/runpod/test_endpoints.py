"""Serverless endpoints: what a create fills in, what a PATCH changes, what is shown."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.sandbox.runpod.served import ENDPOINT

MINIMAL = {
    "name": "chat",
    "type": "QUEUE",
    "image": "acme/worker:1",
    "gpu": {"pools": ["ADA_24"]},
    "scaling": {"type": "QUEUE_DELAY", "queueDelay": 4},
}


def test_defaults_are_filled_in(runpod):
    """A create with nothing but the required fields is answered 201 with all fields."""
    response = runpod.call("POST", "/v2/serverless", MINIMAL)
    assert response.status_code == 201
    made = response.json()
    jobs = f"{runpod.url}/ai/v2/{made['id']}"
    assert re.fullmatch(r"[a-z0-9]{14}", made.pop("id"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made.pop("createdAt"))
    assert made == {
        **MINIMAL,
        "args": "",
        "disk": 20,
        "env": {},
        "ports": [],
        "registry": None,
        "gpu": {"pools": ["ADA_24"], "count": 1, "allowedCudaVersions": [], "minCudaVersion": None},
        "workers": {"min": 0, "max": 3, "idleTimeout": 10},
        "dataCenterIds": [],
        "networkVolumes": [],
        "timeout": 300000,
        "flashboot": "OFF",
        "requestUrls": {
            "run": f"{jobs}/run",
            "runSync": f"{jobs}/runsync",
            "status": f"{jobs}/status/{{job_id}}",
            "stream": f"{jobs}/stream/{{job_id}}",
            "cancel": f"{jobs}/cancel/{{job_id}}",
            "retry": f"{jobs}/retry/{{job_id}}",
            "purgeQueue": f"{jobs}/purge-queue",
            "health": f"{jobs}/health",
        },
    }


def test_what_was_made_is_listed_read_and_deleted(runpod):
    """Lists are wrapped; a delete is 204 without a body; afterwards there is a 404."""
    first, second = runpod.endpoint(), runpod.endpoint(name="chat")
    assert runpod.get("/v2/serverless") == {"endpoints": [first, second]}
    assert runpod.get(f"/v2/serverless/{first['id']}") == first
    response = runpod.call("DELETE", f"/v2/serverless/{first['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert runpod.get("/v2/serverless") == {"endpoints": [second]}
    for method in ("GET", "DELETE"):
        assert runpod.call(method, f"/v2/serverless/{first['id']}").status_code == 404
    assert runpod.call("PATCH", f"/v2/serverless/{first['id']}", {}).status_code == 404


def test_environment_values_are_kept_to_the_letter(runpod):
    """Quotes, newlines and backslashes come back as they went."""
    env = {"SPECULATIVE_CONFIG": '{"method": "ngram"}', "CUSTOM_CHAT_TEMPLATE": "{% if a %}\n\\n\"'ü", "EMPTY": ""}
    made = runpod.endpoint(env=env)
    assert made["env"] == env
    assert runpod.get(f"/v2/serverless/{made['id']}")["env"] == env


@pytest.mark.parametrize(
    ("change", "field", "after"),
    [
        ({"name": "talk"}, "name", "talk"),
        ({"image": "acme/worker:2"}, "image", "acme/worker:2"),
        ({"env": {"OTHER": "1"}}, "env", {"OTHER": "1"}),
        ({"env": {}}, "env", {}),
        ({"workers": {"max": 0}}, "workers", {"min": 0, "max": 0, "idleTimeout": 5}),
        ({"workers": {"idleTimeout": 60}}, "workers", {"min": 0, "max": 2, "idleTimeout": 60}),
        ({"timeout": 5000}, "timeout", 5000),
        ({"flashboot": "FLASHBOOT"}, "flashboot", "FLASHBOOT"),
        ({"dataCenterIds": ["EU-RO-1"]}, "dataCenterIds", ["EU-RO-1"]),
        (
            {"scaling": {"type": "QUEUE_DELAY", "queueDelay": 0.5}},
            "scaling",
            {"type": "QUEUE_DELAY", "queueDelay": 0.5},
        ),
        ({"disk": 50, "args": "--x", "ports": ["8000/http"]}, "disk", 50),
    ],
)
def test_a_patch_changes_what_it_names(runpod, change: dict[str, Any], field: str, after: Any):
    """Everything else is as before."""
    made = runpod.endpoint()
    changed = runpod.patch(f"/v2/serverless/{made['id']}", change)
    assert changed[field] == after
    assert {name for name in made if made[name] != changed[name]} == change.keys()


@pytest.mark.parametrize(
    ("change", "excluded"),
    [
        ({"count": 2}, ["NVIDIA RTX A5000"]),
        ({"minCudaVersion": "13.0"}, ["NVIDIA RTX A5000"]),
        ({"pools": ["AMPERE_24"]}, None),
        ({"pools": ["AMPERE_24"], "excludedTypes": ["NVIDIA L4"]}, ["NVIDIA L4"]),
        ({"pools": ["AMPERE_24"], "excludedTypes": [" NVIDIA L4 "]}, ["NVIDIA L4"]),
    ],
)
def test_pools_and_exclusions_are_one_selection(runpod, change: dict[str, Any], excluded: list[str] | None):
    """New pools without exclusions clear them; without pools, they stay."""
    made = runpod.endpoint()
    gpu = runpod.patch(f"/v2/serverless/{made['id']}", {"gpu": change})["gpu"]
    assert gpu.get("excludedTypes") == excluded
    assert gpu["pools"] == change.get("pools", ENDPOINT["gpu"]["pools"])


def test_cuda_bounds_are_cleared_by_empty_values(runpod):
    """Setting one does not clear the other; `""` and `[]` do."""
    made = runpod.endpoint(gpu={"pools": ["ADA_24"], "minCudaVersion": "12.8"})
    path = f"/v2/serverless/{made['id']}"
    response = runpod.call("PATCH", path, {"gpu": {"allowedCudaVersions": ["12.8"]}})
    assert response.status_code == 400
    assert "mutually exclusive" in response.json()["detail"]
    gpu = runpod.patch(path, {"gpu": {"allowedCudaVersions": ["12.8"], "minCudaVersion": ""}})["gpu"]
    assert (gpu["allowedCudaVersions"], gpu["minCudaVersion"]) == (["12.8"], None)
    gpu = runpod.patch(path, {"gpu": {"allowedCudaVersions": [], "minCudaVersion": "13.0"}})["gpu"]
    assert (gpu["allowedCudaVersions"], gpu["minCudaVersion"]) == ([], "13.0")


def test_a_queue_that_counts_requests_has_no_idle_timeout(runpod):
    """It is absent from answers, and there again with the other scaler."""
    made = runpod.endpoint(scaling={"type": "REQUEST_COUNT", "requestCount": 4}, workers={"min": 0, "max": 2})
    assert made["workers"] == {"min": 0, "max": 2}
    changed = runpod.patch(f"/v2/serverless/{made['id']}", {"scaling": ENDPOINT["scaling"]})
    assert changed["workers"] == {"min": 0, "max": 2, "idleTimeout": 10}


def test_a_load_balancer_shows_its_own_addresses(runpod):
    """It has an idle timeout, a base and a health check, and no queue."""
    scaling = {"type": "REQUEST_COUNT", "requestCount": 4}
    made = runpod.endpoint(type="LOAD_BALANCER", scaling=scaling, env={"HEALTH_CHECK_PATH": "/health"})
    base = f"{runpod.url}/ai/v2/{made['id']}/lb"
    assert made["requestUrls"] == {"base": base, "health": f"{base}/health"}
    assert made["workers"]["idleTimeout"] == 5
    assert runpod.call("POST", f"/ai/v2/{made['id']}/run", {"input": {"prompt": "a"}}).status_code == 400


def test_releases_follow_what_restarts_workers(runpod):
    """A change of the container is a version with its differences; one of workers, scaling or timeouts is none."""
    made = runpod.endpoint()
    path = f"/v2/serverless/{made['id']}"
    assert runpod.get(f"{path}/releases")["releases"] == []
    runpod.patch(path, {"workers": {"max": 1}, "timeout": 60000, "scaling": {"type": "QUEUE_DELAY", "queueDelay": 9}})
    runpod.patch(path, {"env": ENDPOINT["env"]})
    assert runpod.get(f"{path}/releases")["endpointVersion"] == 1
    runpod.patch(path, {"image": "acme/worker:2", "env": {"A": "1"}})
    runpod.patch(path, {"gpu": {"count": 2}})
    answer = runpod.get(f"{path}/releases")
    assert answer["endpointVersion"] == 3
    assert answer["rollout"] == {"inProgress": False, "workersOnLatest": 0, "workersTotal": 0, "percentOnLatest": 0}
    newest, older = answer["releases"]
    assert [entry["field"] for entry in newest["diff"]] == ["gpu"]
    assert older["diff"] == [
        {"field": "template.imageName", "old": ENDPOINT["image"], "new": "acme/worker:2"},
        {"field": "template.env", "old": ENDPOINT["env"], "new": {"A": "1"}},
    ]
    assert (older["version"], older["source"], older["buildId"]) == (2, "MANUAL", None)
