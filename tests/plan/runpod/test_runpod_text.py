"""What `berth plan --target runpod` prints of a plan."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from components.plan import StackImages, make_plan
from components.plan.text import WIDTH, plan_text
from components.spec import load_spec

Planner = "Callable[..., Plan]"
SERVICES = Path(__file__).parents[3] / "stacks" / "services"


def test_the_rows_of_runpod(on_runpod: Planner) -> None:
    """Pools with price and types, workers, volume, requests; no region, no pauses of scaling."""
    queue = {"scaling": {"metric": "queue_wait", "target": 4}}
    text = plan_text(on_runpod({**queue, "runpod": {"volume": {"size": "50GB", "data_center": "EU-RO-1"}}}))
    lines = text.splitlines()
    assert lines[0] == "llama-3-1-8b on runpod (stack local, environment dev)"
    assert "Replicas    1 to 3, aiming at 4 seconds in the queue" in lines
    assert (
        "Pools       AMPERE_24 (0.68 USD per GPU hour): L4, not RTX A5000, RTX 3090; ADA_48_PRO (1.91 USD per" in lines
    )
    assert "            GPU hour): L40S, not L40, RTX 6000 Ada" in lines
    assert "Workers     1 GPU, 40 GB of disk, CUDA 13.0 or newer, flashboot, in EU-RO-1" in lines
    assert "Volume      50 GB, standard, in EU-RO-1, for the weights" in lines
    assert "Requests    queued, up to 10m each, with a key of the RunPod account; a worker stops 10s after its" in lines
    assert "Serve too" in lines
    assert "  L40S ADA_48_PRO: 16,384 tokens of context, 1.9080 USD per hour" in lines


@pytest.mark.parametrize(
    ("name", "pools", "expected"),
    [
        ("llama-3-1-8b.yaml", ("AMPERE_24", "ADA_48_PRO"), 507.27),
        ("qwen-2-5-32b.yaml", ("ADA_48_PRO",), 1398.84),
    ],
)
def test_the_example_services_can_be_planned(name: str, pools: tuple[str, ...], expected: float) -> None:
    """The same files as on ECS: known prices, and a page of 100 columns but for the bases of the cost."""
    spec = load_spec(SERVICES / name, environment="local")
    plan = make_plan(
        spec,
        target="runpod",
        stack="local",
        region="us-east-1",
        images=StackImages(None, None),
        today=date(2026, 11, 21),
    )
    assert (plan.runpod is not None and plan.runpod.pools, plan.cost.expected) == (pools, expected)
    assert plan.cost.unknowns == ()
    assert [line for line in plan_text(plan).splitlines() if len(line) > WIDTH and "  GPU workers" not in line] == []
