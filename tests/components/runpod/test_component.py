"""A service on RunPod: an endpoint, a volume where the plan has one, and what clients need to know."""

from __future__ import annotations

import pulumi
import pytest

from components.errors import PlanError, StackError
from components.plan.runpod.values import RunpodVolume
from components.runpod.component import RunpodService, look_up
from components.runpod.endpoint_check import failures
from components.runpod.endpoint_fields import filled
from tests.components.example_plan import example_plan
from tests.components.runpod.fake_runpod import KEY

VARIABLES = (
    "RUNPOD_API_KEY",
    "RUNPOD_API_KEY_SECRET_ARN",
    "RUNPOD_API_BASE_URL",
    "RUNPOD_ENDPOINT_BASE_URL",
    "RUNPOD_ONLINE_CHECKS",
)
VOLUME = RunpodVolume(name="dev-chat-weights", size_gb=50, data_center="EU-RO-1", type="STANDARD", protect=True)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    """No key and no origin from the shell that runs the tests."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def deploy(run):
    """Deploy a plan without any key, as a preview does."""
    return lambda plan: run(lambda: RunpodService("chat", plan=plan, network=None).outputs)


def endpoint_of(recorded):
    """What the endpoint was declared as, without the engine's own."""
    made = recorded.of("Endpoint", "chat-endpoint")
    return {key: value for key, value in made.inputs.items() if not key.startswith("__")}


def test_a_plan_is_one_endpoint(deploy, plan_on_runpod):
    """Each number of the plan, in RunPod's words; nothing else is made, and the key is nowhere."""
    recorded = deploy(plan_on_runpod())
    assert recorded.names() == [
        ("berth:runpod:RunpodService", "chat"),
        ("pulumi-python:dynamic/runpod:Endpoint", "chat-endpoint"),
    ]
    declared = endpoint_of(recorded)
    assert declared == {
        "owner": "berth/dev/chat-endpoint",
        "name": "dev-chat",
        "type": "QUEUE",
        "image": "runpod/worker-v1-vllm:v2.25.2",
        "args": "",
        "disk": 60,
        "env": {"MODEL_NAME": "meta-llama/Llama-3.1-8B-Instruct", "HF_TOKEN": "{{ RUNPOD_SECRET_hf }}"},
        "gpu": {
            "pools": ["AMPERE_24"],
            "allowedTypes": ["NVIDIA L4"],
            "count": 1,
            "minCudaVersion": "13.0",
        },
        "workers": {"min": 0, "max": 3},
        "scaling": {"type": "REQUEST_COUNT", "requestCount": 8},
        "dataCenterIds": [],
        "networkVolumes": [],
        "timeout": 600_000,
        "flashboot": "FLASHBOOT",
    }
    assert failures(filled(declared)) == []
    assert recorded.calls == []


def test_a_queue_delay_has_an_idle_timeout(deploy, plan_on_runpod):
    """Half a second is kept as it is."""
    declared = endpoint_of(deploy(plan_on_runpod(scaler="QUEUE_DELAY", scaler_value=0.5, idle_timeout_seconds=30)))
    assert declared["scaling"] == {"type": "QUEUE_DELAY", "queueDelay": 0.5}
    assert declared["workers"] == {"min": 0, "max": 3, "idleTimeout": 30}
    assert failures(filled(declared)) == []


def test_a_volume_is_made_first_and_protected_as_the_plan_says(deploy, plan_on_runpod):
    """The endpoint refers to its id, in its data center."""
    recorded = deploy(plan_on_runpod(volume=VOLUME, data_centers=("EU-RO-1",)))
    volume = recorded.of("NetworkVolume", "chat-weights")
    assert volume.type == "pulumi-python:dynamic/runpod:NetworkVolume"
    assert {key: value for key, value in volume.inputs.items() if key != "__provider"} == {
        "name": "dev-chat-weights",
        "size": 50,
        "dataCenter": "EU-RO-1",
        "type": "STANDARD",
    }
    assert volume.protect is True
    declared = endpoint_of(recorded)
    assert declared["networkVolumes"] == ["chat-weights-networkvolume-id"]
    assert declared["dataCenterIds"] == ["EU-RO-1"]
    assert recorded.result["volume_id"] == "chat-weights-networkvolume-id"


