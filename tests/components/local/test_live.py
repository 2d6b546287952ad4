"""What `berth status` sees of a service on this machine."""

from __future__ import annotations

import os

from components.live import Replicas
from components.local.live import replicas
from components.local.process import _started


def outputs_of(**started):
    pid = os.getpid()
    return {"state": "awake", "processes": {role: {"pid": pid, "started": when} for role, when in started.items()}}


def test_a_service_runs_when_all_its_processes_do():
    """One replica, always."""
    now = _started(os.getpid())
    assert replicas(None, outputs_of(engine=now, gateway=now)) == Replicas(1, 1, 1, 1)


def test_a_process_that_ended_is_named():
    """With what to do about it."""
    assert replicas(None, outputs_of(engine="1", gateway=_started(os.getpid()))) == Replicas(
        0, 1, 1, 1, "stopped", "engine ended; `pulumi up` starts what is missing"
    )


def test_a_parked_service_has_nothing():
    """And nothing is wrong with it."""
    assert replicas(None, {"state": "parked", "processes": {}}) == Replicas(0, 0, 0, 0)
