"""What does `berth simulate` print, and what does it refuse?"""

from __future__ import annotations

import json

import pytest

from components.cli.main import main

SPEC = """
name: chat
model: {id: Qwen/Qwen3-8B, max_context_tokens: 8192}
accelerators: [L4]
schedule: {hours: "Mon-Fri 08:00-20:00 Europe/Berlin"}
"""


@pytest.fixture
def spec(tmp_path):
    file = tmp_path / "chat.yaml"
    file.write_text(SPEC)
    return file


def test_a_quiet_year_as_json(spec, capsys):
    """261 working days; nothing is wrong, and the meter agrees with the bill."""
    assert main(["simulate", str(spec), "--year", "2027", "--quiet-year", "--target", "sagemaker", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["service"], figures["target"], figures["hours"]) == ("chat", "sagemaker", 8760.0)
    assert (figures["wrongly_awake_minutes"], figures["wrongly_asleep_minutes"]) == (0, 0)
    assert figures["replica_hours"] == pytest.approx(3132.0, abs=0.01)
    assert [month["month"] for month in figures["months"]] == [f"2027-{number:02}" for number in range(1, 13)]
    for month in figures["months"]:
        assert month["metered_usd"] == pytest.approx(month["usd"], rel=0.01)


@pytest.mark.parametrize(
    ("arguments", "text", "said"),
    [
        (
            [],
            SPEC.replace("schedule", "#"),
            "chat: nothing keeps it, so each year is the same; add schedule, idle or budget to the spec",
        ),
        (["--target", "local"], SPEC, "chat: target local has no keeper; use ecs, sagemaker, runpod"),
    ],
)
def test_what_cannot_be_simulated(spec, capsys, arguments, text, said):
    """One message, and exit code 1."""
    spec.write_text(text)
    assert main(["simulate", str(spec), *arguments]) == 1
    assert said in capsys.readouterr().err


def test_a_year_that_no_calendar_has(spec, capsys):
    """Wrong usage is exit code 2."""
    with pytest.raises(SystemExit) as stopped:
        main(["simulate", str(spec), "--year", "12"])
    assert stopped.value.code == 2
    assert "argument --year: use 2000 to 2100" in capsys.readouterr().err
