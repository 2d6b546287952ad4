"""How are the workers of an endpoint moved, against a RunPod that refuses what RunPod refuses?"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import urllib3
from werkzeug.serving import make_server

from components.keeper.runtime.calls import Calls
from components.keeper.runtime.errors import DocumentError, KeeperError, NoCapacityError
from components.keeper.runtime.facts import UNKNOWN_TRAFFIC, Capacity, Traffic
from components.keeper.runtime.targets.runpod import RunpodClients, RunpodTarget
from components.runpod.client import RunpodClient
from sandbox.runpod.app import LocalRunpod
from sandbox.runpod.keys import FULL_KEY, READ_ONLY_KEY
from tests.components.sagemaker_api import FakeClient
from tests.keeper.runtime.ecs_account import EcsAccount
from tests.keeper.situation import config

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = datetime.now(UTC)
ENDPOINT = {
    "name": "prod-chat",
    "type": "QUEUE",
    "image": "runpod/worker-v1-vllm:v2.25.2",
    "disk": 60,
    "env": {"MODEL_NAME": "org/model"},
    "gpu": {"pools": ["AMPERE_24"], "count": 1},
    "scaling": {"type": "REQUEST_COUNT", "requestCount": 8},
}


@dataclass
class Runpod:
    """A RunPod of this test alone, with one endpoint."""

    url: str
    endpoint_id: str = ""
    slept: list[float] = field(default_factory=list)

    def client(self, key: str = FULL_KEY, path: str = "") -> RunpodClient:
        return RunpodClient(self.url + path, key, sleep=self.slept.append)

    def target(self, key: str = FULL_KEY, cloudwatch: Any = None, **changes: Any) -> RunpodTarget:
        own = {"endpoint_id": self.endpoint_id, "sleep": "hard", "pools": ["AMPERE_24", "ADA_24"]}
        clients = RunpodClients(self.client(key), self.client(key, "/ai/v2"), cloudwatch)
        details = {**own, **changes.pop("details", {})}
        limits = {"min_replicas": 1, "max_replicas": 3}
        return RunpodTarget(config(target="runpod", details=details, **{**limits, **changes}), clients, Calls())

    def make(self, least: int, most: int) -> Runpod:
        """Make the endpoint, and forget the calls."""
        body = {**ENDPOINT, "workers": {"min": least, "max": most}}
        self.endpoint_id = self.client().post("/v2/serverless", body)["id"]
        self.calls()
        return self

    def limits(self) -> tuple[int, int]:
        workers = self.client().get(f"/v2/serverless/{self.endpoint_id}")["workers"]
        return workers["min"], workers["max"]

    def calls(self, *methods: str) -> list[str]:
        """Return method and path of what was asked, and forget it."""
        listed = self.client().get("/sandbox/calls")["calls"]
        assert urllib3.request("DELETE", f"{self.url}/sandbox/calls").status == 204
        return [f"{one['method']} {one['path']}" for one in listed if not methods or one["method"] in methods]

    def set(self, **settings: Any) -> Runpod:
        assert urllib3.request("PATCH", f"{self.url}/sandbox/settings", json=settings).status == 200
        return self

    def fault(self, **fault: Any) -> None:
        assert urllib3.request("POST", f"{self.url}/sandbox/faults", json=fault).status == 200

    def passes(self, **duration: float) -> Runpod:
        seconds = timedelta(**duration).total_seconds()
        assert urllib3.request("POST", f"{self.url}/sandbox/clock", json={"advance_seconds": seconds}).status == 200
        return self

    def run_job(self) -> None:
        self.client(path="/ai/v2").post(f"/{self.endpoint_id}/run", {"input": {"prompt": "hello"}})


class Deaf(RunpodClient):
    """Says yes to every change, and makes none."""

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ARG002 - as the real one
        return {"workers": body["workers"]}


class Overheard(RunpodClient):
    """Keeps what is sent."""

    def __init__(self, url: str) -> None:
        super().__init__(url, FULL_KEY)
        self.sent: list[tuple[str, Any]] = []

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        self.sent.append((path, body))
        return super().patch(path, body)


class Odd(RunpodClient):
    """Answers as an API might that has changed."""

    def get(self, path: str, **query: str | int) -> Any:  # noqa: ARG002 - as the real one
        return {"id": "x"}


@pytest.fixture
def runpod(tmp_path):
    """A RunPod over real HTTP."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    local = LocalRunpod(tmp_path, url)
    server.app = local
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield Runpod(url)
    server.shutdown()
    thread.join()
    server.server_close()
    local.close()


def woken(runpod: Runpod, **changes: Any) -> str:
    target = runpod.target(**changes)
    return target.wake(target.capacity(), 0)


def stopped(runpod: Runpod, depth: str = "hard", **changes: Any) -> str:
    target = runpod.target(**changes)
    return target.sleep(target.capacity(), depth)


