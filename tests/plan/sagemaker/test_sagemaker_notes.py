"""Does a plan for SageMaker say what a user should know of it, and only that?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.plan.text import WIDTH, plan_text

if TYPE_CHECKING:
    from components.plan import Plan

Planner = "Callable[..., Plan]"
VLLM: dict[str, Any] = {"engine": {"kind": "vllm"}}
L4: dict[str, Any] = {"accelerators": ["L4"], "model": {"max_context_tokens": 8192}}
VPC: dict[str, Any] = {
    "id": "vpc-1a",
    "private_subnet_ids": ["subnet-1a", "subnet-2a"],
    "public_subnet_ids": ["subnet-3a"],
}


def _texts(plan: Plan, level: str | None = None) -> dict[str, str]:
    return {note.field: note.text for note in plan.notes if level in (None, note.level)}


def test_the_example_warns_of_the_end_of_tgi_alone(on_sagemaker: Planner) -> None:
    """A complete spec has one warning on the default engine, and none on the other."""
    assert _texts(on_sagemaker(L4), "warning") == {
        "engine.kind": (
            "tgi 3.3.6 is the end of TGI: it gets no fixes, and newer architectures do not load; "
            "engine: {kind: vllm} runs AWS's vLLM image instead"
        )
    }
    assert _texts(on_sagemaker({**L4, **VLLM}), "warning") == {}


def test_what_sagemaker_has_in_place_of_a_gateway_is_said(on_sagemaker: Planner) -> None:
    """Keys are not used, and the limit of a request is SageMaker's own."""
    texts = _texts(on_sagemaker(L4))
    assert texts["gateway.keys_secret"] == (
        "berth/client-keys is not used: there is no gateway, callers sign with AWS credentials, or send a bearer "
        "token made from them"
    )
    assert texts["gateway.max_request"] == (
        "an answer that is not streamed has 60 s on SageMaker, whatever is set here; what runs when instances are "
        "replaced has 10m to finish"
    )
    assert "gateway.max_request" not in _texts(on_sagemaker({**L4, "gateway": {"max_request": "60s"}}))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {},
            (
                "the account needs a SageMaker quota of 6 for `ml.g6.xlarge for endpoint usage`: 3 replicas and 3 more "
                "during a blue_green update; a new account has 0"
            ),
        ),
        (
            {"scaling": {"min_replicas": 2}, "accelerators": ["L4", "A10G"]},
            (
                "the account needs a SageMaker quota of 4 for `ml.g6.xlarge for endpoint usage` (and the same of "
                "ml.g5.xlarge): 3 replicas and 1 more during a rolling update; a new account has 0"
            ),
        ),
        (
            {"scaling": {"max_replicas": 1}},
            (
                "the account needs a SageMaker quota of 2 for `ml.g6.xlarge for endpoint usage`: 1 replica and 1 more "
                "during a blue_green update; a new account has 0"
            ),
        ),
    ],
)
def test_the_quota_that_is_needed_is_noted(on_sagemaker: Planner, change: dict[str, Any], text: str) -> None:
    """It has the name under which Service Quotas lists it, and room for an update."""
    assert _texts(on_sagemaker({**L4, **change}))["scaling.max_replicas"] == text


def test_the_order_in_which_accelerators_are_tried_is_noted(on_sagemaker: Planner) -> None:
    """What a lack of capacity leads to costs another price."""
    change = {"accelerators": ["L4", "A10G", "L40S"], "model": {"max_context_tokens": 8192}}
    assert _texts(on_sagemaker(change))["accelerators"] == (
        "when AWS has no ml.g6.xlarge free, the endpoint is made on ml.g5.xlarge, then ml.g6e.xlarge, at their price"
    )
    assert "accelerators" not in _texts(on_sagemaker(L4))


@pytest.mark.parametrize(
    ("model", "level", "text"),
    [
        ({}, "info", "names no place on SageMaker: each new instance serves what the prefix holds when it starts"),
        (
            {"revision": None},
            "warning",
            ("not given: each new instance serves whatever the prefix holds when it starts, so replicas may differ"),
        ),
        (
            {"revision": None, "source": "hub", "s3_uri": None, "id": "Qwen/Qwen3-4B"},
            "warning",
            "not given: each new instance serves whatever main is when it starts, so replicas may differ",
        ),
    ],
)
def test_what_a_revision_means_where_each_instance_brings_its_own_weights(
    on_sagemaker: Planner, model: dict[str, Any], level: str, text: str
) -> None:
    """It is not what the first start finds, as on ECS."""
    notes = on_sagemaker({**L4, "model": {**L4["model"], **model}}).notes
    assert [(note.level, note.text) for note in notes if note.field == "model.revision"] == [(level, text)]


def test_a_pinned_revision_of_the_hub_needs_no_note(qwen: Planner) -> None:
    """It is in the environment."""
    assert "model.revision" not in _texts(qwen(model={"revision": "b968826d9c46dd6066d109eabc6255188de91218"}))


def test_a_cooldown_below_the_start_is_a_warning(on_sagemaker: Planner) -> None:
    """Replicas that still load would be counted as missing; where nothing scales there is nothing to say."""
    short = {**L4, "scaling": {"scale_out_cooldown": "5m"}}
    assert _texts(on_sagemaker(short), "warning")["scaling.scale_out_cooldown"] == (
        "5m is shorter than a start of about 7m47s: replicas that still load are counted as missing, and more are "
        "added than the load needs"
    )
    fixed = {**L4, "scaling": {"scale_out_cooldown": "5m", "max_replicas": 1}}
    assert "scaling.scale_out_cooldown" not in _texts(on_sagemaker(fixed))


