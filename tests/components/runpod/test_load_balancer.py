"""A service behind RunPod's load balancer: what its workers are told, and where clients find them."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from components.plan.gateway import Fallback, GatewayPlan, KeyLimits, Template
from components.plan.model import EnginePlan
from components.runpod.component import RunpodService, endpoint_props
from components.runpod.endpoint_check import failures
from components.runpod.endpoint_fields import filled
from components.runpod.origins import Origins
from components.runpod.worker import worker_environment
from tests.components.conftest import ACCOUNT, REGION
from tests.components.front_plan import RUNPOD_KEY, program, with_front
from tests.components.runpod.fake_runpod import KEY

sys.path.append(str(Path(__file__).parents[3] / "images" / "gateway" / "src"))
sys.path.append(str(Path(__file__).parents[3] / "images" / "runpod_worker" / "src"))
from gateway.config.load import load_config as gateway_config
from runpod_worker.config import load_config as worker_config

IMAGE = "acme/runpod-worker@sha256:" + "0" * 64
MODEL = "meta-llama/Llama-3.1-8B-Instruct"
ENGINE = EnginePlan(
    kind="vllm",
    version="0.33.0",
    image=IMAGE,
    arguments=(MODEL, "--max-model-len=8192"),
    environment={"BERTH_WORKER_MODE": "load_balancer", "HF_TOKEN": "{{ RUNPOD_SECRET_hf }}"},
)
GATEWAY = GatewayPlan(image=IMAGE, keys_secret="client_keys", max_request_seconds=320, drain_seconds=320)
ID = "chat-endpoint-endpoint-id"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    """No key and no origin from the shell that runs the tests."""
    for name in ("RUNPOD_API_KEY", "RUNPOD_API_BASE_URL", "RUNPOD_ENDPOINT_BASE_URL", "RUNPOD_ONLINE_CHECKS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def plan(plan_on_runpod):
    """The plan of the example behind a load balancer; keywords replace fields of its gateway."""

    def plan_(**changes):
        gateway = replace(GATEWAY, **changes)
        own = {"mode": "load_balancer", "idle_timeout_seconds": 10, "execution_timeout_ms": 330_000}
        return plan_on_runpod(**own, plan={"engine": ENGINE, "gateway": gateway})

    return plan_


@pytest.fixture
def deploy(run):
    """Deploy a plan without any key, as a preview does."""
    return lambda plan: run(lambda: RunpodService("chat", plan=plan, network=None).outputs)


def test_a_plan_is_one_endpoint_of_our_own_worker(deploy, plan):
    """Two exposed ports, vLLM's arguments, the gateway's variables; secrets are references."""
    recorded = deploy(plan())
    made = recorded.of("Endpoint", "chat-endpoint")
    declared = {key: value for key, value in made.inputs.items() if not key.startswith("__")}
    assert declared == {
        "owner": "berth/dev/chat-endpoint",
        "name": "dev-chat",
        "type": "LOAD_BALANCER",
        "image": IMAGE,
        "args": f"{MODEL} --max-model-len=8192",
        "disk": 60,
        "ports": ["8080/http", "8081/http"],
        "env": {
            "BERTH_CLIENT_KEYS": "{{ RUNPOD_SECRET_client_keys }}",
            "BERTH_CONFIG": '{"upstreams":[{"name":"engine","url":"http://127.0.0.1:8000"}]}',
            "BERTH_DRAIN_SECONDS": "320",
            "BERTH_MAX_REQUEST_SECONDS": "320",
            "BERTH_METRICS_NAMESPACE": "Berth",
            "BERTH_MODEL_NAME": MODEL,
            "BERTH_PORT": "8080",
            "BERTH_SERVICE": "chat",
            "BERTH_STACK": "dev",
            "BERTH_WORKER_MODE": "load_balancer",
            "HF_TOKEN": "{{ RUNPOD_SECRET_hf }}",
            "PORT": "8080",
            "PORT_HEALTH": "8081",
        },
        "gpu": {"pools": ["AMPERE_24"], "allowedTypes": ["NVIDIA L4"], "count": 1, "minCudaVersion": "13.0"},
        "workers": {"min": 0, "max": 3, "idleTimeout": 10},
        "scaling": {"type": "REQUEST_COUNT", "requestCount": 8},
        "dataCenterIds": [],
        "networkVolumes": [],
        "timeout": 330_000,
        "flashboot": "FLASHBOOT",
    }
    assert failures(filled(declared)) == []
    assert recorded.calls == []


def test_the_worker_and_its_gateway_take_what_they_are_told(plan):
    """Both read their variables themselves, and mean what the plan says."""
    made = plan(
        limits=KeyLimits(60, 90_000, 4),
        templates={"support": Template("Be brief.", {"temperature": 0.2})},
        fallback=(Fallback("https://api.example.com/v1", None, None, None),),
        cors_origins=("https://app.example.com",),
        log_prompts=True,
        usd_per_hour=0.684,
    )
    props = endpoint_props(made, [])
    # RunPod puts the secret where its reference stands.
    variables = {**props["env"], "BERTH_CLIENT_KEYS": json.dumps({"team-a": "0" * 64})}
    worker = worker_config(variables, props["args"].split())
    assert (worker.mode, worker.port, worker.health_port, worker.health_path) == ("load_balancer", 8080, 8081, "/ping")
    assert worker.engine_command == (
        *("vllm", "serve", MODEL, "--max-model-len=8192"),
        *("--host", "127.0.0.1", "--port", "8000"),
    )
    assert worker.drain_seconds == 320
    gateway = gateway_config(variables)
    assert (gateway.stack, gateway.service, gateway.max_request_seconds) == ("dev", "chat", 320)
    assert gateway.upstreams[0].url == worker.engine_url
    limits = gateway.keys.defaults
    assert (limits.requests_per_minute, limits.tokens_per_minute, limits.concurrency) == (60, 90_000, 4)
    assert (gateway.cors_origins, gateway.log_prompts) == (("https://app.example.com",), True)
    assert gateway.templates["support"].defaults == {"temperature": 0.2}
    assert gateway.routes[0].fallback == ("fallback-1",)


def test_a_private_image_is_pulled_with_a_credential_of_the_account(plan):
    """By its id alone; a public one needs none."""
    made = plan()
    assert "registry" not in endpoint_props(made, [])
    private = replace(made, runpod=replace(made.runpod, registry="clzdaifot"))
    assert endpoint_props(private, [])["registry"] == "clzdaifot"


def test_without_keys_none_are_told(plan):
    """An empty reference would be a secret that nobody made."""
    made = plan(keys_secret=None)
    assert "BERTH_CLIENT_KEYS" not in worker_environment(made, made.gateway)


def test_clients_are_told_the_endpoints_own_host(deploy, plan):
    """Not the job API; RunPod asks for its key there, too."""
    outputs = deploy(plan()).result
    assert outputs["openai_base_url"] == f"https://{ID}.api.runpod.ai/v1"
    assert outputs["mode"] == "load_balancer"
    assert outputs["auth"] == {"scheme": "bearer", "key": "RUNPOD_API_KEY"}


@pytest.mark.parametrize(
    ("jobs", "base", "host"),
    [
        ("https://api.runpod.ai/v2", "https://ab1.api.runpod.ai", "https://ab1.api.runpod.ai"),
        ("http://127.0.0.1:4702/ai/v2", "http://127.0.0.1:4702/ai/v2/ab1/lb", "http://127.0.0.1:4702/ai/v2/ab1/lb"),
        ("https://api.runpod.ai/v2", None, "https://ab1.api.runpod.ai"),
        ("https://api.runpod.ai/v2", "https://ab1.api.runpod.ai.example", "https://ab1.api.runpod.ai"),
        ("https://api.runpod.ai/v2", "http://ab1.api.runpod.ai", "https://ab1.api.runpod.ai"),
        ("https://api.runpod.ai/v2", "https://u:p@ab1.api.runpod.ai", "https://ab1.api.runpod.ai"),
        ("https://api.runpod.ai/v2", "https://ab1.api.runpod.ai:8443", "https://ab1.api.runpod.ai"),
        ("https://api.runpod.ai/v2", "https://[", "https://ab1.api.runpod.ai"),
    ],
)
def test_the_key_goes_to_runpods_hosts_alone(jobs, base, host):
    """What RunPod answers is taken where it is a load balancer of RunPod's, or where jobs go as well."""
    urls = {} if base is None else {"base": base, "health": f"{base}/ping"}
    assert Origins("https://api.runpod.io", jobs).load_balancer("ab1", urls) == host