def test_woken_once(runpod):
    """Both limits in one PATCH with nothing else in it, looked at after that; a second run orders nothing."""
    runpod.make(0, 0)
    assert runpod.target().capacity() == Capacity("off", {}, "no workers")
    runpod.calls()
    assert woken(runpod) == "workers 1 to 3"
    path = f"/v2/serverless/{runpod.endpoint_id}"
    assert runpod.calls() == [f"GET {path}", f"GET {path}/workers", f"GET {path}", f"PATCH {path}", f"GET {path}"]
    assert runpod.limits() == (1, 3)
    assert runpod.client().get(f"{path}/releases")["releases"] == []
    runpod.passes(minutes=5)
    assert (woken(runpod), runpod.calls("PATCH")) == ("", [])
    assert runpod.target().capacity() == Capacity("on", {"AMPERE_24": 1}, "1 idle")


def test_stopped_once(runpod):
    """Hard is 0 and 0, so that a request starts nothing."""
    runpod.make(1, 3).passes(minutes=5)
    assert stopped(runpod) == "workers 0 to 0"
    assert runpod.limits() == (0, 0)
    runpod.run_job()
    assert runpod.passes(minutes=5).target().capacity() == Capacity("off", {}, "no workers")
    runpod.calls()
    assert (stopped(runpod), runpod.calls("PATCH")) == ("", [])


def test_stopped_softly(runpod):
    """None is kept running, and a request starts one."""
    runpod.make(1, 3).passes(minutes=5)
    assert stopped(runpod, "soft") == "workers 0 to 3"
    assert runpod.passes(minutes=5).target().capacity() == Capacity("off", {}, "no workers")
    assert stopped(runpod, "soft") == ""
    runpod.set(token_seconds=600).run_job()
    assert runpod.passes(minutes=1).target().capacity() == Capacity("on", {"AMPERE_24": 1}, "1 running")


@pytest.mark.parametrize(("depth", "most"), [("hard", 0), ("soft", 3)])
def test_nothing_but_the_limits_is_sent(runpod, depth, most):
    """Another field would begin a release, and roll all workers over."""
    runpod.make(1, 3)
    target, overheard = runpod.target(), Overheard(runpod.url)
    target._clients = RunpodClients(overheard, overheard)
    target.sleep(Capacity("on"), depth)
    assert overheard.sent == [(f"/v2/serverless/{runpod.endpoint_id}", {"workers": {"min": 0, "max": most}})]


def test_what_runpod_lowers_after_idle_days_is_put_back(runpod):
    """A service without a worker of its own is lowered, too, and answers again."""
    runpod.make(0, 3).passes(days=7.5)
    assert runpod.limits() == (0, 0)
    assert woken(runpod, min_replicas=0) == "workers 0 to 3"
    assert runpod.target(min_replicas=0).capacity() == Capacity("on", {}, "no workers")


def test_a_zero_that_is_lost_on_the_way_is_found_out(runpod):
    """RunPod said OK: the next look says what is true."""
    runpod.make(1, 3)
    target = runpod.target()
    deaf = Deaf(runpod.url, FULL_KEY)
    target._clients = RunpodClients(deaf, deaf)
    with pytest.raises(KeeperError) as raised:
        target.sleep(Capacity("on"), "hard")
    assert str(raised.value) == (
        f"RunPod endpoint {runpod.endpoint_id}: workers are 1 to 3 and not 0 to 0, although RunPod took the change"
    )


def test_no_gpu_to_be_had(runpod):
    """Limits are right, and workers wait for a GPU: that is told at each run until one comes."""
    runpod.set(out_of_stock=["AMPERE_24"]).make(0, 0)
    assert woken(runpod) == "workers 1 to 3"
    with pytest.raises(NoCapacityError) as raised:
        woken(runpod)
    assert str(raised.value) == (
        f"RunPod has no GPU of AMPERE_24, ADA_24 for endpoint {runpod.endpoint_id}: 1 throttled"
    )
    assert runpod.target().capacity().power == "starting"


@pytest.mark.parametrize(
    ("limits", "workers", "least", "power"),
    [
        ((0, 0), {}, 1, "off"),
        ((0, 0), {"running": 1}, 1, "stopping"),
        ((0, 3), {}, 1, "off"),
        ((0, 3), {}, 0, "on"),
        ((1, 3), {}, 1, "starting"),
        ((1, 3), {"initializing": 1}, 1, "starting"),
        ((1, 3), {"throttled": 1, "unhealthy": 1}, 1, "starting"),
        ((1, 3), {"unhealthy": 1}, 1, "failed"),
        ((1, 3), {"running": 1, "unhealthy": 1}, 1, "on"),
        ((1, 3), {"idle": 1}, 1, "on"),
    ],
)
def test_how_it_is(runpod, limits, workers, least, power):
    """It is asleep where no worker may or should be; without one it answers only if it is meant to start at zero."""
    summary = {"running": 0, "idle": 0, "initializing": 0, "throttled": 0, "unhealthy": 0, **workers}
    found = runpod.target(min_replicas=least)._power({"min": limits[0], "max": limits[1]}, summary)
    assert found == power


