"""The providers against the sandbox's RunPod, which refuses what RunPod refuses, and jobs of the real SDK on it."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest
import urllib3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.serving import make_server

from components.cli.runpod_job import ask_runpod
from components.plan import UNBUILT, make_plan
from components.runpod.client import RunpodClient
from components.runpod.component import endpoint_props
from components.runpod.endpoint_changes import patch
from components.runpod.live import replicas
from components.runpod.resources import EndpointProvider, NetworkVolumeProvider
from components.spec import load_spec
from sandbox.runpod.app import LocalRunpod
from sandbox.runpod.keys import FULL_KEY

SERVICES = Path(__file__).parents[3] / "stacks" / "services"
VOLUME = {"name": "dev-chat-weights", "size": 50.0, "dataCenter": "EU-RO-1", "type": "STANDARD"}


class Sandbox:
    """The sandbox's RunPod, a client of ours, and what only a test may do to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.slept: list[float] = []
        self.client = RunpodClient(url, FULL_KEY, sleep=self.slept.append)
        self._since = 0

    def calls(self) -> list[str]:
        """Method and path of the calls since the last time."""
        listed = self.client.get("/sandbox/calls")["calls"]
        new, self._since = listed[self._since :], len(listed)
        return [f"{one['method']} {one['path']}" for one in new]

    def fault(self, **fault: object) -> None:
        """Something goes wrong with the next call that matches."""
        self._control("faults", fault)

    def days(self, days: float) -> None:
        """Let time pass."""
        self._control("clock", {"advance_seconds": days * 86_400})

    def _control(self, route: str, body: dict[str, object]) -> None:
        assert urllib3.request("POST", f"{self.url}/sandbox/{route}", json=body).status == 200


@pytest.fixture
def sandbox(tmp_path):
    """A sandbox's RunPod of this test alone."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    local = LocalRunpod(tmp_path, url)
    server.app = local
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield Sandbox(url)
    server.shutdown()
    thread.join()
    server.server_close()
    local.close()


@pytest.fixture
def provider(sandbox):
    """Endpoints there."""

    class Provider(EndpointProvider):
        def connect(self):
            return sandbox.client

    return Provider()


@pytest.fixture
def inputs(provider, plan_on_runpod):
    """The endpoint of the example's plan."""
    return provider.check({}, endpoint_props(plan_on_runpod(), [])).inputs


def test_made_unchanged_refreshed_changed_and_deleted(sandbox, provider, inputs):
    """No call for what is unchanged, no drift after a refresh, and nothing is left."""
    made = provider.create(inputs)
    assert sandbox.calls() == ["GET /v2/catalog/gpus", "POST /v2/serverless"]
    assert provider.diff(made.id, made.outs, inputs).changes is False
    assert sandbox.calls() == []
    read = provider.read(made.id, made.outs)
    assert (read.outs, read.inputs) == (made.outs, inputs)
    sandbox.calls()
    parked = {**inputs, "workers": {"min": 0, "max": 0}}
    outs = provider.update(made.id, made.outs, parked).outs
    assert outs["liveWorkers"] == {"min": 0, "max": 0}
    assert sandbox.calls() == [f"PATCH /v2/serverless/{made.id}"]
    provider.delete(made.id, outs)
    assert provider.read(made.id, outs).id == ""
    assert sandbox.client.get("/v2/serverless") == {"endpoints": []}


@pytest.mark.parametrize(
    "change",
    [
        {"scaling": {"type": "QUEUE_DELAY", "queueDelay": 0.5}},
        {"gpu": {"pools": ["AMPERE_48", "ADA_48_PRO"], "count": 2, "allowedCudaVersions": ["12.8"]}},
        {"env": {"CHAT_TEMPLATE": 'a "quoted"\nline \\ with {{ braces }}'}, "args": "--x 'y z'"},
        {"name": "other", "image": "runpod/worker-v1-vllm:v3.0.0", "disk": 80, "timeout": 5000, "flashboot": "OFF"},
        {"dataCenterIds": ["EU-RO-1"], "ports": ["8000/http"], "workers": {"min": 1, "max": 2}},
    ],
)
def test_every_change_and_its_way_back_are_accepted(sandbox, provider, inputs, change):
    """After each a refresh shows what was declared, and nothing else."""
    made = provider.create(inputs)
    news = provider.check(inputs, {**inputs, **change}).inputs
    assert provider.check(inputs, {**inputs, **change}).failures == []
    outs = made.outs
    for wanted in (news, inputs):
        outs = provider.update(made.id, outs, wanted).outs
        read = provider.read(made.id, outs)
        assert read.inputs == wanted
        assert provider.diff(made.id, read.outs, wanted).changes is False


@pytest.mark.parametrize("fault", [{"status": 502}, {"drop": True}])
def test_a_creation_that_nobody_answered_is_adopted(sandbox, provider, inputs, fault):
    """One endpoint, whatever broke after it was made."""
    sandbox.fault(method="POST", path="/v2/serverless", after_commit=True, **fault)
    made = provider.create(inputs)
    [only] = sandbox.client.get("/v2/serverless")["endpoints"]
    assert only["id"] == made.id
    assert only["env"]["BERTH_URN"] == made.outs["marker"]


def test_a_rate_limit_is_waited_out(sandbox, provider, inputs):
    """As long as the sandbox asks for."""
    sandbox.fault(method="POST", path="/v2/serverless", status=429, retry_after_seconds=7)
    provider.create(inputs)
    assert sandbox.slept == [7.0]


