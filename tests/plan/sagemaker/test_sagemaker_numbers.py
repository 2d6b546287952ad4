"""Are the numbers of a SageMaker plan within what its API accepts, and do they follow from the spec?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.errors import PlanError
from components.plan.sagemaker.numbers import MOST_NAME, endpoint_name, termination_wait
from components.plan.sagemaker.startup import load_timeout

Planner = "Callable[..., Plan]"
VLLM: dict[str, Any] = {"engine": {"kind": "vllm"}}
SHORT: dict[str, Any] = {"model": {"max_context_tokens": 8192}}


def test_the_numbers_of_the_example(on_sagemaker: Planner) -> None:
    """Name, counts, policy and timeouts of Llama 3.1 8B: 16.06 GB have 622 s to come from S3, and as long to load."""
    sagemaker = on_sagemaker(SHORT).sagemaker
    assert sagemaker is not None
    assert (sagemaker.endpoint_name, sagemaker.variant_name) == ("local-llama-3-1-8b", "main")
    assert (sagemaker.model_data_uri, sagemaker.network_isolation) == ("s3://weights/llama/", True)
    assert (sagemaker.initial_instance_count, sagemaker.update_policy) == (1, "blue_green")
    assert (sagemaker.termination_wait_seconds, sagemaker.log_retention_days) == (600, 30)
    assert (sagemaker.update_timeout_seconds, sagemaker.ready_timeout_seconds) == (3044, 3344)
    first = sagemaker.alternatives[0]
    assert first.startup_health_check_timeout_seconds == 622
    assert first.model_data_download_timeout_seconds == 622


def test_the_engine_is_tgi_by_default_and_vllm_by_one_line(on_sagemaker: Planner) -> None:
    """Both images are in the registry of AWS in the service's region."""
    registry = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
    tgi, vllm = on_sagemaker().engine, on_sagemaker(VLLM).engine
    assert (tgi.kind, tgi.version, tgi.arguments) == ("tgi", "3.3.6", ())
    repository = "huggingface-pytorch-tgi-inference"
    assert tgi.image == f"{registry}/{repository}:2.7.0-tgi3.3.6-gpu-py311-cu124-ubuntu22.04"
    assert (vllm.kind, vllm.version, vllm.arguments) == ("vllm", "0.30.0", ())
    assert vllm.image == f"{registry}/vllm:server-sagemaker-cuda-v2.5"
    elsewhere = on_sagemaker({"accelerators": ["A10G"], **SHORT}, region="eu-west-1").engine.image
    assert elsewhere.startswith("763104351884.dkr.ecr.eu-west-1.amazonaws.com/")


def test_each_accelerator_is_an_alternative_sized_on_its_own(on_sagemaker: Planner) -> None:
    """What a lack of the first falls back to has its own context, concurrency and GPUs."""
    plan = on_sagemaker({"model": {"max_context_tokens": None}, "accelerators": ["L4", "L40S", "L4:4"]})
    assert plan.sagemaker is not None
    rows = [
        (
            row.hardware.instance_type,
            row.environment["MAX_TOTAL_TOKENS"],
            row.environment["MAX_CONCURRENT_REQUESTS"],
            row.environment["SM_NUM_GPUS"],
        )
        for row in plan.sagemaker.alternatives
    ]
    assert rows == [
        ("ml.g6.xlarge", "11264", "20", "1"),
        ("ml.g6e.xlarge", "97792", "116", "1"),
        ("ml.g6.12xlarge", "131072", "300", "4"),
    ]
    assert plan.engine.environment == plan.sagemaker.alternatives[0].environment
    assert [row.instance_type for row in plan.fallbacks] == ["ml.g6e.xlarge", "ml.g6.12xlarge"]


def test_a_prompt_takes_memory_of_the_cache_with_tgi_alone(on_sagemaker: Planner) -> None:
    """TGI computes a whole prompt at once, so 16,384 tokens do not fit L4 beside the weights; with vLLM they do."""
    tgi, vllm = on_sagemaker(), on_sagemaker(VLLM)
    assert (tgi.hardware.accelerator, vllm.hardware.accelerator) == ("L40S", "L4")
    [refused] = [row.reason for row in tgi.rejected if row.accelerator == "L4"]
    assert refused.startswith("at most 15,7")
    assert tgi.hardware.fit.runtime_gib > vllm.hardware.fit.runtime_gib + 1.5


