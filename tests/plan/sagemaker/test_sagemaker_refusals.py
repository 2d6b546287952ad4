"""What does SageMaker refuse of a spec that is right by itself?"""

from __future__ import annotations

from typing import Any

import pytest

from components.errors import PlanError, SpecError
from components.plan import UNBUILT, StackImages

Planner = "Callable[..., Plan]"
REVISION = "b968826d9c46dd6066d109eabc6255188de91218"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"model": {"source": "hub", "s3_uri": None, "token_secret": "huggingface/token"}},
            (
                "model.source: hub is not possible on SageMaker: meta-llama/Llama-3.1-8B-Instruct is gated, and "
                "everyone who may describe the endpoint's model could read the token; copy the weights once, with "
                "`hf download meta-llama/Llama-3.1-8B-Instruct --local-dir weights` and `aws s3 sync weights "
                "s3://BUCKET/PREFIX/`, and write model: {source: s3, s3_uri: s3://BUCKET/PREFIX/, token_secret: null}"
            ),
        ),
        (
            {"scaling": {"min_replicas": 0}},
            (
                "scaling.min_replicas: 0 is not possible on sagemaker: an endpoint has one instance or more; use 1 or "
                "more, and idle: {after: 30m}, with which the keeper removes the endpoint, or target runpod"
            ),
        ),
        (
            {"idle": {"after": "15m"}},
            (
                "idle.after: 15m is less than 20m, and an endpoint that is made again starts for 5m to 15m and may "
                "find no instance; use 20m or more"
            ),
        ),
        (
            {"scaling": {"metric": "queue_wait"}},
            (
                "scaling.metric: queue_wait is not measured on sagemaker, which has no queue; use concurrency or "
                "requests_per_minute"
            ),
        ),
        (
            {"sagemaker": {"update_policy": "rolling"}},
            (
                "sagemaker.update_policy: rolling needs 2 replicas at any time, scaling.min_replicas is 1; use "
                "blue_green, or remove it"
            ),
        ),
        (
            {"sagemaker": {"update_policy": "rolling"}, "scaling": {"min_replicas": 2, "max_replicas": 21}},
            (
                "sagemaker.update_policy: rolling replaces one replica at a time, which has to be 5% of them or more: "
                "20 replicas at most, scaling.max_replicas is 21; use blue_green, or remove it"
            ),
        ),
        (
            {
                "network": {
                    "exposure": "public",
                    "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
                    "domain": "llm.example.com",
                }
            },
            (
                "network.exposure: public is not possible on sagemaker: AWS credentials and IAM decide who may call an "
                "endpoint; set gateway.front: true, use internal, or target ecs"
            ),
        ),
        (
            {"network": {"allowed_cidrs": ["10.0.0.0/8", "192.168.0.0/16"]}},
            (
                "network.allowed_cidrs: 10.0.0.0/8, 192.168.0.0/16 cannot be enforced on sagemaker: an endpoint is "
                "called through AWS's API; set gateway.front: true, or remove it and limit callers with aws:SourceIp "
                "or aws:SourceVpce in their IAM policies"
            ),
        ),
        (
            {"engine": {"image": "ghcr.io/huggingface/text-generation-inference:3.3.6"}},
            (
                "engine.image: ghcr.io/huggingface/text-generation-inference:3.3.6 is not an image of a private ECR "
                "registry in us-east-1, 255 characters at most, which is all that SageMaker pulls; push it to "
                "ACCOUNT.dkr.ecr.us-east-1.amazonaws.com and write that name"
            ),
        ),
        (
            {"engine": {"image": "763104351884.dkr.ecr.eu-west-1.amazonaws.com/vllm:1"}},
            (
                "engine.image: 763104351884.dkr.ecr.eu-west-1.amazonaws.com/vllm:1 is not an image of a private ECR "
                "registry in us-east-1, 255 characters at most, which is all that SageMaker pulls; push it to "
                "ACCOUNT.dkr.ecr.us-east-1.amazonaws.com and write that name"
            ),
        ),
    ],
)
def test_what_sagemaker_refuses(on_sagemaker: Planner, change: dict[str, Any], problem: str) -> None:
    """Each refusal names place, value, what is allowed and the fix."""
    with pytest.raises(SpecError) as caught:
        on_sagemaker(change)
    assert str(caught.value) == f"llama-3-1-8b: {problem}"


def test_all_refusals_come_together(on_sagemaker: Planner) -> None:
    """Two things that SageMaker refuses are two problems of one error."""
    with pytest.raises(SpecError) as caught:
        on_sagemaker({"scaling": {"min_replicas": 0}, "network": {"allowed_cidrs": ["10.0.0.0/8"]}})
    assert [problem.place for problem in caught.value.problems] == [
        "llama-3-1-8b: scaling.min_replicas",
        "llama-3-1-8b: network.allowed_cidrs",
    ]


