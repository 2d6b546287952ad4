"""The program in the guide runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from policies.judge import STACK
from tests.policies.happy import HAPPY, SERVICE, state_of

GUIDE = Path(__file__).resolve().parents[2] / "docs/guides/policies.md"


def test_the_program_of_the_guide_judges_a_state() -> None:
    """What it calls exists, and gives what the text says."""
    [program] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {"exported": {"deployment": {"resources": [state_of(SERVICE, HAPPY[SERVICE])]}}}
    exec(program, names)  # noqa: S102 - our own guide
    assert set(names["outcomes"]) == {"chat", STACK}
    assert {one.rule for one in names["of_the_stack"]} >= {"cost-ceiling-stack", "budget-required"}
    assert [one.rule for one in names["blocking"] if one.rule == "prod-ha"] == []