def test_workers_that_fail(runpod):
    """Are told, as nothing that could be ordered would help."""
    runpod.make(1, 3)
    with pytest.raises(KeeperError) as raised:
        runpod.target().wake(Capacity("failed", {}, "1 unhealthy"), 0)
    assert str(raised.value) == (f"RunPod endpoint {runpod.endpoint_id}: 1 unhealthy; see its logs in RunPod's console")


def test_what_a_worker_runs_on(runpod):
    """Priced as the pool of its GPU, where the stack has said which that is."""
    runpod.make(1, 3).passes(minutes=5)
    placed = runpod.client().get(f"/v2/serverless/{runpod.endpoint_id}/workers")["workers"][0]["gpuTypeId"]
    assert runpod.target(details={"pool_of": {placed: "ADA_24"}}).capacity().running == {"ADA_24": 1}


def test_jobs_of_this_moment_and_of_all_time(runpod):
    """RunPod counts nothing else: what came between two looks shows in the total."""
    runpod.make(1, 3).passes(minutes=5)
    assert runpod.target().traffic(NOW, NOW) == Traffic(is_known=True, total=0)
    runpod.set(token_seconds=600).run_job()
    assert runpod.target().traffic(NOW, NOW) == Traffic(is_known=True, in_flight=1, total=0)
    assert runpod.passes(hours=9).target().traffic(NOW, NOW) == Traffic(is_known=True, total=1)


def test_jobs_that_wait_are_in_flight(runpod):
    """Somebody waits for them."""
    runpod.set(out_of_stock=["AMPERE_24"]).make(1, 3).run_job()
    assert runpod.target().traffic(NOW, NOW) == Traffic(is_known=True, in_flight=1, total=0)


def test_requests_through_a_load_balancer_are_unknown(runpod):
    """They are no jobs."""
    runpod.make(1, 3)
    assert runpod.target(details={"mode": "load_balancer"}).traffic(NOW, NOW) is UNKNOWN_TRAFFIC
    assert runpod.calls() == []


def test_a_front_knows_what_clients_ask(runpod):
    """And RunPod is not asked."""
    runpod.make(1, 3)
    account, now = EcsAccount(), NOW.replace(second=0, microsecond=0)
    minutes = [now - timedelta(minutes=one) for one in range(1, 31)]
    account.figures = {
        ("Berth InFlight", "Maximum", "prod,chat"): dict.fromkeys(minutes, 0.0),
        ("Berth Requests", "Sum", "prod,chat"): {**dict.fromkeys(minutes, 0.0), minutes[9]: 2.0},
    }
    target = runpod.target(cloudwatch=FakeClient(account, "cloudwatch"), details={"front": True})
    expected = Traffic(is_known=True, last_request_at=now - timedelta(minutes=9))
    assert target.traffic(now - timedelta(minutes=30), now) == expected
    assert runpod.calls() == []


def test_the_bill_of_this_month(runpod):
    """From RunPod itself."""
    runpod.make(1, 3)
    assert runpod.target().billed_usd(NOW) == pytest.approx(0, abs=0.01)
    assert runpod.calls() == ["GET /v2/billing/serverless"]
    runpod.passes(minutes=1)
    before = runpod.target().billed_usd(NOW)
    runpod.passes(minutes=30)
    assert runpod.target().billed_usd(NOW) > before


def test_a_refusal_says_what_was_asked_and_never_the_key(runpod):
    """A key that may only read moves no worker."""
    runpod.make(1, 3)
    with pytest.raises(KeeperError) as raised:
        stopped(runpod, key=READ_ONLY_KEY)
    assert str(raised.value) == (
        f"RunPod: PATCH /v2/serverless/{runpod.endpoint_id}: 403 Forbidden: access denied;"
        " give the key the permission for this call in RunPod's console"
    )
    assert READ_ONLY_KEY not in str(raised.value)


def test_an_endpoint_that_is_gone(runpod):
    """Is an error of the platform's."""
    runpod.endpoint_id = "gone"
    with pytest.raises(KeeperError, match=r"^RunPod: GET /v2/serverless/gone: 404 "):
        runpod.target().capacity()


def test_an_answer_of_another_form(runpod):
    """Is no mistake of the keeper's."""
    runpod.make(1, 3)
    target = runpod.target()
    odd = Odd(runpod.url, FULL_KEY)
    target._clients = RunpodClients(odd, odd)
    for ask in (target.capacity, lambda: target.billed_usd(NOW), lambda: target.traffic(NOW, NOW)):
        with pytest.raises(KeeperError, match="RunPod: an answer is not what its API describes"):
            ask()


@pytest.mark.parametrize("name", ["endpoint_id", "pools"])
def test_a_document_that_says_too_little(name):
    """Says what is missing."""
    details = {one: value for one, value in {"endpoint_id": "x", "pools": ["y"]}.items() if one != name}
    with pytest.raises(DocumentError) as raised:
        RunpodTarget(config(target="runpod", details=details), RunpodClients(None, None), Calls())
    assert str(raised.value) == f"config: runpod.{name} is missing; deploy the stack"