def test_a_front_calls_the_load_balancer_at_its_host(run, account, plan, monkeypatch):
    """In the gateway's own words for that mode, with the RunPod key by the name of a variable."""
    monkeypatch.setenv("RUNPOD_API_KEY", KEY)
    account.secrets[RUNPOD_KEY] = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{RUNPOD_KEY}-AbCdEf"
    deployed = run(program(with_front(plan(), upstream_key_secret=RUNPOD_KEY)))
    [container] = json.loads(deployed.of("TaskDefinition", "chat-front-task").inputs["containerDefinitions"])
    told = {one["name"]: one["value"] for one in container["environment"]}
    assert json.loads(told["BERTH_CONFIG"])["upstreams"] == [
        {
            "name": "target",
            "kind": "runpod",
            "endpoint_id": ID,
            "mode": "load_balancer",
            "url": f"https://{ID}.api.runpod.ai",
            "key": {"env": "RUNPOD_API_KEY"},
            "price": {"usd_per_hour": 0.9776, "requests_per_replica": 8},
        }
    ]
    secrets = {"BERTH_CLIENT_KEYS_SECRET": "x", "RUNPOD_API_KEY": KEY, "AWS_REGION": REGION}
    [upstream] = gateway_config({**secrets, **told}).upstreams
    assert (upstream.kind, upstream.mode) == ("runpod", "load_balancer")
    worker = deployed.of("Endpoint", "chat-endpoint").inputs["env"]
    assert "BERTH_CLIENT_KEYS" not in worker
    outputs = deployed.result["chat"]
    assert outputs["front"]["target_base_url"] == f"https://{ID}.api.runpod.ai/v1"
    assert KEY not in json.dumps([dict(one.inputs) for one in deployed.resources], default=str)


