"""What a deployed endpoint does now: its workers, their limits, and why it is not as declared."""

from __future__ import annotations

import pytest

from components.errors import DeployedError, Problem, StackError
from components.live import Replicas
from components.runpod.live import replicas

OUTPUTS = {"endpoint_id": "ep1", "replicas": {"min": 0, "max": 3}}


@pytest.fixture
def now(runpod, client):
    """Ask about an endpoint with these limits and workers."""

    def answer(*, least=0, most=3, declared=3, **workers):
        runpod.endpoints["ep1"] = {"id": "ep1", "workers": {"min": least, "max": most}}
        runpod.summary.update(workers, total=sum(workers.values()))
        return replicas(None, {**OUTPUTS, "replicas": {"min": 0, "max": declared}}, connect=lambda: client)

    return answer


def test_running_are_those_that_are_billed(now):
    """Busy and idle ones; those that start or wait for a GPU are wanted and cost nothing yet."""
    assert now(least=1, running=1, idle=1, initializing=1, throttled=1) == Replicas(2, 4, 1, 3)


@pytest.mark.parametrize(
    ("given", "state", "problem"),
    [
        ({}, "idle", None),
        ({"initializing": 1}, "starting", None),
        ({"most": 0, "declared": 0}, "parked", None),
        (
            {"throttled": 2},
            "throttled",
            "2 workers are waiting for a GPU that RunPod has not got now; name further accelerators, or wait",
        ),
        ({"running": 1, "unhealthy": 1}, "unhealthy", "1 worker is not healthy; see its logs in RunPod's console"),
    ],
)
def test_a_state_says_why_nothing_runs(now, given, state, problem):
    """Idle is no fault at zero workers; throttled and unhealthy are."""
    found = now(**given)
    assert (found.state, found.problem) == (state, problem)


@pytest.mark.parametrize(("most", "state"), [(2, "reduced"), (0, "stopped")])
def test_what_runpod_took_away_is_explained(now, most, state):
    """After 3 and 7 days without a request, with what to do about it."""
    found = now(most=most)
    assert found.state == state
    assert found.problem.startswith(f"max workers is {most} and not 3: RunPod lowers the maximum to 2 after 3 days")
    assert found.problem.endswith("`pulumi up --refresh` puts it back")


def test_an_endpoint_that_is_gone_says_so(client):
    """With the next step."""
    with pytest.raises(DeployedError, match="RunPod endpoint ep1: is not there any more; run `pulumi refresh`"):
        replicas(None, OUTPUTS, connect=lambda: client)


def test_without_a_key_the_error_says_where_it_belongs():
    """The row of the table shows it, the others are shown all the same."""

    def connect():
        raise StackError([Problem("RUNPOD_API_KEY", "", "is not set", "export it")])

    with pytest.raises(DeployedError, match="RunPod endpoint ep1: RUNPOD_API_KEY: is not set; export it"):
        replicas(None, OUTPUTS, connect=connect)
