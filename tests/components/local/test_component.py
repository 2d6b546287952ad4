"""A service on this machine: an engine and a gateway, or a gateway alone, or nothing while it is parked."""

from __future__ import annotations

import hashlib
import json

import pytest

from components.contracts import SERVICE_OUTPUTS
from components.errors import PlanError, StackError
from components.local.component import Found, LocalService, look_up
from components.plan.local.ports import port_of
from tests.components.example_plan import example_plan

PORT = port_of("chat")
KEY = "a-long-random-key"


@pytest.fixture
def deploy(run, tmp_path):
    """Deploy a plan on a machine that was asked already."""

    def deploy_(plan, key_sha256=None):
        found = Found(tmp_path, key_sha256)
        return run(lambda: LocalService("chat", plan=plan, found=found).outputs)

    return deploy_


def process_of(recorded, name):
    made = recorded.of("Process", name)
    return {key: value for key, value in made.inputs.items() if not key.startswith("__")}


def test_a_plan_is_two_processes(deploy, plan_here, tmp_path):
    """The gateway waits for the engine, listens on this machine alone, and asks the engine's port."""
    recorded = deploy(plan_here())
    assert recorded.names() == [
        ("berth:local:LocalService", "chat"),
        ("pulumi-python:dynamic/local:Process", "chat-engine"),
        ("pulumi-python:dynamic/local:Process", "chat-gateway"),
    ]
    engine, gateway = process_of(recorded, "chat-engine"), process_of(recorded, "chat-gateway")
    assert engine["directory"] == gateway["directory"] == str(tmp_path / ".berth/local/dev/chat")
    assert (engine["port"], gateway["port"]) == (PORT + 1, PORT)
    assert json.loads(engine["settings"]) == {
        "context": 4096,
        "model_name": "meta-llama/Llama-3.1-8B-Instruct",
        "port": PORT + 1,
        "sequences": 2,
        "threads": None,
    }
    assert json.loads(gateway["settings"]) == {
        "drain_seconds": 10,
        "host": "127.0.0.1",
        "max_request_seconds": 600,
        "metrics_namespace": "Berth",
        "model_name": "meta-llama/Llama-3.1-8B-Instruct",
        "port": PORT,
        "service": "chat",
        "stack": "dev",
        "upstreams": [{"name": "engine", "url": f"http://127.0.0.1:{PORT + 1}"}],
    }
    assert recorded.of("Process", "chat-engine").urn in recorded.of("Process", "chat-gateway").dependencies


def test_its_outputs_are_those_of_every_target(deploy, plan_here):
    """The address has the same form, and all of it is on this machine."""
    outputs = deploy(plan_here()).result
    assert set(SERVICE_OUTPUTS) - {"model_name", "state", "estimate"} <= set(outputs)
    assert outputs["openai_base_url"] == f"http://127.0.0.1:{PORT}/v1"
    assert outputs["dashboard_url"] == f"http://127.0.0.1:{PORT}/metrics"
    assert outputs["auth"] == {"scheme": "none"}
    assert sorted(outputs["processes"]) == ["engine", "gateway"]


def test_parked_it_has_no_process_and_the_same_address(deploy, plan_here):
    """Nothing is started by a deployment while it is off."""
    recorded = deploy(plan_here({"power": "off"}))
    assert recorded.names() == [("berth:local:LocalService", "chat")]
    assert recorded.result["openai_base_url"] == f"http://127.0.0.1:{PORT}/v1"
    assert recorded.result["processes"] == {}


def test_a_server_that_runs_already_needs_a_gateway_alone(deploy, plan_here):
    """Its key is named and never read here."""
    local = {"engine": "url", "url": "http://127.0.0.1:11434", "url_model": "qwen2.5:0.5b", "url_key_env": "SERVER_KEY"}
    recorded = deploy(plan_here({"local": local}))
    assert [name for _, name in recorded.names()] == ["chat", "chat-gateway"]
    gateway = process_of(recorded, "chat-gateway")
    assert json.loads(gateway["settings"])["upstreams"] == [
        {
            "key": {"env": "SERVER_KEY"},
            "model": "qwen2.5:0.5b",
            "name": "server",
            "url": "http://127.0.0.1:11434/v1",
        }
    ]
    assert gateway["variables"] == ["SERVER_KEY"]
    assert gateway["server"] == "http://127.0.0.1:11434/v1"


def test_the_one_key_is_kept_as_its_hash(run, plan_here):
    """Neither inputs nor outputs have the key."""
    plan = plan_here({"local": {"key_env": "CHAT_KEY"}})
    found = look_up(plan, {"CHAT_KEY": KEY})
    recorded = run(lambda: LocalService("chat", plan=plan, found=found).outputs)
    settings = json.loads(process_of(recorded, "chat-gateway")["settings"])
    assert json.loads(settings["client_keys"]) == {"local": hashlib.sha256(KEY.encode()).hexdigest()}
    assert KEY not in repr(recorded)
    assert recorded.result["auth"] == {"scheme": "bearer", "variable": "CHAT_KEY"}


def test_keys_in_a_file_limits_and_templates_reach_the_gateway(deploy, plan_here, tmp_path):
    """The file is named from the folder of Pulumi.yaml, and read by the gateway."""
    templates = {"short": {"system": "Be brief.", "parameters": {"temperature": 0.2}}}
    limits = {"keys_secret": "of/aws", "requests_per_minute": 60, "concurrency": 2}
    origins = ["http://localhost:3000"]
    gateway = {**limits, "templates": templates, "log_prompts": True, "cors_origins": origins}
    recorded = deploy(plan_here({"local": {"keys_file": "./keys.json"}, "gateway": gateway}))
    settings = json.loads(process_of(recorded, "chat-gateway")["settings"])
    assert settings["keys"] == {
        "defaults": {"requests_per_minute": 60, "concurrency": 2},
        "file": str(tmp_path / "keys.json"),
    }
    assert settings["templates"] == {"short": {"system_prefix": "Be brief.", "defaults": {"temperature": 0.2}}}
    assert (settings["log_prompts"], settings["cors_origins"]) == (True, ["http://localhost:3000"])


def test_what_is_missing_on_this_machine_is_said_together(plan_here):
    """Variables and files, before anything is made."""
    local = {"key_env": "CHAT_KEY", "gguf": "/no/such/file.gguf"}
    with pytest.raises(StackError) as error:
        look_up(plan_here({"local": local}), {})
    key, file = str(error.value).splitlines()
    assert key == "chat: local.key_env: CHAT_KEY is not set in this environment; export CHAT_KEY=KEY"
    assert file == (
        "chat: local.gguf: /no/such/file.gguf is not a file; give a file that is here (local.gguf: ./model.gguf), or a "
        "server that runs (local.engine: url)"
    )


def test_parked_nothing_is_asked_for(plan_here):
    """No variable and no file is needed to stop a service."""
    plan = plan_here({"power": "off", "local": {"key_env": "CHAT_KEY", "gguf": "/no/such/file.gguf"}})
    assert look_up(plan, {}).key_sha256 is None


def test_a_missing_file_of_keys_is_named(plan_here):
    """With its form."""
    with pytest.raises(StackError, match=r"^chat: local.keys_file: ./none.json is not a file; write a JSON object"):
        look_up(plan_here({"local": {"keys_file": "./none.json"}}), {})


def test_a_plan_of_another_target_is_refused():
    """It has no local part."""
    with pytest.raises(PlanError, match="the plan is for target ecs and has no local part"):
        look_up(example_plan())