def test_a_volume_grows_and_is_deleted_after_its_endpoint(sandbox, provider, inputs):
    """While it is used the refusal names the endpoint."""

    class Provider(NetworkVolumeProvider):
        def connect(self):
            return sandbox.client

    volumes = Provider()
    volume = volumes.create(volumes.check({}, VOLUME).inputs)
    outs = volumes.update(volume.id, volume.outs, {**VOLUME, "size": 60.0}).outs
    assert volumes.read(volume.id, outs).inputs == {**VOLUME, "size": 60}
    used = {**inputs, "networkVolumes": [volume.id], "dataCenterIds": ["EU-RO-1"]}
    endpoint = provider.create(used)
    with pytest.raises(Exception, match="used by endpoint dev-chat; delete or detach that first"):
        volumes.delete(volume.id, outs)
    provider.delete(endpoint.id, endpoint.outs)
    volumes.delete(volume.id, outs)
    assert sandbox.client.get("/v2/network-volumes") == {"networkVolumes": []}


def test_a_week_without_a_request_is_detected_explained_and_put_back(sandbox, provider, inputs):
    """RunPod takes the workers away; the next refreshed `up` sends both limits."""
    made = provider.create(inputs)
    outputs = {"endpoint_id": made.id, "replicas": {"min": 0, "max": 3}}
    sandbox.days(7.5)
    read = provider.read(made.id, made.outs)
    assert read.inputs["workers"] == {"min": 0, "max": 0}
    assert "to 0 after 7 days" in read.outs["workersNote"]
    assert replicas(None, outputs, connect=lambda: sandbox.client).state == "stopped"
    assert provider.diff(made.id, read.outs, inputs).changes is True
    outs = provider.update(made.id, read.outs, inputs).outs
    assert outs["liveWorkers"] == {"min": 0, "max": 3}
    assert "workersNote" not in outs


@pytest.mark.parametrize("spec", sorted(SERVICES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_example_services_are_planned_accepted_and_read_back(sandbox, provider, spec):
    """From the spec to RunPod and back, without a difference."""
    plan = make_plan(
        load_spec(spec, environment="dev"),
        target="runpod",
        stack="dev",
        region="us-east-1",
        images=UNBUILT,
        today=date(2026, 11, 21),
    )
    checked = provider.check({}, endpoint_props(plan, []))
    assert checked.failures == []
    made = provider.create(checked.inputs)
    assert provider.read(made.id, made.outs).inputs == checked.inputs


def test_a_job_of_the_real_sdk_is_answered(sandbox, provider, inputs, monkeypatch):
    """Through `runpod.Endpoint`, as `berth smoke` does."""
    made = provider.create(inputs)
    monkeypatch.setenv("RUNPOD_API_KEY", FULL_KEY)
    monkeypatch.setenv("RUNPOD_API_BASE_URL", sandbox.url)
    monkeypatch.setenv("RUNPOD_ENDPOINT_BASE_URL", f"{sandbox.url}/ai/v2")
    body = {
        "model": "meta-llama/Llama-3.1-8B-Instruct",
        "messages": [{"role": "user", "content": "Say hello."}],
        "max_tokens": 32,
    }
    answer = ask_runpod({"endpoint_id": made.id}, body, 60)
    assert answer.text.strip()
    assert answer.queued_seconds is not None
    assert answer.ran_seconds is not None


POOLS = st.lists(st.sampled_from(["AMPERE_24", "ADA_24", "AMPERE_48", "ADA_48_PRO"]), min_size=1, unique=True)
CUDA = st.one_of(
    st.fixed_dictionaries({"minCudaVersion": st.sampled_from(["", "12.8", "13.0"])}),
    st.fixed_dictionaries({"allowedCudaVersions": st.lists(st.sampled_from(["12.8", "13.0"]), unique=True)}),
)
SCALING = st.one_of(
    st.builds(lambda count: {"type": "REQUEST_COUNT", "requestCount": float(count)}, st.integers(1, 100)),
    st.builds(
        lambda delay: {"type": "QUEUE_DELAY", "queueDelay": delay}, st.floats(0.5, 60).map(lambda x: round(x, 1))
    ),
)
WORKERS = st.integers(0, 3).flatmap(
    lambda most: st.integers(0, most).map(lambda least: {"min": float(least), "max": float(most)})
)
PLAIN_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
CHANGES = st.fixed_dictionaries(
    {
        "gpu": st.builds(
            lambda pools, count, cuda: {"pools": pools, "count": float(count), **cuda}, POOLS, st.integers(1, 4), CUDA
        ),
        "scaling": SCALING,
        "workers": WORKERS,
        "env": st.dictionaries(st.from_regex(r"[A-Z][A-Z0-9_]{0,9}", fullmatch=True), PLAIN_TEXT, max_size=3),
        "timeout": st.integers(5, 600).map(lambda seconds: seconds * 1000.0),
        "flashboot": st.sampled_from(["OFF", "FLASHBOOT"]),
        "dataCenterIds": st.lists(st.sampled_from(["EU-RO-1", "US-KS-2"]), unique=True),
    }
)


@given(before=CHANGES, after=CHANGES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_endpoint_can_become_any_other(sandbox, provider, inputs, before, after):
    """What is sent is accepted, leads to what was declared, and has no field that did not change."""
    first, second = (provider.check({}, {**inputs, **change}) for change in (before, after))
    assert (first.failures, second.failures) == ([], [])
    made = provider.create(first.inputs)
    try:
        assert provider.read(made.id, made.outs).inputs == first.inputs
        outs = provider.update(made.id, made.outs, second.inputs).outs
        read = provider.read(made.id, outs)
        assert read.inputs == second.inputs
        assert provider.diff(made.id, read.outs, second.inputs).changes is False
        sent = patch(made.outs, second.inputs, {})
        assert {field for field in sent if first.inputs[field] == second.inputs[field]} == set()
    finally:
        provider.delete(made.id, made.outs)
