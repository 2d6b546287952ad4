"""Load-balancer mode: our own worker, its gateway, and what RunPod's load balancer makes of a spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.compare.limits import limits_of
from components.compare.unhonoured import unhonoured
from components.errors import BerthError, SpecError
from components.plan import UNBUILT, StackImages, plan_dict
from components.plan.effects import IGNORED
from components.plan.gateway import Fallback, KeyLimits, Template
from components.plan.runpod.effects import RUNPOD_EFFECTS
from components.spec import parse_spec
from components.spec.document import merged
from tests.plan.conftest import DIGEST
from tests.plan.runpod.field_changes import CERTIFICATE, RUNPOD_CHANGES, VOLUME
from tests.plan.test_fields import CHANGES, ELSEWHERE

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan

BALANCED: dict[str, Any] = {
    "runpod": {"mode": "load_balancer", "token_secret": "huggingface_token", "client_keys_secret": "client_keys"}
}
OWN_KEYS = "runpod.client_keys_secret"


@pytest.fixture
def balanced(llama: dict[str, Any], plan: Callable[..., Plan]) -> Callable[..., Plan]:
    """Plan Llama 3.1 8B behind RunPod's load balancer, with changes merged into its spec."""

    def plan_(change: dict[str, Any] | None = None, **arguments: Any) -> Plan:
        return plan(merged(merged(llama, BALANCED), change or {}), target="runpod", **arguments)

    return plan_


def _refusal(balanced: Callable[..., Plan], change: dict[str, Any], **arguments: Any) -> str:
    with pytest.raises(SpecError) as caught:
        balanced(change, **arguments)
    return str(caught.value).removeprefix("llama-3-1-8b: ")


def _notes(plan: Plan, field: str) -> list[tuple[str, str]]:
    return [(note.level, note.text) for note in plan.notes if note.field == field]


def test_the_engine_is_started_by_arguments_of_our_own_worker(balanced: Callable[..., Plan]) -> None:
    """As `vllm serve` takes them, without an address: the worker decides where vLLM listens."""
    engine = balanced({"engine": {"extra_args": {"seed": 7, "no-enable-prefix-caching": True}}}).engine
    assert (engine.kind, engine.version, engine.image) == ("vllm", "0.33.0", f"runpod-worker{DIGEST}")
    assert engine.arguments == (
        "meta-llama/Llama-3.1-8B-Instruct",
        "--revision=0e9e39f249a16976918f6564b8830bc894c89659",
        "--served-model-name=meta-llama/Llama-3.1-8B-Instruct",
        "--max-model-len=16384",
        "--gpu-memory-utilization=0.9",
        "--max-num-seqs=16",
        "--max-num-batched-tokens=2048",
        "--tensor-parallel-size=1",
        "--dtype=bfloat16",
        "--disable-access-log-for-endpoints=/health,/metrics",
        "--no-enable-prefix-caching",
        "--seed=7",
    )


def test_the_workers_environment_has_limits_and_references_alone(balanced: Callable[..., Plan]) -> None:
    """The smallest GPU that may serve is what a worker must have; the token is one that RunPod fills in."""
    plan = balanced()
    assert [(row.gpu, row.fit.usable_gib) for row in (plan.hardware, *plan.fallbacks)] == [
        ("L4", 22.35),
        ("L40S", 44.7),
    ]
    assert plan.engine.environment == {
        "BERTH_EXPECT_GPUS": "1",
        "BERTH_EXPECT_GPU_MEMORY_MIB": "22886",
        "BERTH_START_SECONDS": "1200",
        "BERTH_WORKER_MODE": "load_balancer",
        "DO_NOT_TRACK": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_TOKEN": "{{ RUNPOD_SECRET_huggingface_token }}",
        "RUNPOD_INIT_TIMEOUT": "1200",
        "VLLM_ENGINE_READY_TIMEOUT_S": "1200",
        "VLLM_LOGGING_LEVEL": "INFO",
        "VLLM_NO_USAGE_STATS": "1",
    }


def test_the_endpoint_counts_requests_and_has_an_idle_timeout(balanced: Callable[..., Plan]) -> None:
    """Which RunPod refuses for a queue that counts requests; its own limit comes after the gateway's."""
    runpod = balanced({"runpod": {"idle_timeout": "45s"}}).runpod
    assert runpod is not None
    assert (runpod.mode, runpod.scaler, runpod.scaler_value) == ("load_balancer", "REQUEST_COUNT", 8)
    assert (runpod.idle_timeout_seconds, runpod.execution_timeout_ms) == (45, 330_000)
    default = balanced().runpod
    assert default is not None
    assert default.idle_timeout_seconds == 10


