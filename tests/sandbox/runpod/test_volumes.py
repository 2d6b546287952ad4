"""Network volumes: they grow, stay where they are, and are not deleted from under an endpoint."""

from __future__ import annotations

import pytest

from tests.sandbox.runpod.served import ENDPOINT, VOLUME


def test_the_life_of_a_volume(runpod):
    """201, 200 and 204; the tier is the standard one unless named."""
    response = runpod.call("POST", "/v2/network-volumes", VOLUME)
    assert response.status_code == 201
    made = response.json()
    path = f"/v2/network-volumes/{made['id']}"
    assert made == {"id": made["id"], **VOLUME, "type": "STANDARD"}
    assert runpod.patch(path, {"size": 150}) == made | {"size": 150}
    assert runpod.patch(path, {"name": "w"}) == made | {"size": 150, "name": "w"}
    assert runpod.get("/v2/network-volumes") == {"networkVolumes": [runpod.get(path)]}
    runpod.delete(path)
    assert runpod.call("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"size": 99}, 400, "size: 99 GB is less than the present 100 GB; a volume only grows"),
        ({}, 422, "$: minProperties: got 0, want 1"),
        ({"dataCenter": "EU-RO-1"}, 422, "$: additional properties 'dataCenter' not allowed"),
        ({"type": "STANDARD"}, 422, "$: additional properties 'type' not allowed"),
    ],
)
def test_a_change_that_cannot_be(runpod, body: dict, status: int, text: str):
    """It stays what it was."""
    made = runpod.post("/v2/network-volumes", VOLUME)
    response = runpod.call("PATCH", f"/v2/network-volumes/{made['id']}", body)
    problem = response.json()
    assert (problem["status"], problem.get("errors", [problem["detail"]])) == (status, [text])
    assert runpod.get(f"/v2/network-volumes/{made['id']}") == made


def test_a_volume_in_use_is_not_deleted(runpod):
    """The endpoints are named; detached, it goes."""
    volume = runpod.post("/v2/network-volumes", VOLUME)["id"]
    made = runpod.endpoint(networkVolumes=[volume])
    refused = runpod.call("DELETE", f"/v2/network-volumes/{volume}")
    assert (refused.status_code, refused.json()["detail"]) == (
        400,
        "network volume is in use by serverless endpoints: chat",
    )
    assert runpod.patch(f"/v2/serverless/{made['id']}", {"networkVolumes": []})["networkVolumes"] == []
    runpod.delete(f"/v2/network-volumes/{volume}")


def test_volumes_bind_an_endpoint_to_their_data_centers(runpod):
    """One each, and among those that the endpoint may run in; workers run there."""
    first, second = (runpod.post("/v2/network-volumes", VOLUME)["id"] for _ in range(2))
    for change, detail in (
        ({"networkVolumes": [first, second]}, "networkVolumes: at most one volume per data center"),
        (
            {"networkVolumes": [first], "dataCenterIds": ["US-KS-2"]},
            "dataCenterIds: none of them has the network volume, which is in EU-RO-1",
        ),
    ):
        refused = runpod.call("POST", "/v2/serverless", ENDPOINT | change)
        assert (refused.status_code, refused.json()["detail"]) == (400, detail)
    made = runpod.endpoint(networkVolumes=[first], dataCenterIds=["US-KS-2", "EU-RO-1"], workers={"min": 1})
    (worker,) = runpod.get(f"/v2/serverless/{made['id']}/workers")["workers"]
    assert worker["dataCenterId"] == "EU-RO-1"
