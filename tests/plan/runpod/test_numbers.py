"""The numbers of an endpoint: disk, volume, workers, scaling, timeouts, start."""

from __future__ import annotations

from typing import Any

import pytest

from components.errors import SpecError

Planner = "Callable[..., Plan]"
VOLUME: dict[str, Any] = {"size": "50GB", "data_center": "EU-RO-1"}


def test_the_numbers_of_the_example(on_runpod: Planner) -> None:
    """What Llama 3.1 8B gets in environment dev."""
    runpod = on_runpod().runpod
    assert runpod.endpoint_name == "local-llama-3-1-8b"
    assert (runpod.gpu_count, runpod.min_cuda_version, runpod.disk_gb) == (1, "13.0", 60)
    assert (runpod.workers_min, runpod.workers_max, runpod.idle_timeout_seconds) == (1, 3, None)
    assert (runpod.scaler, runpod.scaler_value, runpod.execution_timeout_ms) == ("REQUEST_COUNT", 8.0, 600_000)
    assert (runpod.flashboot, runpod.data_centers, runpod.volume) == ("FLASHBOOT", (), None)
    assert runpod.token_secret == "huggingface_token"


def test_what_other_targets_bring_is_not_planned(on_runpod: Planner) -> None:
    """No network, no gateway, nothing of AWS."""
    plan = on_runpod()
    assert (plan.network, plan.gateway, plan.ecs, plan.sagemaker, plan.needs_network) == (None, None, None, None, False)


def test_the_queue_scales_and_then_workers_may_idle(on_runpod: Planner) -> None:
    """queue_wait is QUEUE_DELAY; RunPod takes an idle timeout there alone, 10 s when none is given."""
    queue = {"scaling": {"metric": "queue_wait", "target": None}}
    runpod = on_runpod(queue).runpod
    assert (runpod.scaler, runpod.scaler_value, runpod.idle_timeout_seconds) == ("QUEUE_DELAY", 4.0, 10)
    own = on_runpod({**queue, "runpod": {"idle_timeout": "2m"}}).runpod
    assert own.idle_timeout_seconds == 120
    assert on_runpod({"scaling": {"metric": "queue_wait", "target": 0.5}}).runpod.scaler_value == 0.5


def test_the_default_target_is_what_the_smallest_gpu_holds(qwen: Planner) -> None:
    """0.7 of what fits L4 at once, though the first choice would hold more; always a whole number."""
    runpod = qwen(accelerators=["L40S", "L4"], scaling={"max_replicas": 2}).runpod
    assert (runpod.scaler, runpod.scaler_value) == ("REQUEST_COUNT", 7.0)


def test_parked_is_no_worker_at_all(on_runpod: Planner) -> None:
    """With power off 0 and 0, nothing is paid for but a volume, and no note about loads."""
    plan = on_runpod({"power": "off", "runpod": {"volume": VOLUME}})
    assert (plan.runpod.workers_min, plan.runpod.workers_max) == (0, 0)
    assert (plan.cost.floor, plan.cost.expected, plan.cost.max) == (3.5, 3.5, 3.5)
    assert [note.field for note in plan.notes if note.field.startswith(("scaling", "load"))] == []


def test_a_parked_service_without_a_known_price_costs_nothing(qwen: Planner) -> None:
    """No worker costs nothing, whatever an hour of it would cost."""
    plan = qwen(power="off", accelerators=["RTX-5090"])
    assert (plan.cost.floor, plan.cost.max) == (0.0, 0.0)


def test_a_volume_holds_the_weights_instead_of_the_disk(on_runpod: Planner) -> None:
    """The volume pins the workers, the disk has the image alone, the weights are read faster."""
    plan = on_runpod({"runpod": {"volume": VOLUME}})
    volume = plan.runpod.volume
    assert (volume.name, volume.size_gb, volume.data_center) == ("local-llama-3-1-8b-weights", 50, "EU-RO-1")
    assert (volume.type, volume.protect) == ("STANDARD", False)
    assert (plan.runpod.data_centers, plan.runpod.disk_gb) == (("EU-RO-1",), 40)
    assert [(stage.name, stage.seconds) for stage in plan.startup] == [
        ("worker", 30),
        ("image", 0),
        ("weights", 77),
        ("load", 36),
        ("warm-up", 75),
    ]
    assert plan.startup[2].basis == "15.0 GiB from the network volume at 200 MiB/s"
    assert on_runpod({"environment": "prod", "runpod": {"volume": VOLUME}}).runpod.volume.protect is True


def test_a_start_without_a_volume_downloads(on_runpod: Planner) -> None:
    """The stages add up, and the limit is the worker's own default at least."""
    plan = on_runpod()
    assert (plan.startup_seconds, plan.startup_limit_seconds) == (295, 1200)
    assert plan.startup[2].basis == "15.0 GiB from the Hub at 100 MiB/s"


def test_a_large_checkpoint_may_take_longer(on_runpod: Planner) -> None:
    """70B in 16 bit: four times the assumed download, and the worker is told so."""
    plan = on_runpod({"model": {"id": "meta-llama/Llama-3.1-70B-Instruct"}, "accelerators": ["H200:2"]})
    assert plan.startup_limit_seconds == 5700
    assert plan.engine.environment["VLLM_STARTUP_TIMEOUT"] == "5700"
    assert plan.runpod.disk_gb == 200


@pytest.mark.parametrize(
    ("runpod", "problems"),
    [
        (
            {"disk": "40GB"},
            [
                (
                    "llama-3-1-8b: runpod.disk: 40GB is too small for the image and 16 GB of weights: 48 GB are "
                    "needed; set it to 48GB or more, or leave it out"
                )
            ],
        ),
        (
            {"disk": "20GB", "volume": {**VOLUME, "size": "12GB"}},
            [
                (
                    "llama-3-1-8b: runpod.disk: 20GB is too small for the image: 32 GB are needed; set it to 32GB or "
                    "more, or leave it out"
                ),
                (
                    "llama-3-1-8b: runpod.volume.size: 12GB does not hold the weights, which take 16.1 GB; "
                    "set it to 18GB or more"
                ),
            ],
        ),
    ],
)
def test_a_disk_that_is_too_small_is_refused_with_both_sides(
    on_runpod: Planner, runpod: dict[str, Any], problems: list[str]
) -> None:
    """Every disk is judged, and the smallest that would do is named."""
    with pytest.raises(SpecError) as caught:
        on_runpod({"runpod": runpod})
    assert [str(problem) for problem in caught.value.problems] == problems


def test_the_disk_that_the_refusal_names_is_accepted(on_runpod: Planner) -> None:
    """The smallest disk and the smallest volume of the messages above."""
    assert on_runpod({"runpod": {"disk": "48GB"}}).runpod.disk_gb == 48
    small = on_runpod({"runpod": {"volume": {**VOLUME, "size": "18GB"}}}).runpod
    assert small.volume.size_gb == 18


@pytest.mark.parametrize(
    ("written", "sent"), [("off", "OFF"), ("on", "FLASHBOOT"), ("priority", "PRIORITY_FLASHBOOT"), (False, "OFF")]
)
def test_flashboot_in_the_words_of_the_api(on_runpod: Planner, written: object, sent: str) -> None:
    """A bare `off` in YAML 1.1 is false."""
    assert on_runpod({"runpod": {"flashboot": written}}).runpod.flashboot == sent
