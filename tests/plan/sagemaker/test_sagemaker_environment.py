"""Is the environment what the entrypoints of the images read, and what SageMaker accepts?"""

from __future__ import annotations

from typing import Any

import pytest

from components.catalogue.flags import engine_flags
from components.errors import PlanError
from components.plan.owned_flags import OWNED_FLAGS
from components.plan.sagemaker.environment import check_environment

Planner = "Callable[..., Plan]"
VLLM: dict[str, Any] = {"engine": {"kind": "vllm"}}


def test_the_environment_of_tgi_with_weights_in_s3(on_sagemaker: Planner) -> None:
    """The mounted copy is the model, offline; every size is explicit, and no statistics are sent."""
    assert dict(on_sagemaker().engine.environment) == {
        "CUDA_MEMORY_FRACTION": "0.9",
        "DTYPE": "bfloat16",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_OFFLINE": "1",
        "HF_MODEL_ID": "/opt/ml/model",
        "MAX_BATCH_PREFILL_TOKENS": "16384",
        "MAX_CONCURRENT_REQUESTS": "198",
        "MAX_INPUT_TOKENS": "16383",
        "MAX_TOTAL_TOKENS": "16384",
        "PAYLOAD_LIMIT": "6291456",
        "SM_NUM_GPUS": "1",
        "USAGE_STATS": "off",
    }


def test_the_environment_of_tgi_with_weights_from_the_hub(qwen: Planner) -> None:
    """The model is named with its revision, and downloaded to the instance's own disk by the plain client."""
    environment = dict(qwen(model={"revision": "b968826d9c46dd6066d109eabc6255188de91218"}).engine.environment)
    assert environment["HF_MODEL_ID"] == "Qwen/Qwen3-8B"
    assert environment["HF_MODEL_REVISION"] == "b968826d9c46dd6066d109eabc6255188de91218"
    assert environment["HUGGINGFACE_HUB_CACHE"] == "/tmp"  # noqa: S108 (a path in the container)
    assert environment["HF_HUB_ENABLE_HF_TRANSFER"] == "0"
    assert "HF_HUB_OFFLINE" not in environment
    assert "HF_MODEL_REVISION" not in qwen().engine.environment


def test_the_environment_of_vllm_with_weights_in_s3(on_sagemaker: Planner) -> None:
    """AWS's entrypoint makes a flag of each SM_VLLM variable; clients use the model's own name."""
    assert dict(on_sagemaker(VLLM).engine.environment) == {
        "DO_NOT_TRACK": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_OFFLINE": "1",
        "SM_VLLM_DTYPE": "bfloat16",
        "SM_VLLM_GPU_MEMORY_UTILIZATION": "0.9",
        "SM_VLLM_MAX_MODEL_LEN": "16384",
        "SM_VLLM_MAX_NUM_BATCHED_TOKENS": "2048",
        "SM_VLLM_MAX_NUM_SEQS": "16",
        "SM_VLLM_MODEL": "/opt/ml/model",
        "SM_VLLM_SERVED_MODEL_NAME": "meta-llama/Llama-3.1-8B-Instruct",
        "SM_VLLM_TENSOR_PARALLEL_SIZE": "1",
        "VLLM_ENGINE_READY_TIMEOUT_S": "622",
        "VLLM_NO_USAGE_STATS": "1",
    }


def test_the_environment_of_vllm_with_weights_from_the_hub(qwen: Planner) -> None:
    """Model and revision are those of the Hub, cached on the instance's own disk."""
    environment = qwen(**VLLM, model={"revision": "main"}).engine.environment
    assert (environment["SM_VLLM_MODEL"], environment["SM_VLLM_REVISION"]) == ("Qwen/Qwen3-8B", "main")
    assert environment["HF_HOME"] == "/tmp/huggingface"  # noqa: S108 (a path in the container)


@pytest.mark.parametrize("accelerator", ["L4", "A10G", "L40S", "L4:4", "H100:8"])
@pytest.mark.parametrize("kind", ["tgi", "vllm"])
def test_every_variable_is_a_flag_that_a_spec_may_not_set(on_sagemaker: Planner, kind: str, accelerator: str) -> None:
    """No plan renders a flag that the engine lacks, nor one that a spec could set beside it."""
    plan = on_sagemaker({"engine": {"kind": kind}, "accelerators": [accelerator], "model": {"quantization": "fp8"}})
    flags = engine_flags(kind, plan.engine.version)
    prefix = "SM_VLLM_" if kind == "vllm" else ""
    not_flags = {"HF_HUB_DISABLE_TELEMETRY", "HF_HUB_OFFLINE", "HF_MODEL_ID", "SM_NUM_GPUS"}
    names = [name for name in plan.engine.environment if name.startswith(prefix) and name not in not_flags]
    rendered = [name.removeprefix(prefix).lower().replace("_", "-") for name in names]
    assert [name for name in rendered if f"--{name}" not in flags and name != "model"] == []
    assert [name for name in rendered if name not in OWNED_FLAGS[kind]] == []
    gpus = {"tgi": "SM_NUM_GPUS", "vllm": "SM_VLLM_TENSOR_PARALLEL_SIZE"}[kind]
    assert plan.engine.environment[gpus] == accelerator.partition(":")[2].zfill(1).replace("0", "1")