def test_a_parked_service_says_that_its_capacity_is_given_back(on_sagemaker: Planner) -> None:
    """In prod it is a warning; quotas and scaling are of no concern meanwhile."""
    plan = on_sagemaker({**L4, "power": "off"})
    texts = [note.text for note in plan.notes if note.field == "power"]
    assert texts == [
        "off gives the instances back: when it is turned on again, AWS may have none free for a while",
        "off: the service is parked; no GPU runs, and nobody is answered",
    ]
    assert {"scaling.max_replicas", "load.peak_concurrency"} & set(_texts(plan)) == set()


def test_more_requests_than_tgi_accepts_are_noted(on_sagemaker: Planner) -> None:
    """VLLM queues them, TGI answers 429."""
    busy = {**L4, "load": {"peak_concurrency": 50}}
    assert "TGI accepts 24 requests at once on each replica, and answers more with 429: clients must retry" in [
        note.text for note in on_sagemaker(busy).notes
    ]
    assert [note for note in on_sagemaker({**busy, **VLLM}).notes if "429" in note.text] == []


def test_a_given_vpc_says_what_its_subnets_need(on_sagemaker: Planner, qwen: Planner) -> None:
    """S3 needs an endpoint, the Hub a NAT gateway; public subnets have no use."""
    texts = _texts(on_sagemaker({**L4, "network": {"vpc": VPC}}))
    assert texts["network.vpc"] == (
        "the weights come through the private subnets of vpc-1a, which need a gateway endpoint for S3"
    )
    assert texts["network.vpc.public_subnet_ids"] == "subnet-3a are not used: there is no load balancer"
    assert _texts(qwen(network={"vpc": VPC}))["network.vpc"].endswith("which need a NAT gateway to the Hub")


def test_vllm_says_where_its_image_comes_from(on_sagemaker: Planner) -> None:
    """AWS builds it from a commit after the release; its machine image is unknown to older providers."""
    texts = _texts(on_sagemaker({**L4, **VLLM}))
    assert texts["engine.version"] == (
        "AWS builds its image from a commit after vLLM 0.30.0; flags are checked against the release. Its tag moves "
        "with AWS's security fixes: write engine.image with a digest to stay on one"
    )
    assert texts["sagemaker.inference_ami"] == (
        "al2023-ami-sagemaker-inference-gpu-4-1 has the driver for CUDA 13.0; pulumi-aws before 7.31 does not "
        "know its name"
    )


def test_away_from_home_what_is_assumed_is_said(on_sagemaker: Planner) -> None:
    """Neither prices nor offers of another region were read."""
    plan = on_sagemaker({**L4, "accelerators": ["A10G"]}, region="eu-west-1")
    assert _texts(plan)["accelerators"] == (
        "the types that EC2 offers in eu-west-1 are taken to carry endpoints there too: not checked"
    )
    assert "prices in eu-west-1: those of us-east-1 times the factor of the same EC2 family there" in (
        plan.cost.assumptions
    )


def test_a_dtype_that_tgi_does_not_take_is_a_warning(qwen: Planner) -> None:
    """It picks the format of 4-bit weights by itself."""
    plan = qwen(model={"id": "Qwen/Qwen2.5-32B-Instruct-AWQ", "dtype": "bfloat16"}, accelerators=["L40S"])
    assert _texts(plan, "warning")["model.dtype"] == (
        "bfloat16 is not used: TGI picks the format itself for awq weights"
    )


def test_the_text_says_what_was_decided(on_sagemaker: Planner) -> None:
    """Endpoint, instances, network and update are on the page; nothing of ECS is."""
    text = plan_text(on_sagemaker(L4))
    for line in (
        "llama-3-1-8b on sagemaker in us-east-1 (stack local, environment dev)",
        "Hardware    ml.g6.xlarge, 1 x L4 for a replica, 4 vCPUs, 16 GiB, 1.1267 USD per hour",
        "Engine      tgi 3.3.6 (763104351884.dkr.ecr.us-east-1.amazonaws.com/",
        "Endpoint    local-llama-3-1-8b, called with AWS credentials that may sagemaker:InvokeEndpoint",
        "Instances   machine image al2-ami-sagemaker-inference-gpu-3-1",
        "Network     outside every VPC of the account; the container reaches no network",
        "Update      blue_green: a whole second fleet first; the old one has 10m to finish",
        "  GPU instances            822.49   2,467.47   2,467.47   ml.g6.xlarge on demand, one per replica",
    ):
        assert line in text.splitlines()
    assert [word for word in ("EFS", "NAT", "load balancer", "ECS") if word in text] == []


@pytest.mark.parametrize("engine", ["tgi", "vllm"])
@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"accelerators": "auto", "model": {"max_context_tokens": None}},
        {"network": {"vpc": VPC}, "scaling": {"min_replicas": 2}},
        {"power": "off"},
    ],
)
def test_the_text_is_at_most_100_columns_wide(on_sagemaker: Planner, engine: str, spec: dict[str, Any]) -> None:
    """Every line fits a terminal of 100 columns, without trailing spaces, however long an image's name is."""
    lines = plan_text(on_sagemaker({**spec, "engine": {"kind": engine}})).splitlines()
    assert [line for line in lines if len(line) > WIDTH] == []
    assert [line for line in lines if line != line.rstrip()] == []
