"""What the stack tells a gateway: does the gateway itself take it, and mean the same?"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from components.gateway.secrets import NO_SECRETS, GatewaySecrets
from components.gateway.settings import document, environment, upstreams
from components.gateway.upstream import Upstream
from components.plan.gateway import Fallback, KeyLimits, Template
from components.secret import Secret

sys.path.append(str(Path(__file__).parents[2] / "images" / "gateway" / "src"))
from gateway.config.load import load_config

KEYS = "arn:aws:secretsmanager:us-east-1:123456789012:secret:berth/client-keys-AbCdEf"
SECRETS = GatewaySecrets(Secret(KEYS), {"BERTH_FALLBACK_1_KEY": Secret("arn:groq")})
HOSTED = Fallback("https://api.groq.com/openai/v1", None, "llama-3.1-8b-instant", "groq/key", 0.05, 0.08)
PEER = Fallback(None, "chat-rp", None, "runpod/key")
OWN = {"name": "engine", "url": "http://127.0.0.1:8000"}


def peer(plan):
    settings = {"kind": "runpod", "endpoint_id": "abc123", "url": "https://api.runpod.ai/v2"}
    return Upstream(plan=plan, settings=settings, takes_key=True)


@pytest.fixture
def full(plan_of):
    """A gateway with everything that a spec can ask for, and the services that it falls back on."""
    plan = plan_of()
    gateway = replace(
        plan.gateway,
        limits=KeyLimits(60, 90_000, 4, 25.0),
        usd_per_hour=0.9776,
        requests_per_replica=8,
        fallback=(HOSTED, PEER),
        templates={"support": Template("You are brief.", {"temperature": 0.2})},
        cors_origins=("https://app.example.com",),
        log_prompts=True,
    )
    return plan, gateway, {"chat-rp": peer(plan_of(service="chat-rp"))}


def variables(plan, gateway, peers, secrets=SECRETS, **given):
    resolved = upstreams(gateway, given.pop("own", OWN), peers, gateways=given.pop("gateways", 1), share_own=True)
    asked = document(plan, gateway, secrets, resolved, table=given.pop("table", None), **given)
    return environment(plan, gateway, document=asked, metrics_namespace="Berth")


def test_a_plain_gateway_is_told_of_its_engine_and_nothing_else(plan_of):
    """No empty limit, no region that nobody asks about."""
    plan = plan_of()
    made = variables(plan, replace(plan.gateway, usd_per_hour=None), {}, GatewaySecrets(None))
    assert json.loads(made["BERTH_CONFIG"]) == {"upstreams": [{"name": "engine", "url": "http://127.0.0.1:8000"}]}


def test_everything_is_told_in_the_gateways_own_words(full):
    """Keys are named by where they are; limits, budget, templates and routes are those of the plan."""
    asked = json.loads(variables(*full, table="berth_dev_chat_spending", sleep={"state": "asleep"})["BERTH_CONFIG"])
    assert asked == {
        "budget": {"table": "berth_dev_chat_spending"},
        "cors_origins": ["https://app.example.com"],
        "keys": {
            "defaults": {
                "concurrency": 4,
                "requests_per_minute": 60,
                "tokens_per_minute": 90_000,
                "usd_per_month": 25.0,
            },
            "secret": KEYS,
        },
        "log_prompts": True,
        "region": "us-east-1",
        "routes": [{"upstreams": ["engine"], "fallback": ["fallback-1", "peer-chat-rp"]}],
        "sleep": {"state": "asleep"},
        "templates": {"support": {"system_prefix": "You are brief.", "defaults": {"temperature": 0.2}}},
        "upstreams": [
            {
                "name": "engine",
                "url": "http://127.0.0.1:8000",
                "price": {"usd_per_hour": 0.9776, "requests_per_replica": 8},
            },
            {
                "name": "fallback-1",
                "url": "https://api.groq.com/openai/v1",
                "model": "llama-3.1-8b-instant",
                "key": {"env": "BERTH_FALLBACK_1_KEY"},
                "price": {"usd_per_million_input": 0.05, "usd_per_million_output": 0.08},
            },
            {
                "name": "peer-chat-rp",
                "kind": "runpod",
                "endpoint_id": "abc123",
                "url": "https://api.runpod.ai/v2",
                "model": "meta-llama/Llama-3.1-8B-Instruct",
                "key": {"env": "BERTH_FALLBACK_2_KEY"},
                "price": {"usd_per_hour": 0.9776, "requests_per_replica": 8},
            },
        ],
    }


def test_a_gateway_is_told_its_region_where_it_asks_aws(plan_of):
    """For the keys, the budgets or the state; else it is nobody's business, and no reason for another revision."""
    plan = plan_of()
    own = [OWN]

    def region(secrets=NO_SECRETS, **given):
        return document(plan, plan.gateway, secrets, own, **{"table": None, **given}).get("region")

    assert region() is region(sleep={"state": "asleep"}) is None
    assert region(SECRETS) == region(table="t") == region(sleep={"document": {"parameter": "/a"}}) == "us-east-1"


