from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bench import results
from bench.__main__ import PARTS, main
from bench.many_specs import COUNT, specs
from bench.timing import Comparison
from components.errors import BerthError
from components.plan import UNBUILT, make_plan
from components.plan.target import CLOUD_TARGETS
from components.spec import parse_spec


def test_no_spec_of_the_many_is_planned_twice() -> None:
    """500 specs, all different beyond their names, a third on each target."""
    found = list(specs())
    bodies = [json.dumps({name: part for name, part in spec.items() if name != "name"}) for _, spec in found]
    assert len(found) == COUNT == 500
    assert len(set(bodies)) == len(bodies)
    assert {target: sum(where == target for where, _ in found) for target in CLOUD_TARGETS} == dict(
        zip(CLOUD_TARGETS, (167, 167, 166), strict=True)
    )


def test_most_of_the_many_are_planned_and_not_refused() -> None:
    """A refusal is quicker than a plan, so a bench of refusals would say little; every tenth is tried."""
    planned = 0
    for target, spec in list(specs())[::10]:
        try:
            make_plan(
                parse_spec(spec, "bench"),
                target=target,
                stack="dev",
                region="us-east-1",
                images=UNBUILT,
                today=date(2026, 11, 21),
            )
        except BerthError:
            continue
        planned += 1
    assert planned >= 40


def test_a_part_that_is_none_is_refused_with_the_choices(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and no measurement was made."""
    assert main(["speed"]) == 2
    assert capsys.readouterr().err == f"bench: speed is no part; choose from {', '.join(PARTS)}\n"


def test_a_ratio_is_formed_inside_each_round() -> None:
    """A slow minute counts on both sides: 2 s over 1 s and 20 s over 10 s are the same ratio."""
    row = Comparison("plan", (2.0, 20.0, 3.0), (1.0, 10.0, 1.0))
    assert row.to_dict() == {"ratio": 2.0, "seconds": [2.0, 3.0, 20.0], "baseline_seconds": [1.0, 1.0, 10.0]}


def test_stored_seconds_name_their_machine() -> None:
    """Every stored measurement but the accuracy, which no machine changes, says what it ran on."""
    for path in sorted(Path(results.FOLDER).glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        assert ("machine" in found) == (path.stem != "accuracy"), path.name
    assert set(results.machine()) == {"date", "processor", "cores", "system", "python", "load_average"}
