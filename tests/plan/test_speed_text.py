"""The page's tables of speed and cold start: columns that stand under each other, and what is said beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.plan.page import WIDTH, numbers
from components.plan.text import plan_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan

QWEN: dict[str, Any] = {
    "name": "chat",
    "model": {"id": "Qwen/Qwen3-8B", "max_context_tokens": 8192},
    "accelerators": ["L4"],
    "load": {"requests_per_hour": 20, "input_tokens": 1500, "output_tokens": 300},
}
COLD = {"scaling": {"min_replicas": 0, "max_replicas": 2, "metric": "queue_wait"}}


def _section(text: str, title: str) -> list[str]:
    (part,) = [part for part in text.split("\n\n") if part.startswith(title)]
    return part.splitlines()


def test_the_cold_start_adds_up_in_three_columns(llama: dict[str, Any], plan: Callable[..., Plan]) -> None:
    """Fast, expected and slow, each stage with what it follows from, and the first start apart."""
    assert _section(plan_text(plan(llama)), "Cold start") == [
        "Cold start                      fast  expected      slow",
        "  instance                     1m10s     1m50s     2m30s   launch, boot and registration",
        "  image                         2m1s     3m20s      5m2s   25 GiB pulled and unpacked at 128 MiB/s",
        "  weights                        29s       52s     2m53s   15.0 GiB from EFS at 300 MiB/s",
        "  load                           16s       36s      1m1s   engine process, weights to the GPU",
        "  warm-up                        15s       35s        2m   compiled kernels from EFS, graph capture",
        "  total                        4m11s     7m13s    13m26s   given up after 17m",
        "  the very first start, besides",
        "  + download                     39s     2m34s    10m13s   15.0 GiB from the Hub to EFS at 100 MiB/s",
        "  + compile                      15s       40s        1m   kernels, kept on EFS for the next starts",
    ]


def test_speed_has_a_part_for_each_load(llama: dict[str, Any], plan: Callable[..., Plan]) -> None:
    """A request alone, the busiest hour over the replicas that then run, a full replica."""
    result = plan(llama)
    found = result.performance
    assert found is not None
    lines = _section(plan_text(result), "Speed, computed")
    assert lines[0] == "Speed, computed                 fast  expected      slow   not measured; network on top"
    assert lines[1] == "  a request alone, 1,500 tokens in, 300 out"
    assert [line[4:24].strip() for line in lines[2:]] == [
        "first token",
        "between two tokens",
        "tokens per second",
        "e busiest hour, 600",
        "first token, mean",
        "first token, 95%",
        "between two tokens",
        "busy",
        "full replica",
        "tokens per second",
    ]
    assert lines[5] == "  the busiest hour, 600 requests on each of 2 replicas"
    assert lines[-1].endswith("16 requests at once")
    stream = found.stream_tokens_per_second
    assert lines[4].split()[-3:] == [f"{rate:.0f}" for rate in (stream.high, stream.expected, stream.low)]


def test_a_load_beyond_the_replicas_is_said_in_words(llama: dict[str, Any], plan: Callable[..., Plan]) -> None:
    """No number stands where a queue has no end."""
    lines = _section(plan_text(plan(llama, {"load": {"requests_per_hour": 9000}})), "Speed, computed")
    (first,) = [line for line in lines if "first token, mean" in line]
    assert first.endswith("no bound  no bound  no bound")
    (busy,) = [line for line in lines if line.startswith("    busy")]
    assert busy.endswith("more than it can answer")


def test_a_cold_worker_is_in_the_95th_percentile_and_named(plan: Callable[..., Plan]) -> None:
    """RunPod with no worker at rest, with a load and without one."""
    text = plan_text(plan(QWEN, COLD, target="runpod"))
    (late,) = [line for line in _section(text, "Speed") if "first token, 95%" in line]
    assert late.endswith("% of the requests wait for a start")
    assert "not measured; queue and network on top" in text
    without = plan_text(plan({**QWEN, **COLD, "load": None}, target="runpod")).splitlines()
    assert "  a request that finds no worker" in without


def test_tgi_is_said_to_be_known_little_of(plan: Callable[..., Plan]) -> None:
    """Its measurements are old."""
    lines = _section(plan_text(plan(QWEN, target="sagemaker")), "Speed")
    assert lines[0].endswith("not measured; of TGI 2023 is known")


@pytest.mark.parametrize("target", ["ecs", "sagemaker", "runpod"])
@pytest.mark.parametrize("change", [{}, {"accelerators": "auto"}, {"load": None}, {"accelerators": ["L40S", "L4"]}])
def test_the_page_of_every_target_is_100_columns_wide(
    plan: Callable[..., Plan], target: str, change: dict[str, Any]
) -> None:
    """No line is longer, and none ends in spaces; no sentence stands twice."""
    lines = plan_text(plan({**QWEN, **change}, target=target)).splitlines()
    assert [line for line in lines if len(line) > WIDTH] == []
    assert [line for line in lines if line != line.rstrip()] == []
    sentences = [line for line in lines if len(line) > 60]
    assert [line for line in sentences if sentences.count(line) > 1] == []


def test_a_long_remark_is_folded_under_itself() -> None:
    """It starts where the first line's remark starts."""
    lines = numbers(
        "  weights", ("1s", "2s", "3s"), "a remark that is longer than the forty columns which are left to it"
    )
    assert len(lines) == 2
    assert lines[0].index("a remark") == len(lines[1]) - len(lines[1].lstrip())
