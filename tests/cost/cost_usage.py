"""A month with round numbers: what the planner would make of a load is not what tests of prices are about."""

from __future__ import annotations

from typing import Any

from components.cost.compute import Fleet
from components.cost.traffic import Traffic
from components.cost.usage import Starts, Usage

TRAFFIC = Traffic(requests=73_000, input_tokens=1_000e6, output_tokens=40e6)
"""4 GB of prompts and 10 GB of answers."""
MOST_TRAFFIC = Traffic(requests=219_000, input_tokens=3_000e6, output_tokens=120e6)


def usage(least: float = 1, expected: float | None = 2, most: float = 3, **changes: Any) -> Usage:
    """Return a month of so many replicas on demand, each deployed 0, 8 and 60 times after the first."""
    given: dict[str, Any] = {
        "replicas": (least, expected, most),
        "fleets": (Fleet(least), None if expected is None else Fleet(expected), Fleet(most)),
        "starts": Starts(0, None if expected is None else 8 * expected, 60 * most, first=int(least)),
        "traffic": TRAFFIC,
        "most_traffic": MOST_TRAFFIC,
    }
    return Usage(**{**given, **changes})


UNDECLARED: dict[str, Any] = {"traffic": None, "most_traffic": None}
"""Changes of a month for which no load is declared."""