@pytest.mark.parametrize(
    ("env", "ports", "expected"),
    [
        ({}, [], []),
        ({"PORT": "8080", "PORT_HEALTH": "8081"}, ["8080/http", "8081/http"], []),
        (
            {"PORT": "8080", "PORT_HEALTH": "8081"},
            ["8080/http", "8081/tcp"],
            [("ports", "must have 8081/http, which env.PORT_HEALTH names")],
        ),
        (
            {"PORT": "8080", "PORT_HEALTH": "8081"},
            [],
            [
                ("ports", "must have 8080/http, which env.PORT names"),
                ("ports", "must have 8081/http, which env.PORT_HEALTH names"),
            ],
        ),
        (
            {"PORT": "8080"},
            ["8080/http"],
            [("env.PORT", "comes without the other; give PORT and PORT_HEALTH, or neither")],
        ),
    ],
)
def test_a_worker_that_nobody_could_reach_is_refused(endpoints, props, env, ports, expected):
    """RunPod would answer 502, and bill its workers for eight minutes each."""
    given = {**props, "type": "LOAD_BALANCER", "env": env, "ports": ports}
    assert [(one.property, one.reason) for one in endpoints.check({}, given).failures] == expected
    queue = {**props, "env": {"PORT": "8080"}}
    assert endpoints.check({}, queue).failures == []


def test_another_mode_is_another_endpoint(endpoints, props, plan):
    """RunPod cannot change the type of one."""
    balanced = {**endpoint_props(plan(), []), "owner": props["owner"]}
    found = endpoints.diff("ep1", props, balanced)
    assert (found.changes, found.replaces) == (True, ["type"])