def test_the_gateway_of_the_worker_keeps_what_the_spec_says(balanced: Callable[..., Plan]) -> None:
    """Limits, templates, pages, prompts in the log and a fallback without a key; keys are a secret of RunPod's."""
    asked = {
        "max_request": "2m",
        "requests_per_minute": 60,
        "tokens_per_minute": 9000,
        "concurrency": 4,
        "cors_origins": ["https://app.example.com"],
        "log_prompts": True,
        "templates": {"support": {"system": "Be brief."}},
        "fallback": [{"url": "https://api.example.com/v1"}],
    }
    gateway = balanced({"gateway": asked}).gateway
    assert gateway is not None
    assert gateway.image == f"runpod-worker{DIGEST}"
    assert (gateway.keys_secret, gateway.limits) == ("client_keys", KeyLimits(60, 9000, 4))
    assert (gateway.max_request_seconds, gateway.drain_seconds) == (120, 120)
    assert (gateway.cors_origins, gateway.log_prompts) == (("https://app.example.com",), True)
    assert gateway.templates == {"support": Template("Be brief.", {})}
    assert gateway.fallback == (Fallback("https://api.example.com/v1", None, None, None),)


def test_a_queue_has_no_gateway(balanced: Callable[..., Plan]) -> None:
    """The keys that would be the gateway's are noted, not dropped."""
    plan = balanced({"runpod": {"mode": "queue"}})
    assert plan.gateway is None
    assert plan.engine.image == "runpod/worker-v1-vllm:v2.25.2"
    assert _notes(plan, OWN_KEYS) == [("info", "client_keys is not used: runpod.mode queue has no gateway")]


def test_with_a_front_keys_and_limits_are_the_fronts(balanced: Callable[..., Plan]) -> None:
    """The gateway in the worker lets through what the front sends with the RunPod key."""
    front = {"gateway": {"front": True, "requests_per_minute": 60}, "runpod": {"api_key_secret": "runpod/key"}}
    plan = balanced(front)
    assert plan.front is not None
    assert plan.gateway is not None
    assert (plan.front.gateway.keys_secret, plan.front.gateway.limits) == ("berth/client-keys", KeyLimits(60))
    assert (plan.gateway.keys_secret, plan.gateway.limits) == (None, KeyLimits())
    assert plan.gateway.max_request_seconds == 320
    assert _notes(plan, OWN_KEYS) == [("info", "client_keys is not used: the front reads gateway.keys_secret")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"gateway": {"max_request": "6m"}},
            (
                "gateway.max_request: 6m is longer than RunPod's load balancer lets a request run, which is "
                "5m30s until "
                "its own error 524; use 5m20s or less (in the stack's overrides where another target has the "
                "same spec), or "
                "runpod.mode: queue"
            ),
        ),
        (
            {"scaling": {"metric": "queue_wait", "target": 4}},
            (
                "scaling.metric: queue_wait needs a queue, which runpod.mode load_balancer has not; use concurrency "
                "(requests for each worker), or runpod.mode: queue"
            ),
        ),
        (
            {"gateway": {"usd_per_month": 50}},
            (
                "gateway.usd_per_month: 50 cannot be kept by workers that share no table and forget what was "
                "spent when "
                "they stop; set gateway.front: true, or remove it (in the stack's overrides where another target "
                "has the "
                "same spec)"
            ),
        ),
        (
            {"gateway": {"requests_per_minute": 60, "concurrency": 2}, "runpod": {"client_keys_secret": None}},
            (
                "runpod.client_keys_secret: is missing: requests_per_minute, concurrency hold for each key, and RunPod "
                "cannot read gateway.keys_secret, which is in AWS; give each client a RunPod key of its own, "
                "store a JSON "
                "object of name to sha256 of that key as a secret in RunPod's console (Secrets, for example "
                "client_keys), "
                "and write its name: runpod: {client_keys_secret: client_keys}"
            ),
        ),
        (
            {"gateway": {"fallback": [{"url": "https://api.example.com/v1", "key_secret": "hosted/key"}]}},
            (
                "gateway.fallback[0].key_secret: hosted/key is in AWS, where a worker on RunPod cannot read it; set "
                "gateway.front: true, or remove it (in the stack's overrides where another target has the same spec)"
            ),
        ),
        (
            {"gateway": {"fallback": [{"service": "chat-sm"}]}},
            (
                "gateway.fallback[0].service: chat-sm cannot be called from a worker on RunPod, which has "
                "neither a role "
                "of AWS nor a RunPod key; set gateway.front: true, or remove it (in the stack's overrides where "
                "another "
                "target has the same spec)"
            ),
        ),
        (
            {"engine": {"image": "acme/worker:latest"}},
            (
                "engine.image: acme/worker:latest has a moving tag: RunPod starts workers from whatever a host "
                "has cached "
                "under it; name a version, or a digest"
            ),
        ),
        (
            {"engine": {"version": "0.27.1"}},
            "engine.version: 0.27.1 is not a vllm version that the catalogue knows for runpod; use one of: 0.33.0",
        ),
    ],
)
def test_what_a_load_balancer_refuses(balanced: Callable[..., Plan], change: dict[str, Any], message: str) -> None:
    """Place, value, reason and fix; nothing else is wrong with the spec."""
    assert _refusal(balanced, change) == message


