"""What tests can make go wrong, and the list of what was asked."""

from __future__ import annotations

import time

import pytest
import requests

from tests.sandbox.runpod.served import ENDPOINT, Runpod


def fail(runpod: Runpod, **fault) -> None:
    runpod.post("/sandbox/faults", fault)


def test_a_busy_api_says_when_to_come_back(runpod):
    """So many times, and no more; other calls are not touched."""
    fail(runpod, method="GET", path="/v2/serverless*", times=2, status=429, retry_after_seconds=7)
    assert runpod.call("GET", "/v2/network-volumes").status_code == 200
    for _ in range(2):
        refused = runpod.call("GET", "/v2/serverless/x")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
        assert refused.json()["title"] == "Too Many Requests"
        assert "RateLimit" in refused.headers
    assert runpod.call("GET", "/v2/serverless/x").status_code == 404


@pytest.mark.parametrize(("after_commit", "made"), [(True, 1), (False, 0)])
def test_a_failure_before_or_after_the_fact(runpod, after_commit: bool, made: int):
    """A 502 says nothing about whether the endpoint exists."""
    fail(runpod, method="POST", path="/v2/serverless", status=502, after_commit=after_commit)
    assert runpod.call("POST", "/v2/serverless", ENDPOINT).status_code == 502
    assert len(runpod.get("/v2/serverless")["endpoints"]) == made


@pytest.mark.parametrize(("after_commit", "made"), [(True, 1), (False, 0)])
def test_a_connection_that_breaks(runpod, after_commit: bool, made: int):
    """Before or after the fact, without an answer."""
    fail(runpod, method="POST", drop=True, after_commit=after_commit)
    with pytest.raises(requests.ConnectionError):
        runpod.call("POST", "/v2/serverless", ENDPOINT)
    assert len(runpod.get("/v2/serverless")["endpoints"]) == made


def test_a_slow_answer_is_the_right_one(runpod):
    """Latency alone changes nothing else."""
    fail(runpod, path="/v2/*", latency_seconds=0.2)
    started = time.perf_counter()
    assert runpod.call("GET", "/v2/serverless").json() == {"endpoints": []}
    assert time.perf_counter() - started >= 0.2


def test_faults_are_listed_and_taken_back(runpod):
    """In their order."""
    fail(runpod, status=503)
    fail(runpod, path="/ai/*", drop=True, times=3)
    faults = runpod.get("/sandbox/faults")["faults"]
    assert [(fault["path"], fault["status"], fault["times"]) for fault in faults] == [("*", 503, 1), ("/ai/*", None, 3)]
    runpod.delete("/sandbox/faults")
    assert runpod.get("/sandbox/faults") == {"faults": []}
    assert runpod.call("GET", "/v2/serverless").status_code == 200


@pytest.mark.parametrize(
    ("fault", "detail"),
    [
        ({}, ": Value error, one of status, drop and latency_seconds must be given"),
        ({"status": 200}, "status: Input should be greater than or equal to 400"),
        ({"status": 500, "after": True}, "after: Extra inputs are not permitted"),
    ],
)
def test_a_fault_that_makes_no_sense(runpod, fault: dict, detail: str):
    """422, and nothing will go wrong."""
    response = runpod.call("POST", "/sandbox/faults", fault)
    assert (response.status_code, response.json()["detail"]) == (422, detail)


def test_the_calls_are_listed(runpod):
    """Method, path without query, status; control calls are none."""
    runpod.endpoint()
    runpod.call("GET", "/v2/billing?lastN=1")
    fail(runpod, drop=True)
    with pytest.raises(requests.ConnectionError):
        runpod.call("GET", "/v2/serverless")
    answer = runpod.get("/sandbox/calls")
    assert answer == {
        "last": 3,
        "calls": [
            {"number": 1, "method": "POST", "path": "/v2/serverless", "status": 201, "fault": False},
            {"number": 2, "method": "GET", "path": "/v2/billing", "status": 200, "fault": False},
            {"number": 3, "method": "GET", "path": "/v2/serverless", "status": None, "fault": True},
        ],
    }
    assert [call["number"] for call in runpod.get("/sandbox/calls", since=2)["calls"]] == [3]
    runpod.delete("/sandbox/calls")
    assert runpod.get("/sandbox/calls") == {"last": 3, "calls": []}
