"""`make bench`: how well is speed predicted, and how fast are Berth and its gateway? Measured here and now, and stored.

`python -m bench commands many_specs` runs these parts alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench import accuracy
from bench.commands import GOAL_SECONDS, ROOT, commands
from bench.many_specs import COUNT
from bench.results import store

if TYPE_CHECKING:
    from collections.abc import Callable

MANY_GOAL_SECONDS = 2.0
_PROCESSES = 3


def _commands() -> None:
    found = {}
    for row in commands():
        print(row)
        found[row.name] = row.to_dict()
    print(f"goal: one spec on all targets within {GOAL_SECONDS:g} s")
    store("commands", {"goal_seconds": GOAL_SECONDS, "commands": found})


def _many_specs() -> None:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    rows = []
    for _ in range(_PROCESSES):
        answer = subprocess.run(
            [sys.executable, "-m", "bench.many_specs"], cwd=ROOT, env=env, check=True, capture_output=True, text=True
        )
        row = json.loads(answer.stdout)
        rows.append(row)
        print(
            f"{row['specs']} specs in one process: {row['parse_seconds'] + row['plan_seconds']:.2f} s, of one plan "
            f"{row['plan_p50_ms']:.1f} ms at the median and {row['plan_p95_ms']:.1f} at p95; {row['refused']} refused"
        )
    print(f"goal: {COUNT} specs within {MANY_GOAL_SECONDS:g} s")
    store("many_specs", {"goal_seconds": MANY_GOAL_SECONDS, "processes": rows})


def _policies() -> None:
    from bench.policy_pack import COUNT as RESOURCES  # noqa: PLC0415 - loads Pulumi
    from bench.policy_pack import measure  # noqa: PLC0415

    found = measure()
    print(f"policies on {RESOURCES} resources: {sum(found.values()):.2f} s of the processor; goal: 1 s")
    store("policies", {"goal_seconds": 1.0, "resources": RESOURCES, **found})


def _preview() -> None:
    from bench.preview import preview  # noqa: PLC0415 - needs the sandbox

    row = preview()
    print(row)
    store("preview", {row.name: row.to_dict()})


def _gateway() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figures.json"
        subprocess.run([sys.executable, "-m", "images.gateway.bench", "--json", str(path)], cwd=ROOT, check=True)
        found = json.loads(path.read_text(encoding="utf-8"))
    # What each round measured fills pages, and the figures are made of it.
    store("gateway", {name: value for name, value in found.items() if name != "rounds"})


def _accuracy() -> None:
    accuracy.main()


PARTS: dict[str, Callable[[], None]] = {
    "accuracy": _accuracy,
    "commands": _commands,
    "gateway": _gateway,
    "many_specs": _many_specs,
    "policies": _policies,
    "preview": _preview,
}


def main(names: list[str]) -> int:
    """Run the named parts, all without a name; 2 for a name that is none."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"bench: {unknown[0]} is no part; choose from {', '.join(PARTS)}", file=sys.stderr)
        return 2
    for name in names or PARTS:
        PARTS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
