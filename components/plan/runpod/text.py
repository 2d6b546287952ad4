"""What `berth plan` says about a service on RunPod alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.model import Plan


def runpod_rows(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield label and text of each row."""
    yield "Endpoint", plan.service
