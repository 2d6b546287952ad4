"""A start, stage by stage, on every target: ranges in order, sums that add up, within what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.catalogue.images import engine_image
from components.plan.ecs.startup import startup_stages as ecs_stages
from components.plan.runpod.startup import startup_stages as runpod_stages
from components.plan.stages import load_stage, total

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan

ON_RUNPOD = {"engine": {"image": f"runpod/worker-v1-vllm@sha256:{'0' * 64}"}, "runpod": {"token_secret": "hf"}}
IN_S3 = {"model": {"source": "s3", "s3_uri": "s3://weights/llama/", "token_secret": None}}


@pytest.mark.parametrize(("target", "change"), [("ecs", {}), ("sagemaker", IN_S3), ("runpod", ON_RUNPOD)])
def test_a_start_is_the_sum_of_its_stages(
    llama: dict[str, Any], plan: Callable[..., Plan], target: str, change: dict[str, Any]
) -> None:
    """Five stages, each with its ends in order; the expected ones make the plan's start, which its limit covers."""
    result = plan(llama, change, target=target)
    assert [stage.name for stage in result.startup] == [
        "worker" if target == "runpod" else "instance", "image", "weights", "load", "warm-up"
    ]  # fmt: skip
    for stage in (*result.startup, *result.first_startup):
        assert 0 <= stage.low_seconds <= stage.seconds <= stage.high_seconds
        assert stage.basis
    whole = total(result.startup)
    assert whole.expected == result.startup_seconds
    assert whole.low < whole.expected < whole.high


def test_8b_from_efs_starts_as_fast_as_was_measured(llama: dict[str, Any], plan: Callable[..., Plan]) -> None:
    """425 to 439 s were reported for an 8B model on a fresh GPU node; 5 to 15 minutes is the order of magnitude."""
    result = plan(llama)
    assert 400 < result.startup_seconds < 460
    whole = total(result.startup)
    assert whole.low >= 240
    assert whole.high <= 900


def test_the_first_start_of_each_target_says_what_it_does_besides(
    llama: dict[str, Any], plan: Callable[..., Plan]
) -> None:
    """ECS downloads to EFS and compiles; SageMaker has no cache; RunPod pulls the image, and fills a volume."""
    volume = {**ON_RUNPOD, "runpod": {"token_secret": "hf", "volume": {"size": "50GB", "data_center": "EU-RO-1"}}}
    firsts = {
        "ecs": plan(llama),
        "sagemaker": plan(llama, IN_S3, target="sagemaker"),
        "runpod": plan(llama, ON_RUNPOD, target="runpod"),
        "volume": plan(llama, volume, target="runpod"),
    }
    assert {name: [row.name for row in result.first_startup] for name, result in firsts.items()} == {
        "ecs": ["download", "compile"],
        "sagemaker": [],
        "runpod": ["image"],
        "volume": ["image", "download"],
    }
    assert firsts["ecs"].first_startup[0].basis == "15.0 GiB from the Hub to EFS at 100 MiB/s"


def test_flashboot_may_make_a_start_take_seconds_and_never_slower() -> None:
    """A kept worker is back in 7 s, on another host nothing is kept; without flashboot nothing ever is."""
    image = engine_image("runpod", "vllm", None)
    kept, fresh = (total(runpod_stages(image, 15.0, 1, volume=False, flashboot=flag)) for flag in (True, False))
    assert (kept.low, kept.expected, kept.high) == (7, fresh.expected, fresh.high)
    assert fresh.low > 60


def test_a_volume_starts_faster_than_the_hub() -> None:
    """Expected and at the slow end."""
    image = engine_image("runpod", "vllm", None)
    volume, hub = (total(runpod_stages(image, 40.0, 1, volume=flag, flashboot=False)) for flag in (True, False))
    assert volume.expected < hub.expected
    assert volume.high < hub.high


@given(st.floats(0.1, 800), st.floats(1, 2), st.sampled_from([1, 2, 4, 8]))
def test_more_weights_never_start_faster(checkpoint_gib: float, factor: float, gpus: int) -> None:
    """All ends grow with the checkpoint."""
    image = engine_image("ecs", "vllm", None)
    small, large = (total(ecs_stages(image, gib, gpus)) for gib in (checkpoint_gib, checkpoint_gib * factor))
    assert small.low <= large.low
    assert small.expected <= large.expected
    assert small.high <= large.high


def test_sagemaker_waits_for_a_slow_download(plan: Callable[..., Plan]) -> None:
    """From the Hub the download counts as start: the limit covers the slow end of what the container does."""
    spec = {"name": "chat", "model": {"id": "Qwen/Qwen3-8B", "max_context_tokens": 8192}, "accelerators": ["L4"]}
    result = plan(spec, target="sagemaker")
    inside = [stage.high_seconds for stage in result.startup if stage.name in {"weights", "load", "warm-up"}]
    assert result.startup_limit_seconds >= sum(inside)


def test_several_gpus_load_their_shares_at_once() -> None:
    """80 GiB to one GPU take 82 s at 1,000 MiB/s and 20 s of process; eight take an eighth of it."""
    assert (load_stage(80.0, 1).seconds, load_stage(80.0, 8).seconds) == (102, 31)
    assert load_stage(80.0, 8).basis == "engine process, weights to 8 GPUs"