@pytest.mark.parametrize("field", ["usd_per_month", "fallback"])
def test_a_front_can_do_what_a_worker_cannot(balanced: Callable[..., Plan], field: str) -> None:
    """It has a table, and a role that reads secrets."""
    given = {"usd_per_month": 50.0, "fallback": [{"url": "https://api.example.com/v1", "key_secret": "hosted/key"}]}
    plan = balanced({"gateway": {"front": True, field: given[field]}, "runpod": {"api_key_secret": "runpod/key"}})
    assert plan.front is not None


def test_prod_wants_the_workers_digest(balanced: Callable[..., Plan]) -> None:
    """And says how to get it; without anything to deploy no digest is asked for."""
    prod = {"environment": "prod"}
    images = StackImages(None, None, runpod_worker="acme/worker:1.0")
    assert _refusal(balanced, prod, images=images) == (
        "berth:images.runpod_worker: acme/worker:1.0 has no digest, which environment prod asks for; resolve it with "
        "`docker buildx imagetools inspect acme/worker:1.0` and append @sha256:DIGEST"
    )
    assert balanced(prod).engine.image == f"runpod-worker{DIGEST}"
    assert balanced(prod, images=UNBUILT).engine.image == "runpod-worker:unbuilt"
    latest = StackImages(None, None, runpod_worker="acme/worker")
    assert _refusal(balanced, {}, images=latest).startswith("berth:images.runpod_worker: acme/worker has a moving tag")


def test_a_request_that_nobody_limits_gets_what_runpod_allows(balanced: Callable[..., Plan]) -> None:
    """Noted, with what happens to one that finds no worker."""
    plan = balanced()
    assert plan.gateway is not None
    assert plan.gateway.max_request_seconds == 320
    assert _notes(plan, "gateway.max_request") == [
        (
            "info",
            (
                "not given: 5m20s, since RunPod's load balancer ends a request 5m30s after a worker took it; one "
                "that no "
                "worker takes within 2m is answered 400, and none is tried again"
            ),
        )
    ]


def test_a_start_that_takes_longer_than_runpod_waits_is_a_warning(balanced: Callable[..., Plan]) -> None:
    """Requests to no worker fail then, where a queue would keep them."""
    [(level, text)] = _notes(balanced({"scaling": {"min_replicas": 0}}), "scaling.min_replicas")
    assert level == "warning"
    assert text.endswith(
        ", and RunPod answers 400 after 2m: clients have to ask again; use 1, or runpod.mode: queue, where requests "
        "wait"
    )
    assert _notes(balanced(), "scaling.min_replicas") == []


def test_who_may_call_is_said(balanced: Callable[..., Plan]) -> None:
    """A secret of RunPod's has to be made by hand, and what its keys are; without one every key of the account may."""
    [(level, text)] = _notes(balanced(), OWN_KEYS)
    assert level == "warning"
    assert text.startswith("make the RunPod secret client_keys before the deployment: each client sends a RunPod key ")
    assert _notes(balanced(), "gateway.keys_secret") == [
        (
            "info",
            (
                "berth/client-keys is not used, since it is in AWS, where RunPod cannot read: client_keys of the "
                "RunPod "
                "account is used"
            ),
        )
    ]
    without = {"runpod": {"client_keys_secret": None}}
    assert _notes(balanced(without), "gateway.keys_secret") == [
        (
            "info",
            (
                "berth/client-keys is not used, since it is in AWS, where RunPod cannot read: every RunPod key "
                "that may "
                "call the endpoint may use it"
            ),
        )
    ]
    nobody = merged(without, {"gateway": {"keys_secret": None}})
    assert _notes(balanced(nobody), "gateway.keys_secret") == [
        ("info", "callers send a key of the RunPod account; make a restricted one for this endpoint")
    ]