@pytest.mark.parametrize(
    ("engine", "accelerator", "ami"),
    [
        ("tgi", "L4", "al2-ami-sagemaker-inference-gpu-3-1"),
        ("tgi", "H100:8", "al2-ami-sagemaker-inference-gpu-3-1"),
        ("vllm", "L4", "al2023-ami-sagemaker-inference-gpu-4-1"),
        ("vllm", "A10G", "al2023-ami-sagemaker-inference-gpu-4-1"),
        ("vllm", "H100", "al2023-ami-sagemaker-inference-gpu-4-1"),
        ("vllm", "RTX-PRO-6000", None),
    ],
)
def test_the_machine_image_follows_the_cuda_of_the_engine(
    on_sagemaker: Planner, engine: str, accelerator: str, ami: str | None
) -> None:
    """CUDA 12 and 13 have one each; a family that AWS names none for gets none, and a warning."""
    plan = on_sagemaker({"engine": {"kind": engine}, "accelerators": [accelerator], **SHORT})
    assert plan.sagemaker is not None
    assert plan.sagemaker.alternatives[0].inference_ami_version == ami
    warned = [note.field for note in plan.notes if note.level == "warning"]
    assert ("sagemaker.inference_ami" in warned) == (ami is None)


def test_the_spec_may_name_another_machine_image(on_sagemaker: Planner) -> None:
    """It holds for every alternative; a driver that is too old for the image is a warning."""
    change = {**SHORT, "sagemaker": {"inference_ami": "al2-ami-sagemaker-inference-gpu-2"}}
    plan = on_sagemaker(change)
    assert plan.sagemaker is not None
    assert {row.inference_ami_version for row in plan.sagemaker.alternatives} == {"al2-ami-sagemaker-inference-gpu-2"}
    [note] = [note for note in plan.notes if note.field == "sagemaker.inference_ami"]
    assert (note.level, note.text) == (
        "warning",
        ("al2-ami-sagemaker-inference-gpu-2 has driver 535, CUDA 12.4 of the engine's image asks for 550 or newer"),
    )


def test_a_download_from_the_hub_counts_as_start(qwen: Planner) -> None:
    """SageMaker copies nothing then, but the timeout is explicit all the same; the container needs the network."""
    plan = qwen()
    assert plan.sagemaker is not None
    first = plan.sagemaker.alternatives[0]
    assert first.startup_health_check_timeout_seconds == plan.startup_limit_seconds == 807
    assert first.model_data_download_timeout_seconds == 600
    assert (plan.sagemaker.model_data_uri, plan.sagemaker.network_isolation) == (None, False)


@given(st.floats(min_value=0.1, max_value=2000))
def test_timeouts_are_within_what_the_api_accepts(checkpoint_gib: float) -> None:
    """Never below ten minutes, never above an hour, and larger for larger weights."""
    assert 600 <= load_timeout(checkpoint_gib) <= 3600
    assert load_timeout(checkpoint_gib) <= load_timeout(checkpoint_gib + 1)


@pytest.mark.parametrize("source", [{}, {"source": "hub", "s3_uri": None, "id": "Qwen/Qwen3-32B"}])
@pytest.mark.parametrize("least", [1, 2, 10])
def test_pulumi_waits_longer_than_sagemaker(on_sagemaker: Planner, source: dict[str, Any], least: int) -> None:
    """The sum of both timeouts, and an update, end before the wait does, and the update within its API's limits."""
    scaling = {"min_replicas": least, "max_replicas": 20}
    sagemaker = on_sagemaker({"model": source, "accelerators": "auto", "scaling": scaling}).sagemaker
    assert sagemaker is not None
    first = sagemaker.alternatives[0]
    timeouts = first.startup_health_check_timeout_seconds + first.model_data_download_timeout_seconds
    assert timeouts < sagemaker.ready_timeout_seconds
    assert 600 <= sagemaker.update_timeout_seconds < sagemaker.ready_timeout_seconds
    assert sagemaker.update_timeout_seconds <= 28_800


@pytest.mark.parametrize(
    ("least", "most", "given_policy", "policy"),
    [
        (1, 3, None, "blue_green"),
        (2, 3, None, "rolling"),
        (2, 20, None, "rolling"),
        (2, 21, None, "blue_green"),
        (3, 3, "blue_green", "blue_green"),
    ],
)
def test_replicas_are_replaced_one_at_a_time_where_that_is_possible(
    on_sagemaker: Planner, least: int, most: int, given_policy: str | None, policy: str
) -> None:
    """Two at least, so that one stays; twenty at most, since one must be 5% of them."""
    change = {"scaling": {"min_replicas": least, "max_replicas": most}, "sagemaker": {"update_policy": given_policy}}
    sagemaker = on_sagemaker(change).sagemaker
    assert sagemaker is not None
    assert (sagemaker.update_policy, sagemaker.initial_instance_count) == (policy, least)


