from __future__ import annotations

from typing import Any

import pytest

from components.catalogue.flags import vllm_flags
from components.plan.owned_flags import OWNED_FLAGS

Planner = "Callable[..., Plan]"


def test_the_arguments_of_the_engine(llama: dict[str, Any], plan: Planner) -> None:
    """The local model path comes first, since the image's entrypoint is `vllm serve`; every size is explicit."""
    assert plan(llama).engine.arguments == (
        "/models/meta-llama--Llama-3.1-8B-Instruct/0e9e39f249a16976918f6564b8830bc894c89659",
        "--served-model-name=meta-llama/Llama-3.1-8B-Instruct",
        "--host=127.0.0.1",
        "--port=8000",
        "--max-model-len=16384",
        "--gpu-memory-utilization=0.9",
        "--max-num-seqs=16",
        "--max-num-batched-tokens=2048",
        "--tensor-parallel-size=1",
        "--dtype=bfloat16",
        "--shutdown-timeout=600",
        "--disable-access-log-for-endpoints=/health,/metrics",
    )


def test_the_environment_of_the_engine(llama: dict[str, Any], plan: Planner) -> None:
    """Offline, without telemetry, with a compile cache of its own per version and GPU, and patient enough to load."""
    assert plan(llama).engine.environment == {
        "DO_NOT_TRACK": "1",
        "HF_HOME": "/vllm-cache/huggingface",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_OFFLINE": "1",
        "VLLM_CACHE_ROOT": "/vllm-cache/0.33.0-l4-1",
        "VLLM_ENGINE_READY_TIMEOUT_S": "1020",
        "VLLM_LOGGING_LEVEL": "INFO",
        "VLLM_NO_USAGE_STATS": "1",
    }


@pytest.mark.parametrize("accelerator", ["L4", "A10G", "L40S", "H100", "L4:4"])
def test_every_flag_exists_in_this_version(llama: dict[str, Any], plan: Planner, accelerator: str) -> None:
    """No plan renders a flag that the engine does not have, and each is one that a spec may not set."""
    engine = plan(llama, {"accelerators": [accelerator], "model": {"quantization": "fp8"}}).engine
    flags = [argument.partition("=")[0] for argument in engine.arguments[1:]]
    assert [flag for flag in flags if flag not in vllm_flags(engine.version)] == []
    assert [flag for flag in flags if flag[2:] not in OWNED_FLAGS["vllm"]] == []


def test_a_16_bit_checkpoint_is_converted_only_when_asked(llama: dict[str, Any], plan: Planner) -> None:
    """fp8 on a 16-bit checkpoint renders --quantization, and the download stays 16 bit."""
    result = plan(llama, {"model": {"quantization": "fp8"}})
    assert "--quantization=fp8" in result.engine.arguments
    assert result.hardware.fit.weights_gib == pytest.approx(8.46, abs=0.01)
    assert result.model.checkpoint_gib == pytest.approx(14.96, abs=0.01)


def test_a_quantized_checkpoint_is_left_to_the_engine(plan: Planner) -> None:
    """VLLM sees how a checkpoint is stored and picks the faster kernel when it is not told."""
    result = plan({"name": "chat", "model": {"id": "Qwen/Qwen2.5-32B-Instruct-AWQ"}})
    assert result.model.quantization == "awq"
    assert [argument for argument in result.engine.arguments if argument.startswith("--quantization")] == []


def test_extra_arguments_come_last_and_sorted(llama: dict[str, Any], plan: Planner) -> None:
    """Switches lose their value or take the --no- form; others keep it."""
    extra = {
        "tool-call-parser": "llama3_json",
        "enable-auto-tool-choice": True,
        "enable-prefix-caching": False,
        "seed": 7,
    }
    result = plan(llama, {"engine": {"extra_args": extra}})
    assert result.engine.arguments[-4:] == (
        "--enable-auto-tool-choice",
        "--no-enable-prefix-caching",
        "--seed=7",
        "--tool-call-parser=llama3_json",
    )


def test_an_open_revision_is_served_from_main(llama: dict[str, Any], plan: Planner) -> None:
    """Without a revision the folder is `main`, with a warning."""
    result = plan(llama, {"model": {"revision": None}})
    assert result.engine.arguments[0] == "/models/meta-llama--Llama-3.1-8B-Instruct/main"
    assert [note.level for note in result.notes if note.field == "model.revision"] == ["warning"]


def test_large_cards_work_on_larger_batches(llama: dict[str, Any], plan: Planner) -> None:
    """The batch is what the sizing counted with."""
    assert "--max-num-batched-tokens=8192" in plan(llama, {"accelerators": ["H100"]}).engine.arguments