def test_a_parked_service_keeps_its_endpoint_without_workers(deploy, plan_on_runpod):
    """Nothing runs, and it says so."""
    recorded = deploy(plan_on_runpod(workers_max=0, plan={"power": "off"}))
    assert endpoint_of(recorded)["workers"] == {"min": 0, "max": 0}
    assert recorded.result["state"] == "parked"


def test_clients_are_told_where_and_how(deploy, plan_on_runpod):
    """RunPod's own OpenAI route with the RunPod key, which is named and not shown."""
    outputs = deploy(plan_on_runpod()).result
    id_ = "chat-endpoint-endpoint-id"
    # The mock answers with inputs alone: requestUrls come from RunPod.
    del outputs["request_urls"]
    assert outputs == {
        "openai_base_url": f"https://api.runpod.ai/v2/{id_}/openai/v1",
        "mode": "queue",
        "auth": {"scheme": "bearer", "key": "RUNPOD_API_KEY"},
        "dashboard_url": f"https://console.runpod.io/serverless/user/endpoint/{id_}",
        "logs": {
            "console": f"https://console.runpod.io/serverless/user/endpoint/{id_}?tab=logs",
            "workers": f"https://api.runpod.io/v2/serverless/{id_}/workers",
            "worker": f"https://api.runpod.io/v2/serverless/{id_}/workers/WORKER_ID/logs",
        },
        "state": "awake",
        "endpoint_id": id_,
    }


def test_the_urls_follow_the_origins(deploy, plan_on_runpod, monkeypatch):
    """As on the sandbox."""
    monkeypatch.setenv("RUNPOD_API_BASE_URL", "http://127.0.0.1:4702")
    monkeypatch.setenv("RUNPOD_ENDPOINT_BASE_URL", "http://127.0.0.1:4702/ai/v2")
    outputs = deploy(plan_on_runpod()).result
    assert outputs["openai_base_url"] == "http://127.0.0.1:4702/ai/v2/chat-endpoint-endpoint-id/openai/v1"


def test_nothing_is_asked_before_a_deployment(run, plan_on_runpod, runpod, monkeypatch):
    """Not even with a key: a preview costs nobody's rate limit."""
    monkeypatch.setenv("RUNPOD_API_KEY", KEY)
    monkeypatch.setenv("RUNPOD_API_BASE_URL", runpod.url)
    monkeypatch.setenv("RUNPOD_ENDPOINT_BASE_URL", f"{runpod.url}/ai/v2")
    run(lambda: RunpodService("chat", plan=plan_on_runpod(), network=None).outputs)
    assert runpod.asked == []


def test_who_asks_for_it_has_the_catalogue_looked_at_in_a_preview(plan_on_runpod, runpod, monkeypatch):
    """All that is wrong is told while nothing has been made."""
    monkeypatch.setenv("RUNPOD_ONLINE_CHECKS", "1")
    monkeypatch.setenv("RUNPOD_API_KEY", KEY)
    monkeypatch.setenv("RUNPOD_API_BASE_URL", runpod.url)
    monkeypatch.setenv("RUNPOD_ENDPOINT_BASE_URL", f"{runpod.url}/ai/v2")
    look_up(plan_on_runpod())
    with pytest.raises(StackError, match=r"gpu\.pools: AMPERE_16 is no pool of RunPod's catalogue"):
        look_up(plan_on_runpod(pools=("AMPERE_24", "AMPERE_16")))
    monkeypatch.setenv("RUNPOD_API_KEY", "rpa_wrong")
    with pytest.raises(PlanError, match="chat: RUNPOD_ONLINE_CHECKS: RunPod: GET /v2/catalog/gpus: 401 Unauthorized"):
        look_up(plan_on_runpod())


def test_a_key_in_the_stacks_configuration_is_refused(plan_on_runpod):
    """Before the first resource: then it would be in the state already."""
    pulumi.runtime.set_config("runpod:apiKey", "rpa_SHOWN")
    try:
        with pytest.raises(StackError) as told:
            look_up(plan_on_runpod())
    finally:
        pulumi.runtime.set_all_config({})
    assert str(told.value).startswith("runpod:apiKey: is refused")
    assert "SHOWN" not in str(told.value)


def test_a_plan_for_another_target_is_refused():
    """Nothing of it can be rendered here."""
    with pytest.raises(PlanError, match="chat: the plan is for target ecs and has no runpod part"):
        look_up(example_plan())