def test_what_a_worker_does_in_part_is_noted(balanced: Callable[..., Plan]) -> None:
    """Browsers, prompts in RunPod's logs, a fallback that needs a worker, and a hold that nobody is there for."""
    asked = {
        "cors_origins": ["*"],
        "log_prompts": True,
        "hold_seconds": 30,
        "fallback": [{"url": "https://api.example.com/v1"}],
    }
    plan = balanced({"gateway": asked})
    assert _notes(plan, "gateway.cors_origins") == [
        ("warning", "a browser asks without a key first, which RunPod may refuse before the gateway hears it: try it")
    ]
    assert _notes(plan, "gateway.log_prompts") == [
        ("warning", "true: prompts and answers lie in RunPod's logs of the workers, for everyone who may read it")
    ]
    assert _notes(plan, "gateway.fallback") == [
        ("info", "api.example.com is sent the prompts of requests that it takes over"),
        ("info", "asked when the engine of a worker fails; while there is no worker RunPod answers itself"),
    ]
    assert _notes(plan, "gateway.hold_seconds")[0][0] == "info"


def test_the_comparison_knows_what_a_worker_honours(balanced: Callable[..., Plan], llama: dict[str, Any]) -> None:
    """What its gateway does is not left out; keys in AWS and tags are."""
    change = {"gateway": {"log_prompts": True, "cors_origins": ["*"]}, "tags": {"owner": "ml"}}
    spec = parse_spec(merged(merged(llama, BALANCED), change), "chat.yaml")
    plan = balanced(change)
    assert {note.field for note in unhonoured(spec, plan)} == {"gateway.keys_secret", "network.exposure", "tags"}
    limits = {limit.name: limit.text for limit in limits_of(spec, plan)}
    assert limits["longest answer"] == "5m20s, streamed or not; RunPod's load balancer ends it after 5m30s"
    assert limits["fewest replicas"] == "0: who finds no worker for 2m is answered 400"
    assert limits["callers"] == "a key of the RunPod account that client_keys names, from anywhere"


def test_workers_cost_what_they_cost_behind_a_queue(balanced: Callable[..., Plan]) -> None:
    """The same pools at the same prices: health checks and mode are free, the floor is the fewest workers."""
    queue = balanced({"runpod": {"mode": "queue"}})
    assert balanced().cost.floor == queue.cost.floor
    assert balanced().cost.max == queue.cost.max


def test_an_idle_worker_waits_for_the_next_request_and_is_paid_for(balanced: Callable[..., Plan]) -> None:
    """Unlike that of a queue which counts requests, whose idle time RunPod does not let anybody set."""
    from_zero = {"scaling": {"min_replicas": 0}, "load": {"requests_per_hour": 60}}
    short = balanced(from_zero).cost.expected
    long = balanced(merged(from_zero, {"runpod": {"idle_timeout": "10m"}})).cost.expected
    assert short is not None
    assert long is not None
    assert long > short


IN_ITS_OWN_WAY: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "runpod.mode": ({}, {"runpod": {"mode": "queue"}}),
    "runpod.idle_timeout": ({}, {"runpod": {"idle_timeout": "30s"}}),
    "scaling.metric": ({}, {"scaling": {"metric": "queue_wait", "target": 4}}),
    "runpod.client_keys_secret": ({}, {"runpod": {"client_keys_secret": "other_keys"}}),
    "model.shape.gated": RUNPOD_CHANGES["model.shape.gated"],
    "runpod.volume": ({}, {"runpod": {"volume": VOLUME}}),
    "network.exposure": ({"network": CERTIFICATE}, {"network": {**CERTIFICATE, "exposure": "public"}}),
    "gateway.hold_seconds": ({}, {"gateway": {"hold_seconds": 30}}),
    "gateway.front": ({}, {"gateway": {"front": True}, "runpod": {"api_key_secret": "runpod/key"}}),
}


REFUSED = {
    *("engine.kind", "engine.version", "model.source", "model.s3_uri", "model.shape.gated", "model.shape.intermediate"),
    *("gateway.usd_per_month", "gateway.fallback.key_secret", "gateway.fallback.service", "network.allowed_cidrs"),
    *("pricing.commitment", "pricing.spot_percent", "scaling.metric"),
}


@pytest.mark.parametrize("path", sorted(path for path, effect in RUNPOD_EFFECTS.items() if effect.part != IGNORED))
def test_no_field_is_dropped_behind_a_load_balancer(balanced: Callable[..., Plan], path: str) -> None:
    """Each that is read on RunPod changes the plan, but for those that are refused."""
    before, after = {**ELSEWHERE, **CHANGES, **RUNPOD_CHANGES, **IN_ITS_OWN_WAY}[path]
    first = plan_dict(balanced(before))
    if path in REFUSED:
        with pytest.raises(BerthError):
            balanced(after)
        return
    assert plan_dict(balanced(after)) != first
