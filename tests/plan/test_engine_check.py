"""Which engines, versions and flags does each target accept?"""

from __future__ import annotations

from typing import Any

import pytest

from components.errors import SpecError

Planner = "Callable[..., Plan]"
ON: dict[str, dict[str, Any]] = {
    "ecs": {},
    "sagemaker": {},
    "vllm on sagemaker": {"kind": "vllm"},
    "runpod": {"image": f"runpod/worker-v1-vllm@sha256:{'0' * 64}"},
}


def _problems(plan: Planner, where: str, engine: dict[str, Any]) -> list[str]:
    spec = {"name": "chat", "model": {"id": "Qwen/Qwen3-8B"}, "engine": {**ON[where], **engine}}
    with pytest.raises(SpecError) as caught:
        plan(spec, target=where.rpartition(" ")[2])
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("where", "engine", "message"),
    [
        ("ecs", {"kind": "tgi"}, "kind: tgi does not run on ecs; use one of: vllm"),
        ("runpod", {"kind": "tgi"}, "kind: tgi does not run on runpod; use one of: vllm"),
        (
            "ecs",
            {"version": "0.9"},
            "version: 0.9 is not a vllm version that the catalogue knows for ecs; use one of: 0.33.0",
        ),
        (
            "sagemaker",
            {"version": "0.33.0"},
            "version: 0.33.0 is not a tgi version that the catalogue knows for sagemaker; use one of: 3.3.6",
        ),
        (
            "vllm on sagemaker",
            {"version": "0.33.0"},
            "version: 0.33.0 is not a vllm version that the catalogue knows for sagemaker; use one of: 0.30.0",
        ),
        (
            "ecs",
            {"extra_args": {"port": 80}},
            (
                "extra_args.port: is set by the plan; it follows from the target: nothing else may reach the engine; "
                "remove it here"
            ),
        ),
        (
            "ecs",
            {"extra_args": {"enable-lora": True}},
            "extra_args.enable-lora: changes the memory that the plan sizes; remove it: the plan cannot size it yet",
        ),
        (
            "ecs",
            {"extra_args": ["--enforce-eager=yes"]},
            "extra_args.enforce-eager: yes is given to a flag that takes no value; write true or false",
        ),
        (
            "ecs",
            {"extra_args": {"tool-call-parser": True}},
            "extra_args.tool-call-parser: needs a value; write tool-call-parser: VALUE",
        ),
        (
            "ecs",
            {"extra_args": {"zebra": 1}},
            "extra_args.zebra: is not a flag of vllm 0.33.0; remove it, or look it up in the engine's documentation",
        ),
        (
            "ecs",
            {"extra_args": {"enforce-eagre": True}},
            "extra_args.enforce-eagre: is not a flag of vllm 0.33.0; did you mean enforce-eager?",
        ),
        (
            "vllm on sagemaker",
            {"extra_args": {"grpc-port": 1}},
            "extra_args.grpc-port: is not a flag of vllm 0.30.0; did you mean port?",
        ),
        (
            "sagemaker",
            {"extra_args": {"max-model-len": 4096}},
            (
                "extra_args.max-model-len: is not a flag of tgi 3.3.6; vllm has it: set engine.kind: vllm, or override "
                "it where tgi runs"
            ),
        ),
        (
            "sagemaker",
            {"extra_args": {"max-total-tokens": 4096}},
            "extra_args.max-total-tokens: is set by the plan; it follows from model.max_context_tokens; remove it here",
        ),
        (
            "sagemaker",
            {"extra_args": {"num-shard": 2}},
            "extra_args.num-shard: is set by the plan; it follows from accelerators, as GPU:count; remove it here",
        ),
        (
            "sagemaker",
            {"extra_args": {"api-key": "k"}},
            (
                "extra_args.api-key: is set by the plan; it follows from the target: AWS credentials decide who may "
                "call; remove it here"
            ),
        ),
        (
            "sagemaker",
            {"extra_args": {"no-json-output": True}},
            "extra_args.no-json-output: is not a flag of tgi 3.3.6; did you mean json-output?",
        ),
        (
            "sagemaker",
            {"extra_args": {"speculate": 2}},
            "extra_args.speculate: changes the memory that the plan sizes; remove it: the plan cannot size it yet",
        ),
    ],
)
def test_a_wrong_engine_is_refused_with_place_and_fix(
    plan: Planner, where: str, engine: dict[str, Any], message: str
) -> None:
    """Kind, version and flags are checked for the target, whose images differ."""
    assert _problems(plan, where, engine) == [f"chat: engine.{message}"]


def test_all_wrong_flags_are_reported_together(plan: Planner) -> None:
    """Two flags are two problems, in the order of their names."""
    found = _problems(plan, "ecs", {"extra_args": {"zebra": 1, "host": "0.0.0.0"}})
    assert [problem.split(": ")[1] for problem in found] == ["engine.extra_args.host", "engine.extra_args.zebra"]


@pytest.mark.parametrize("flag", ["no-enable-prefix-caching", "enable-prefix-caching"])
def test_a_switch_of_vllm_may_be_named_in_its_form_that_turns_it_off(plan: Planner, flag: str) -> None:
    """Both names are one flag."""
    spec = {"name": "chat", "model": {"id": "Qwen/Qwen3-8B"}, "engine": {"extra_args": {flag: True}}}
    assert plan(spec).engine.arguments[-1] == f"--{flag}"