@pytest.mark.parametrize("kind", ["tgi", "vllm"])
@pytest.mark.parametrize("source", ["s3", "hub"])
def test_no_secret_and_no_dead_name_is_ever_rendered(qwen: Planner, kind: str, source: str) -> None:
    """A token is never passed on, nor a key that SageMaker would not send, nor the names that TGI gave up."""
    place = {"source": "s3", "s3_uri": "s3://weights/q/"} if source == "s3" else {"token_secret": "huggingface/token"}
    names = set(qwen(engine={"kind": kind}, model=place).engine.environment)
    assert names & {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "API_KEY", "SM_VLLM_API_KEY", "SM_VLLM_HF_TOKEN"} == set()
    assert names & {"MESSAGES_API_ENABLED", "MAX_INPUT_LENGTH"} == set()


def test_a_conversion_names_the_quantization_and_no_dtype(on_sagemaker: Planner) -> None:
    """TGI refuses both together; vLLM takes both."""
    fp8 = {"model": {"quantization": "fp8"}, "accelerators": ["L40S"]}
    tgi = on_sagemaker(fp8).engine.environment
    assert (tgi["QUANTIZE"], tgi.get("DTYPE")) == ("fp8", None)
    vllm = on_sagemaker({**fp8, **VLLM}).engine.environment
    assert (vllm["SM_VLLM_QUANTIZATION"], vllm["SM_VLLM_DTYPE"]) == ("fp8", "bfloat16")


def test_a_quantized_checkpoint_is_left_to_the_engine(qwen: Planner) -> None:
    """TGI sees how it is stored and computes in float16, and the plan says so."""
    plan = qwen(model={"id": "Qwen/Qwen2.5-32B-Instruct-AWQ"}, accelerators=["L40S"])
    assert {"QUANTIZE", "DTYPE"} & set(plan.engine.environment) == set()
    assert plan.model.dtype == "float16"


def test_further_flags_become_variables(on_sagemaker: Planner) -> None:
    """A switch that is off is left out of TGI's, and has its other form in vLLM's."""
    extra = {"max-batch-size": 8, "json-output": True, "disable-grammar-support": False}
    tgi = on_sagemaker({"engine": {"extra_args": extra}}).engine.environment
    assert (tgi["MAX_BATCH_SIZE"], tgi["JSON_OUTPUT"], tgi.get("DISABLE_GRAMMAR_SUPPORT")) == ("8", "true", None)
    extra = {"seed": 7, "enforce-eager": True, "enable-prefix-caching": False, "no-async-scheduling": False}
    vllm = on_sagemaker({"engine": {"kind": "vllm", "extra_args": extra}}).engine.environment
    assert {name: value for name, value in vllm.items() if name.removeprefix("SM_VLLM_") in (
        "SEED", "ENFORCE_EAGER", "NO_ENABLE_PREFIX_CACHING", "ASYNC_SCHEDULING"
    )} == {
        "SM_VLLM_SEED": "7",
        "SM_VLLM_ENFORCE_EAGER": "true",
        "SM_VLLM_NO_ENABLE_PREFIX_CACHING": "true",
        "SM_VLLM_ASYNC_SCHEDULING": "true",
    }  # fmt: skip


@pytest.mark.parametrize(("target", "accepted"), [(8, "28"), (14, "28"), (40, "80"), (22.5, "46")])
def test_tgi_accepts_more_than_scaling_aims_at(on_sagemaker: Planner, target: float, accepted: str) -> None:
    """Were it to accept less, the metric would never reach the target and no replica would be added."""
    plan = on_sagemaker({"accelerators": ["L4"], "model": {"max_context_tokens": 4096}, "scaling": {"target": target}})
    assert plan.engine.environment["MAX_CONCURRENT_REQUESTS"] == accepted
    assert float(accepted) > target


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"A": "x" * 1025}, "A is longer than the 1024 bytes that SageMaker accepts"),
        ({"A": "é" * 600}, "A is longer than the 1024 bytes that SageMaker accepts"),
        (
            {f"A{number}": "x" for number in range(101)},
            "101 environment variables are more than the 100 that SageMaker accepts",
        ),
        (
            {f"A{number:02}": "x" * 1000 for number in range(33)},
            "33099 bytes of environment are more than the 32768 that SageMaker accepts",
        ),
    ],
)
def test_an_environment_beyond_the_limits_of_the_api_is_refused(environment: dict[str, str], message: str) -> None:
    """The plan refuses what CreateModel would."""
    with pytest.raises(PlanError) as caught:
        check_environment("chat", environment)
    assert str(caught.value) == f"chat: engine.extra_args: {message}; give fewer or shorter flags"


def test_a_long_flag_is_refused_by_the_plan(on_sagemaker: Planner) -> None:
    """The limit is checked on what is rendered."""
    with pytest.raises(PlanError, match=r"^llama-3-1-8b: engine\.extra_args: CORS_ALLOW_ORIGIN is longer"):
        on_sagemaker({"engine": {"extra_args": {"cors-allow-origin": "x" * 2000}}})
