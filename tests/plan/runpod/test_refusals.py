"""What RunPod refuses of a spec that other targets take."""

from __future__ import annotations

from typing import Any

import pytest

from components.errors import SpecError
from components.plan import UNBUILT

Planner = "Callable[..., Plan]"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"scaling": {"metric": "requests_per_minute"}},
            (
                "scaling.metric: requests_per_minute is not measured by RunPod; use concurrency (requests for each "
                "worker) or queue_wait (seconds in the queue)"
            ),
        ),
        (
            {"scaling": {"target": 2.5}},
            "scaling.target: 2.5 is not a whole number of requests; round it, to 1 or more",
        ),
        (
            {"scaling": {"metric": "queue_wait", "target": 0.2}},
            "scaling.target: 0.2 is below the 0.5 seconds that RunPod accepts; use 0.5 or more",
        ),
        (
            {"runpod": {"idle_timeout": "30s"}},
            (
                "runpod.idle_timeout: 30s is not accepted by RunPod for a queue together with scaling.metric "
                "concurrency; set scaling.metric: queue_wait, or remove it"
            ),
        ),
        (
            {"gateway": {"max_request": "4s"}},
            "gateway.max_request: 4s is less than the 5s that RunPod accepts; use 5s or more",
        ),
        (
            {"network": {"allowed_cidrs": ["10.0.0.0/8", "10.1.0.0/16"]}},
            (
                "network.allowed_cidrs: 10.0.0.0/8, 10.1.0.0/16 cannot be enforced on RunPod: its endpoints are "
                "reached from everywhere with a key of the account; set gateway.front: true, remove it if the key is "
                "enough, or use target ecs"
            ),
        ),
        (
            {"network": {"exposure": "internal"}},
            (
                "network.exposure: internal is not possible on RunPod: an endpoint is on the internet, behind the "
                "account's keys alone; set gateway.front: true, remove it if the keys are enough (another target of "
                "the same spec can have it in the stack's overrides), or use target ecs"
            ),
        ),
        (
            {"model": {"source": "s3", "s3_uri": "s3://weights/llama/", "token_secret": None}},
            (
                "model.source: s3 is not possible on RunPod: its workers have no credentials for the bucket; "
                "use source: hub, or another target"
            ),
        ),
        (
            {"runpod": {"token_secret": None}},
            (
                "runpod.token_secret: is missing: meta-llama/Llama-3.1-8B-Instruct is gated, and RunPod cannot read "
                "model.token_secret, which is in AWS; accept the licence on "
                "https://huggingface.co/meta-llama/Llama-3.1-8B-Instruct, store a read token of that user as a secret "
                "in RunPod's console (Secrets, for example huggingface_token), and write its name, not its value: "
                "runpod: {token_secret: huggingface_token}"
            ),
        ),
        (
            {"engine": {"image": "acme/worker"}},
            (
                "engine.image: acme/worker has a moving tag: RunPod starts workers from whatever a host has cached "
                "under it; name a version, or a digest"
            ),
        ),
        (
            {"engine": {"image": "registry:5000/acme/worker:latest"}},
            (
                "engine.image: registry:5000/acme/worker:latest has a moving tag: RunPod starts workers from whatever "
                "a host has cached under it; name a version, or a digest"
            ),
        ),
        (
            {"engine": {"extra_args": {"ssl-keyfile": "key.pem"}}},
            (
                "engine.extra_args.ssl-keyfile: cuts RunPod's worker off from the engine that it starts and calls over "
                "HTTP; remove it"
            ),
        ),
        (
            {"engine": {"extra_args": {"config": "vllm.yaml"}}},
            "engine.extra_args.config: names a file, and a worker has none of yours; write its flags as extra_args",
        ),
    ],
)
def test_what_runpod_refuses(on_runpod: Planner, change: dict[str, Any], message: str) -> None:
    """Place, value, reason and fix in one line; nothing else is wrong with the spec."""
    with pytest.raises(SpecError) as caught:
        on_runpod(change)
    assert str(caught.value) == f"llama-3-1-8b: {message}"


def test_all_refusals_are_reported_together(on_runpod: Planner) -> None:
    """Three mistakes, three lines."""
    with pytest.raises(SpecError) as caught:
        on_runpod(
            {"runpod": {"token_secret": None}, "scaling": {"target": 1.5}, "network": {"allowed_cidrs": ["10.0.0.0/8"]}}
        )
    assert [problem.place.partition(": ")[2] for problem in caught.value.problems] == [
        "runpod.token_secret",
        "scaling.target",
        "network.allowed_cidrs",
    ]


def test_prod_asks_for_a_digest_and_says_how_to_get_it(on_runpod: Planner) -> None:
    """The catalogue's tag is refused in prod, with the command and the form; a digest is taken."""
    prod = {"environment": "prod", "engine": {"image": None}}
    with pytest.raises(SpecError) as caught:
        on_runpod(prod)
    assert str(caught.value) == (
        "llama-3-1-8b: engine.image: runpod/worker-v1-vllm:v2.25.2 has no digest, which environment prod asks for; "
        "resolve it with `docker buildx imagetools inspect runpod/worker-v1-vllm:v2.25.2` and write engine: "
        "{image: runpod/worker-v1-vllm@sha256:DIGEST}, in the stack's overrides where another target has the same "
        "spec"
    )
    assert on_runpod({"environment": "prod"}).engine.image.endswith("0" * 64)
    assert on_runpod({"engine": {"image": None}}).engine.image == "runpod/worker-v1-vllm:v2.25.2"


def test_a_plan_that_is_not_deployed_needs_no_digest(on_runpod: Planner) -> None:
    """`berth plan` of a prod spec shows the catalogue's image."""
    plan = on_runpod({"environment": "prod", "engine": {"image": None}}, images=UNBUILT)
    assert plan.engine.image == "runpod/worker-v1-vllm:v2.25.2"


def test_no_image_of_ecs_is_asked_for(on_runpod: Planner) -> None:
    """A stack with services on RunPod alone names neither gateway nor weight cache."""
    assert on_runpod(images=UNBUILT).runpod.pools


def test_a_token_for_runpod_alone_is_enough_there_and_refused_on_ecs(on_runpod: Planner, plan: Planner) -> None:
    """Without AWS nobody needs a secret in AWS; ECS still asks for its own."""
    spec = {
        "name": "chat",
        "model": {"id": "meta-llama/Llama-3.1-8B-Instruct", "max_context_tokens": 8192},
        "runpod": {"token_secret": "huggingface_token"},
    }
    assert plan(spec, target="runpod").engine.environment["HF_TOKEN"] == "{{ RUNPOD_SECRET_huggingface_token }}"
    with pytest.raises(SpecError, match=r"^chat: model\.token_secret: is missing: .* read on RunPod alone; store"):
        plan(spec)
