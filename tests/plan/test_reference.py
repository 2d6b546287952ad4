"""Does the reference page say what the models say?"""

from __future__ import annotations

from pathlib import Path

from components.plan.reference import COMMAND, PAGE, written_into

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_the_models_say() -> None:
    """A changed docstring, bound or effect must reach the page."""
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    assert written_into(page) == page, f"{PAGE} is stale; run `{COMMAND}`"


def test_the_page_has_bounds_defaults_and_forms() -> None:
    """One row of each kind."""
    lines = (ROOT / PAGE).read_text(encoding="utf-8").splitlines()
    assert (
        "| `max_request` | Longest time one request may take. | text, as `30m` | 10m. "
        "| Gateway's limit, idle time of the load balancer, drain. "
        "| How long requests may finish when instances are replaced; SageMaker's own limit without streaming is 60 s. "
        "| Execution timeout of a request, 5s or more; in mode load_balancer the gateway's limit, 5m20s or less. "
        "| Gateway's limit. |"
    ) in lines
    assert any(
        line.startswith("| `max_replicas` | Replicas at the greatest load. | whole number ≥ 1, ≤ 100 ")
        for line in lines
    )