def test_gateways_that_stand_beside_each_other_share_what_they_ask(full):
    """Beside engines each has a replica of its own, and the peers with the others; before a target all is shared."""
    _, gateway, peers = full

    def shared(**given):
        own, hosted, peer = upstreams(gateway, OWN, peers, **given)
        assert "gateways" not in hosted["price"]
        return own["price"].get("gateways"), peer["price"].get("gateways")

    assert shared() == (None, None)
    assert shared(gateways=3) == (None, 3)
    assert shared(gateways=3, share_own=True) == (3, 3)


def test_the_text_does_not_depend_on_the_order_of_a_mapping(full):
    """An unchanged plan is an unchanged revision."""
    plan, gateway, peers = full
    more = {"a": Template("A", {}), "b": Template("B", {})}
    turned = dict(reversed(more.items()))
    assert variables(plan, replace(gateway, templates=more), peers) == variables(
        plan, replace(gateway, templates=turned), peers
    )


SECRET_VALUES = {"BERTH_FALLBACK_1_KEY": "groq", "BERTH_FALLBACK_2_KEY": "rpa", "RUNPOD_API_KEY": "rpa"}


def test_the_gateway_takes_what_it_is_told(full):
    """Its own reader accepts the variables, and finds in them what the plan says."""
    sleep = {
        "upstreams": ["engine"],
        "document": {"parameter": "/berth/dev/chat/state"},
        "wake_url": "https://abc123.lambda-url.us-east-1.on.aws/",
        "hold_seconds": 30,
    }
    made = variables(*full, table="berth_dev_chat_spending", sleep=sleep, gateways=2)
    config = load_config({**made, **SECRET_VALUES})
    assert (config.stack, config.service, config.port, config.drain_seconds) == ("dev", "chat", 8080, 90)
    assert config.keys.secret == KEYS
    assert config.keys.defaults.usd_per_month == 25.0
    assert config.budget.table == "berth_dev_chat_spending"
    assert [upstream.name for upstream in config.upstreams] == ["engine", "fallback-1", "peer-chat-rp"]
    assert config.all_routes()[0].fallback == ("fallback-1", "peer-chat-rp")
    assert config.templates["support"].system_prefix == "You are brief."
    assert (config.sleep.hold_seconds, config.sleep.document.parameter) == (30, "/berth/dev/chat/state")
    assert [upstream.price.gateways for upstream in config.upstreams] == [2, 1, 2]
    assert (config.cors_origins, config.log_prompts) == (("https://app.example.com",), True)


@pytest.mark.parametrize(
    "own",
    [
        {"name": "target", "url": "http://chat-alb.elb.amazonaws.com/v1", "health_path": "/readyz"},
        {"name": "target", "kind": "sagemaker", "endpoint": "dev-chat", "region": "us-east-1"},
        {
            "name": "target",
            "kind": "runpod",
            "endpoint_id": "abc123",
            "url": "https://api.runpod.ai/v2",
            "key": {"env": "RUNPOD_API_KEY"},
        },
    ],
    ids=["ecs", "sagemaker", "runpod"],
)
def test_the_gateway_takes_every_target_of_a_front(full, own):
    """An internal load balancer, a SageMaker endpoint, a RunPod endpoint."""
    sleep = {"upstreams": ["target"], "state": "asleep"}
    config = load_config({**variables(*full, own=own, sleep=sleep), **SECRET_VALUES})
    assert config.upstreams[0].kind == own.get("kind", "openai")
