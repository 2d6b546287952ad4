"""How long are whole processes of `berth plan` and `berth compare`, from the start of the interpreter on?"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.timing import command, compare
from components.plan.target import CLOUD_TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.timing import Comparison

ROOT = Path(__file__).resolve().parents[1]
SPEC = "stacks/services/qwen-2-5-32b.yaml"
"""One that all targets accept."""
GOAL_SECONDS = 0.3
"""For one spec on all targets."""
_ROUNDS = 11


def commands() -> Iterator[Comparison]:
    """Yield each command against an interpreter that only imports what validates the spec."""
    # Compiled modules are kept, as everywhere but in a shell that forbids it.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    baseline = command([sys.executable, "-c", "import pydantic, yaml"], cwd=ROOT, env=env)
    for arguments in [["compare", SPEC], *(["plan", SPEC, "--target", target] for target in CLOUD_TARGETS)]:
        subject = command([str(Path(sys.executable).with_name("berth")), *arguments], cwd=ROOT, env=env)
        name = " ".join(word for word in arguments if word != SPEC)
        yield compare(f"berth {name}, over importing pydantic and yaml", subject, baseline, rounds=_ROUNDS)