def test_a_rolling_update_has_time_to_drain_each_replica(on_sagemaker: Planner) -> None:
    """Two replicas: twice 1,200 s of launch, 2 x 622 s of start and 600 s in which the old one finishes."""
    sagemaker = on_sagemaker({"scaling": {"min_replicas": 2, "max_replicas": 2}}).sagemaker
    assert sagemaker is not None
    assert (sagemaker.update_policy, sagemaker.update_timeout_seconds) == ("rolling", 2 * (1200 + 2 * 622 + 600))


def test_a_parked_service_keeps_everything_but_its_replicas(on_sagemaker: Planner) -> None:
    """No instance, and no cost but the alarm's; name, alternatives and first count are those of the awake service."""
    awake, parked = on_sagemaker(), on_sagemaker({"power": "off"})
    assert (parked.power, parked.scaling.min_replicas, parked.scaling.max_replicas) == ("off", 0, 0)
    assert parked.sagemaker == awake.sagemaker
    assert (parked.cost.floor, parked.cost.expected, parked.cost.max) == (0.1, 0.1, 0.1)


def test_a_given_vpc_is_the_network_of_the_container(on_sagemaker: Planner) -> None:
    """Without one the plan has no network, and no stack has to make one."""
    vpc = {"id": "vpc-1a", "private_subnet_ids": ["subnet-1a", "subnet-2a"], "public_subnet_ids": ["subnet-3a"]}
    plan = on_sagemaker({"network": {"vpc": vpc}})
    assert plan.network is not None
    assert (plan.network.vpc_id, plan.network.private_subnet_ids) == ("vpc-1a", ("subnet-1a", "subnet-2a"))
    assert (plan.network.public_subnet_ids, plan.needs_network) == ((), False)
    alone = on_sagemaker()
    assert (alone.network, alone.gateway, alone.ecs, alone.needs_network) == (None, None, None, False)


@given(
    st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=40),
    st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", min_size=2, max_size=20),
)
def test_an_endpoint_s_name_always_fits(stack: str, service: str) -> None:
    """The longest stack and the longest service together stay below the limit of the API."""
    assert len(endpoint_name(stack, service)) <= MOST_NAME


@pytest.mark.parametrize(("max_request", "wait"), [(1, 300), (60, 300), (400, 400), (600, 600), (3600, 600)])
def test_the_old_fleet_may_finish_its_requests(max_request: int, wait: int) -> None:
    """As long as one may take, ten minutes at most; five at least, in which the roll-back alarms can ring."""
    assert termination_wait(max_request) == wait


def test_the_stages_of_a_start_add_up(on_sagemaker: Planner) -> None:
    """Instance, image, weights and engine make the whole, each with what it follows from."""
    plan = on_sagemaker(SHORT)
    assert [(stage.name, stage.seconds) for stage in plan.startup] == [
        ("instance", 180),
        ("image", 144),
        ("weights", 77),
        ("load", 36),
        ("warm-up", 30),
    ]
    assert plan.startup[2].basis == "15.0 GiB from S3 at 200 MiB/s"
    assert (plan.startup_seconds, plan.startup_limit_seconds) == (467, 1244)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            {},
            (
                "weights and engine take 2h48m58s, SageMaker waits for 1h; use source: s3, whose copy has a time of "
                "its own, or a smaller checkpoint"
            ),
        ),
        (
            {"source": "s3", "s3_uri": "s3://weights/huge/"},
            "the weights take 1h22m40s, SageMaker waits for 1h; use a smaller checkpoint",
        ),
    ],
)
def test_a_checkpoint_that_no_timeout_covers_is_refused(qwen: Planner, source: dict[str, Any], message: str) -> None:
    """A terabyte takes longer than the hour that SageMaker waits."""
    shape = {
        "parameters_b": 520.0,
        "layers": 80,
        "hidden": 8192,
        "intermediate": 28672,
        "heads": 64,
        "kv_heads": 8,
        "vocab": 128256,
        "max_context_tokens": 8192,
    }
    model = {"id": "acme/huge", "shape": shape, "max_context_tokens": 4096, **source}
    with pytest.raises(PlanError) as caught:
        qwen(model=model, engine={"kind": "vllm"}, accelerators=["B200:8"])
    assert str(caught.value) == f"chat: {message}"
