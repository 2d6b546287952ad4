"""Is every variable of the worker one that this version of it knows, and does each say what the plan decided?"""

from __future__ import annotations

import re
import shlex

import pytest

from components.catalogue.flags import vllm_flags
from components.catalogue.images import engine_image
from components.catalogue.worker import WORKER_VERSION, worker_names
from components.errors import SpecError
from components.plan.owned_flags import OWNED_FLAGS
from components.plan.runpod.environment import extra_environment

Planner = "Callable[..., Plan]"
_REACHES_THE_WORKER = {"value", "pair", "switch", "alias", "worker", "engine"}


def test_the_environment_of_the_example(on_runpod: Planner) -> None:
    """Model, sizes, timeouts and the reference to the token; no arguments."""
    engine = on_runpod().engine
    assert (engine.kind, engine.version, engine.arguments) == ("vllm", "0.27.1", ())
    assert engine.environment == {
        "DO_NOT_TRACK": "1",
        "DTYPE": "bfloat16",
        "GPU_MEMORY_UTILIZATION": "0.9",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_TOKEN": "{{ RUNPOD_SECRET_huggingface_token }}",
        "MAX_CONCURRENCY": "16",
        "MAX_MODEL_LEN": "16384",
        "MAX_NUM_BATCHED_TOKENS": "2048",
        "MAX_NUM_SEQS": "16",
        "MODEL_NAME": "meta-llama/Llama-3.1-8B-Instruct",
        "MODEL_REVISION": "0e9e39f249a16976918f6564b8830bc894c89659",
        "OPENAI_SERVED_MODEL_NAME_OVERRIDE": "meta-llama/Llama-3.1-8B-Instruct",
        "REQUEST_TIMEOUT": "600",
        "RUNPOD_INIT_TIMEOUT": "1200",
        "TENSOR_PARALLEL_SIZE": "1",
        "VLLM_ENGINE_READY_TIMEOUT_S": "1200",
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_STARTUP_TIMEOUT": "1200",
    }


@pytest.mark.parametrize("accelerators", ["auto", ["L4", "L40S"], ["H100"], ["L4:4"]])
def test_every_name_reaches_the_worker(on_runpod: Planner, accelerators: object) -> None:
    """No plan renders a name that the worker reserves, ignores or does not know."""
    extra = {"enable-prefix-caching": False, "seed": 7, "stream-interval": 2, "tool-call-parser": "llama3_json"}
    change = {"accelerators": accelerators, "engine": {"extra_args": extra}, "model": {"quantization": "fp8"}}
    environment = on_runpod(change).engine.environment
    names = worker_names()
    assert [name for name in environment if name not in names] == []
    assert {names[name].kind for name in environment} <= _REACHES_THE_WORKER
    assert environment["QUANTIZATION"] == "fp8"


def test_the_flags_that_the_plan_sets_are_those_of_the_engine(on_runpod: Planner) -> None:
    """Each name that becomes a flag is one of this vLLM, and one that a spec may not set."""
    environment = on_runpod({"model": {"quantization": "fp8"}}).engine.environment
    flags = [worker_names()[name].flag for name in environment if worker_names()[name].kind in ("value", "alias")]
    known = {*vllm_flags("0.27.1"), "--model"}
    assert [flag for flag in flags if flag not in known] == []
    assert [flag for flag in flags if flag[2:] not in OWNED_FLAGS["vllm"]] == []


def test_a_quantized_checkpoint_is_left_to_the_engine(qwen: Planner) -> None:
    """A quantized checkpoint is not named, a model without a token gets none, an open revision is not sent."""
    environment = qwen(model={"id": "Qwen/Qwen3-8B-AWQ"}).engine.environment
    assert {"QUANTIZATION", "HF_TOKEN", "MODEL_REVISION"}.isdisjoint(environment)


def test_the_batch_is_that_of_the_smallest_card(qwen: Planner) -> None:
    """Large cards work on 8192 tokens at once, unless a smaller one may serve too."""
    assert qwen(accelerators=["H100"]).engine.environment["MAX_NUM_BATCHED_TOKENS"] == "8192"
    assert qwen(accelerators=["H100", "L4"]).engine.environment["MAX_NUM_BATCHED_TOKENS"] == "2048"


@pytest.mark.parametrize(
    ("extra", "names"),
    [
        ({"enable-auto-tool-choice": True}, {"ENABLE_AUTO_TOOL_CHOICE": "true"}),
        ({"enable-prefix-caching": False}, {"ENABLE_PREFIX_CACHING": "false"}),
        ({"no-enable-prefix-caching": True}, {"ENABLE_PREFIX_CACHING": "false"}),
        ({"disable-log-stats": True}, {"DISABLE_LOG_STATS": "true"}),
        ({"seed": 0}, {"SEED": "0"}),
        ({"hf-overrides": '{"a": "b\'c"}'}, {"HF_OVERRIDES": '{"a": "b\'c"}'}),
        ({"stream-interval": 2}, {"VLLM_EXTRA_ARGS": "--stream-interval=2"}),
        ({"enable-mfu-metrics": False}, {"VLLM_EXTRA_ARGS": "--no-enable-mfu-metrics"}),
        ({"response-role": " a"}, {"VLLM_EXTRA_ARGS": "'--response-role= a'"}),
        ({"response-role": ""}, {"VLLM_EXTRA_ARGS": "--response-role="}),
    ],
)
def test_further_flags_reach_the_engine_as_they_are(extra: dict[str, object], names: dict[str, str]) -> None:
    """By name where the worker has one; through its shell-split rest where it has none, or would change the value."""
    assert extra_environment(extra) == names


def test_what_is_passed_on_survives_the_shell_split() -> None:
    """Quotes, spaces and newlines of a value arrive whole."""
    value = 'it\'s "a" b\nc $HOME'
    passed = extra_environment({"watermark": value, "spec-tokens": 3})["VLLM_EXTRA_ARGS"]
    assert shlex.split(passed) == ["--spec-tokens=3", f"--watermark={value}"]


@pytest.mark.parametrize("flag", ["swap-space", "guided-decoding-backend", "rope-theta", "num-lookahead-slots"])
def test_a_flag_that_the_worker_ignores_is_refused(on_runpod: Planner, flag: str) -> None:
    """What would silently do nothing is no flag of this vLLM, and so no flag of a spec."""
    assert worker_names()[flag.replace("-", "_").upper()].kind == "ignored"
    with pytest.raises(SpecError, match=rf"engine\.extra_args\.{flag}: is not a flag of vllm 0\.27\.1"):
        on_runpod({"engine": {"extra_args": {flag: "1"}}})


def test_names_that_are_ignored_are_no_flags_of_the_engine() -> None:
    """Otherwise a flag that exists could be lost on the way."""
    flags = vllm_flags("0.27.1")
    assert [name for name in worker_names().values() if name.kind == "ignored" and name.flag in flags] == []


def test_every_flag_of_the_worker_is_one_of_its_engine() -> None:
    """The two frozen tables belong together: same flags, and switches where the worker takes true and false."""
    flags = vllm_flags("0.27.1")
    for name in worker_names().values():
        if name.kind in ("value", "pair", "switch"):
            assert flags[name.flag] is (name.kind != "value"), name
            assert name.name == name.flag[2:].replace("-", "_").upper()


def test_the_names_are_those_of_the_image() -> None:
    """The tag of the catalogue's image is the version whose names are frozen."""
    image = engine_image("runpod", "vllm", None)
    assert image.version == "0.27.1"
    assert re.fullmatch(rf"runpod/worker-v1-vllm:v{re.escape(WORKER_VERSION)}", image.image)
