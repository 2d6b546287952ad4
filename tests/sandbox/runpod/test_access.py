"""Who gets in, what is counted, and what is answered where nothing is."""

from __future__ import annotations

import re

import pytest

from sandbox.runpod.keys import FULL_KEY, JOBS_KEY, READ_ONLY_KEY
from tests.sandbox.runpod.served import ENDPOINT

RATE = r'"minute";r=\d+;t=\d+, "hour";r=\d+;t=\d+, "day";r=\d+;t=\d+'


@pytest.mark.parametrize(
    ("key", "method", "status", "detail"),
    [
        (None, "GET", 401, "missing bearer token"),
        ("rpa_somebodys-real-key", "GET", 401, "invalid bearer token"),
        (JOBS_KEY, "GET", 403, "access denied"),
        (READ_ONLY_KEY, "POST", 403, "access denied"),
    ],
)
def test_keys_that_do_not_reach_so_far(shared_runpod, key: str | None, method: str, status: int, detail: str):
    """An unknown key tells nothing about a quota; a known one without the right does."""
    response = shared_runpod.call(method, "/v2/serverless", ENDPOINT, key=key)
    assert (response.status_code, response.json()["detail"]) == (status, detail)
    assert ("RateLimit" in response.headers) == (status == 403)


def test_a_key_without_bearer_opens_jobs_alone(runpod):
    """The job API takes it bare; the management API does not."""
    made = runpod.endpoint()
    bare = {"headers": {"Authorization": FULL_KEY}}
    assert runpod.plain("GET", "/v2/serverless", **bare).json()["detail"] == "missing bearer token"
    assert runpod.plain("GET", f"/ai/v2/{made['id']}/health", **bare).status_code == 200


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("rpa_real", 401), (READ_ONLY_KEY, 403), (JOBS_KEY, 200)])
def test_keys_of_the_job_api(runpod, key: str | None, status: int):
    """A key that may only read management sends no jobs."""
    path = f"/ai/v2/{runpod.endpoint()['id']}/health"
    assert runpod.call("GET", path, key=key).status_code == status


def test_a_read_only_key_reads(shared_runpod):
    """Lists are open to it."""
    assert shared_runpod.call("GET", "/v2/serverless", key=READ_ONLY_KEY).json() == {"endpoints": []}


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v2/serverless"), ("GET", "/v2/serverless/x"), ("POST", "/v2/serverless")]
)
def test_every_authenticated_answer_tells_the_quota(shared_runpod, method: str, path: str):
    """Successes and refusals alike."""
    headers = shared_runpod.call(method, path, {}).headers
    assert re.fullmatch(RATE, headers["RateLimit"])
    assert headers["RateLimit-Policy"] == '"minute";q=60;w=60, "hour";q=3000;w=3600, "day";q=50000;w=86400'


def test_the_quota_is_enforced_where_it_is_asked_for(runpod):
    """The sixty-first call of a minute is 429 and told when to come back; a minute later it passes."""
    left = [
        int(re.search(r"r=(-?\d+)", runpod.call("GET", "/v2/serverless").headers["RateLimit"])[1]) for _ in range(3)
    ]
    assert left in ([59, 58, 57], [59, 59, 58], [59, 58, 59])  # the minute may have ended meanwhile
    runpod.settings(enforce_rate_limits=True)
    refused = next(r for r in (runpod.call("GET", "/v2/serverless") for _ in range(130)) if r.status_code == 429)
    assert refused.json()["detail"] == "rate limit exceeded for the minute window"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    runpod.advance(60)
    assert runpod.call("GET", "/v2/serverless").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("PUT", "/v2/serverless", 405, "The requested method is not allowed for this path."),
        ("POST", "/v2/serverless/x/update", 404, "resource not found"),
        ("GET", "/v2", 404, "nothing is here; REST v2 is at /v2, the job API at /ai/v2"),
        ("GET", "/v2/nothing", 404, "resource not found"),
        ("GET", "/v2/templates", 501, "the sandbox does not have /v2/templates"),
        ("GET", "/v1/endpoints", 410, "REST v1 was retired on 2026-11-15; use REST v2, https://api.runpod.io/v2"),
        (
            "POST",
            "/v1/endpoints/x/update",
            410,
            "REST v1 was retired on 2026-11-15; use REST v2, https://api.runpod.io/v2",
        ),
        (
            "POST",
            "/graphql",
            410,
            "the sandbox has no GraphQL, which is to be retired early in 2027; use REST v2, https://api.runpod.io/v2",
        ),
        ("GET", "/", 404, "nothing is here; REST v2 is at /v2, the job API at /ai/v2"),
    ],
)
def test_where_nothing_is(shared_runpod, method: str, path: str, status: int, text: str):
    """Each kind of nothing is told apart."""
    response = shared_runpod.call(method, path)
    assert (response.status_code, response.json()["detail"]) == (status, text)


def test_a_wrong_method_is_told_the_right_ones(shared_runpod):
    """In the Allow header: PUT is not PATCH."""
    assert shared_runpod.call("PUT", "/v2/serverless/x").headers["Allow"] == "GET, PATCH, DELETE"


def test_an_unknown_parameter_is_refused(shared_runpod):
    """A filter that was mistyped would else select everything."""
    response = shared_runpod.call("GET", "/v2/billing/serverless?endpointId=x")
    assert (response.status_code, response.json()["errors"]) == (422, ["endpointId: unknown query parameter"])


def test_only_this_machine_controls(shared_runpod):
    """A control call from elsewhere is 403, as is one for a control that does not exist 404."""
    from sandbox.runpod.request import Request

    control = shared_runpod.app._control
    assert control.answer(Request("GET", "/sandbox/calls", remote="10.0.0.7")).status == 403
    assert control.answer(Request("GET", "/sandbox/nothing")).status == 404
