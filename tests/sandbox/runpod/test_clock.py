"""The clock that tests advance, and what RunPod does to endpoints that nobody asks."""

from __future__ import annotations

import pytest

DAY = 86_400


@pytest.mark.parametrize(("days", "workers"), [(2.9, (1, 4)), (3, (1, 2)), (6.9, (1, 2)), (7, (0, 0)), (30, (0, 0))])
def test_idle_endpoints_are_scaled_down(runpod, days: float, workers: tuple[int, int]):
    """To two workers at most after three days without a request, to none after seven; without a release."""
    path = f"/v2/serverless/{runpod.endpoint(workers={'min': 1, 'max': 4})['id']}"
    runpod.advance(days * DAY)
    left = runpod.get(path)["workers"]
    assert (left["min"], left["max"]) == workers
    assert runpod.get(f"{path}/releases")["endpointVersion"] == 1


def test_it_stays_so_until_somebody_raises_it(runpod):
    """A request does not bring workers back; a PATCH does, and the days start anew."""
    made = runpod.endpoint(workers={"min": 0, "max": 3})
    path = f"/v2/serverless/{made['id']}"
    runpod.advance(7 * DAY)
    job = runpod.job(made["id"])
    assert runpod.get(f"/ai/v2/{made['id']}/status/{job}")["status"] == "IN_QUEUE"
    assert runpod.get(path)["workers"]["max"] == 0
    assert runpod.patch(path, {"workers": {"max": 3}})["workers"]["max"] == 3
    assert runpod.ended(made["id"], job)["status"] == "COMPLETED"
    runpod.advance(2.9 * DAY)
    assert runpod.get(path)["workers"]["max"] == 3


def test_a_request_starts_the_days_anew(runpod):
    """Each kind of request does."""
    made = runpod.endpoint(workers={"min": 0, "max": 3})
    for _ in range(3):
        runpod.advance(2 * DAY)
        runpod.ended(made["id"], runpod.job(made["id"]))
    assert runpod.get(f"/v2/serverless/{made['id']}")["workers"]["max"] == 3


def test_a_worker_costs_nothing_after_it_was_taken_away(runpod):
    """Ten days advanced at once bill seven."""
    runpod.endpoint(workers={"min": 1, "max": 1}, gpu={"pools": ["AMPERE_24"]})
    runpod.advance(10 * DAY)
    amount = runpod.get("/v2/billing/serverless", bucketSize="year", lastN=2)["metadata"]["totals"]["gpuAmount"]
    assert amount == pytest.approx(7 * 24 * 0.684, rel=0.001)


def test_real_time_scales_nobody_down(tmp_path, monkeypatch):
    """A computer that slept over a weekend finds its endpoints as they were."""
    from sandbox.runpod.account import Account
    from sandbox.runpod.endpoint_bodies import CreateEndpoint, created
    from tests.sandbox.runpod.served import ENDPOINT

    account = Account()
    account.add_endpoint(created(CreateEndpoint.model_validate(ENDPOINT)))
    account.clock._epoch += 30 * DAY
    account.skip(1)
    (endpoint,) = account.endpoints.values()
    assert endpoint.settings.workers.max == 2


def test_the_clock_is_told(runpod):
    """How far it was advanced in all; it goes in one direction."""
    runpod.advance(3600)
    runpod.advance(1800)
    assert runpod.get("/sandbox/clock")["advanced_seconds"] == 5400
    assert runpod.call("POST", "/sandbox/clock", {"advance_seconds": -1}).status_code == 422