@pytest.mark.parametrize(
    ("engine", "named", "repository", "tag"),
    [
        (
            {},
            ("763104351884.dkr.ecr.us-east-1.amazonaws.com/huggingface-pytorch-tgi-inference:"
            "2.7.0-tgi3.3.6-gpu-py311-cu124-ubuntu22.04"),
            "huggingface-pytorch-tgi-inference",
            "2.7.0-tgi3.3.6-gpu-py311-cu124-ubuntu22.04",
        ),
        (
            {"kind": "vllm"},
            "763104351884.dkr.ecr.us-east-1.amazonaws.com/vllm:server-sagemaker-cuda-v2.5",
            "vllm",
            "server-sagemaker-cuda-v2.5",
        ),
    ],
)  # fmt: skip
def test_prod_asks_for_the_digest_of_the_image(
    qwen: Planner, engine: dict[str, Any], named: str, repository: str, tag: str
) -> None:
    """The error says how to find it; the stack's image of the engine is that of ECS and no answer here."""
    with pytest.raises(SpecError) as caught:
        qwen(environment="prod", model={"revision": REVISION}, engine=engine)
    assert str(caught.value) == (
        f"chat: engine.image: {named} has no digest, which environment prod asks for; resolve it with `aws ecr "
        f"describe-images --region us-east-1 --registry-id 763104351884 --repository-name {repository} --image-ids "
        f"imageTag={tag}` and write NAME@sha256:DIGEST as engine.image"
    )


def test_prod_accepts_an_image_with_its_digest(qwen: Planner) -> None:
    """It is used as it is written."""
    image = f"763104351884.dkr.ecr.us-east-1.amazonaws.com/vllm@sha256:{'a' * 64}"
    plan = qwen(environment="prod", model={"revision": REVISION}, engine={"kind": "vllm", "image": image})
    assert plan.engine.image == image


def test_nothing_is_deployed_from_an_unbuilt_plan_so_no_digest_is_asked_for(plan: Planner) -> None:
    """`berth plan` shows a prod spec before anybody has looked a digest up."""
    spec = {"name": "chat", "environment": "prod", "model": {"id": "Qwen/Qwen3-8B", "revision": REVISION}}
    assert plan(spec, target="sagemaker", images=UNBUILT).engine.kind == "tgi"
    with pytest.raises(SpecError, match="has no digest"):
        plan(spec, target="sagemaker", images=StackImages("gateway:1", "weights:1"))


@pytest.mark.parametrize(
    ("model", "accelerators", "reason"),
    [
        ("openai/gpt-oss-20b", ["L4"], "TGI has no kernels for mxfp4 weights"),
        (
            "deepseek-ai/DeepSeek-V3",
            ["H200:8"],
            "TGI keeps the keys and values of latent attention unpacked, many times what the plan sizes",
        ),
    ],
)
def test_what_tgi_cannot_serve_is_refused_with_the_line_that_helps(
    qwen: Planner, model: str, accelerators: list[str], reason: str
) -> None:
    """The other engine takes it."""
    weights = {"source": "s3", "s3_uri": "s3://weights/large/"}
    spec: dict[str, Any] = {"model": {"id": model, **weights}, "accelerators": accelerators}
    with pytest.raises(PlanError) as caught:
        qwen(**spec)
    assert str(caught.value) == f"chat: {model}: {reason}; set engine: {{kind: vllm}}"
    assert qwen(**spec, engine={"kind": "vllm"}).hardware.accelerator == accelerators[0]


def test_tgi_passes_over_blackwell(qwen: Planner) -> None:
    """Its last image has no kernels for RTX PRO 6000 and B200; the next accelerator is used, vLLM uses the first."""
    spec = {"accelerators": ["RTX-PRO-6000", "L40S"]}
    plan = qwen(**spec)
    assert plan.hardware.accelerator == "L40S"
    assert [row.reason for row in plan.rejected if row.accelerator == "RTX-PRO-6000"] == [
        "the last TGI image (CUDA 12.4) has no kernels for RTX-PRO-6000, which is Blackwell; use engine.kind vllm"
    ]
    assert qwen(**spec, engine={"kind": "vllm"}).hardware.instance_type == "ml.g7e.2xlarge"


def test_an_accelerator_without_an_instance_type_says_so(qwen: Planner) -> None:
    """What no type has, and what the region does not offer, are different refusals."""
    with pytest.raises(PlanError) as caught:
        qwen(region="eu-west-1", accelerators=["RTX-4090", "L40S"])
    lines = str(caught.value).splitlines()
    assert lines[1] == "  RTX-4090: no SageMaker instance type has 1 RTX-4090"
    assert lines[2].startswith("  L40S: not offered in eu-west-1; offered in ap-northeast-1, ")
    assert lines[-1] == ("  cheapest that would fit: A10G (ml.g5.xlarge, 1.57 USD per hour); add A10G to accelerators")
