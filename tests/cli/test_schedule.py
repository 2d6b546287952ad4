"""`berth schedule` prints when a service is awake, when that changes, and what it saves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.cli.main import main

SPEC = str(Path(__file__).resolve().parents[2] / "stacks/services/llama-3-1-8b.yaml")
HOURS = "Mon-Fri 08:00-20:00 Europe/Berlin"
SCHEDULE = f'schedule: {{hours: "{HOURS}", holidays: ["2026-12-24..2027-01-01"]}}\n'


@pytest.fixture
def spec(tmp_path: Path) -> str:
    """The example with awake hours."""
    path = tmp_path / "chat.yaml"
    path.write_text(Path(SPEC).read_text() + SCHEDULE)
    return str(path)


def printed(capsys: Any, *arguments: str) -> str:
    assert main(["schedule", *arguments]) == 0
    return capsys.readouterr().out


def test_hours_without_a_spec_are_drawn_and_counted(capsys: Any) -> None:
    """The whole page: no price without a spec."""
    hours = "Mon-Fri 08:00-20:00 + Sat 09:30-14:00 Europe/Berlin"
    assert printed(capsys, "--hours", hours, "--at", "2026-11-21T12:00Z", "--edges", "2") == (
        "Mon-Fri 08:00-20:00 + Sat 09:30-14:00 Europe/Berlin\n"
        "awake 64.5 of 168 hours a week, 280.3 of 730 a month, 3,366 of 8,760 in 2026\n"
        "\n"
        "     00    06    12    18   24\n"
        "Mon  ········████████████····\n"
        "Tue  ········████████████····\n"
        "Wed  ········████████████····\n"
        "Thu  ········████████████····\n"
        "Fri  ········████████████····\n"
        "Sat  ·········▐████··········\n"
        "Sun  ························\n"
        "█ awake  · asleep  ▌▐ awake in the first or second half hour  ▒ in another part of the hour\n"
        "\n"
        "awake on Sat 2026-11-21 13:00 (Europe/Berlin)\n"
        "BECOMES  LOCAL TIME            UTC\n"
        "asleep   Sat 2026-11-21 14:00  2026-11-21T13:00Z\n"
        "awake    Mon 2026-11-23 08:00  2026-11-23T07:00Z\n"
    )


def test_a_spec_with_a_schedule_says_what_it_saves(spec: str, capsys: Any) -> None:
    """Its holidays are in the edges, and in the hours of the year; ECS gives instances back late."""
    page = printed(capsys, spec, "--at", "2026-12-23T12:00", "--edges", "2")
    assert page.startswith(
        "llama-3-1-8b on ecs: Mon-Fri 08:00-20:00 Europe/Berlin\n"
        "holidays 2026-12-24..2027-01-01\n"
        "awake 60 of 168 hours a week, 260.7 of 730 a month, 3,060 of 8,760 in 2026\n"
    )
    assert (
        "awake on Wed 2026-12-23 12:00 (Europe/Berlin)\n"
        "BECOMES  LOCAL TIME            UTC\n"
        "asleep   Wed 2026-12-23 20:00  2026-12-23T19:00Z\n"
        "awake    Mon 2027-01-04 08:00  2027-01-04T07:00Z\n"
    ) in page
    assert "floor: 1 x g6.2xlarge at 0.9776 USD per hour" in page
    assert (
        "with these hours ecs takes an instance back up to 10m after each of 21.7 closings, which the amounts have in "
        "them\n" in page
    )


def test_json_has_the_same(spec: str, capsys: Any) -> None:
    """Amounts that add up, 168 shares, and instants with their offset."""
    found = json.loads(printed(capsys, spec, "--at", "2026-11-21T12:00Z", "--edges", "1", "--json"))
    assert found["hours"] == HOURS
    assert (found["service"], found["target"], found["start"]) == ("llama-3-1-8b", "ecs", "auto")
    assert found["holidays"] == ["2026-12-24..2027-01-01"]
    assert (found["at"], found["awake"]) == ("2026-11-21T13:00:00+01:00", False)
    assert found["edges"] == [
        {"at": "2026-11-23T07:00:00+00:00", "local": "2026-11-23T08:00:00+01:00", "becomes": "awake"}
    ]
    assert sum(found["awakeShare"]) == found["hoursPerWeek"] == 60
    assert found["hoursPerYear"] == {"year": 2026, "awake": 3060, "all": 8760}
    floor = found["saving"]["floor"]
    assert floor["saved"] == round(floor["always"] - floor["scheduled"], 2) > 0
    assert found["findings"] == []


def test_other_hours_are_tried_on_a_spec_that_has_none(capsys: Any) -> None:
    """What would it save? The holidays of a spec that has some would stay."""
    found = json.loads(printed(capsys, SPEC, "--hours", "never", "--at", "2026-11-21", "--json"))
    assert (found["hours"], found["awake"], found["edges"]) == ("never", False, [])
    assert found["saving"]["floor"]["saved"] > 600


def test_other_hours_keep_the_holidays_of_the_spec(spec: str, capsys: Any) -> None:
    """Only the windows are tried."""
    found = json.loads(printed(capsys, spec, "--hours", "always Europe/Berlin", "--at", "2026-11-21", "--json"))
    assert [edge["local"] for edge in found["edges"]] == ["2026-12-24T00:00:00+01:00", "2027-01-02T00:00:00+01:00"]


def test_a_commitment_is_said_to_be_paid_asleep(tmp_path: Path, capsys: Any) -> None:
    """So that nobody expects to save what is bound."""
    path = tmp_path / "chat.yaml"
    path.write_text(Path(SPEC).read_text() + SCHEDULE + "pricing: {commitment: 1y_no_upfront}\n")
    page = printed(capsys, str(path), "--at", "2026-11-21")
    assert "the commitment of pricing is paid while the service sleeps too\n" in page


def test_always_changes_nothing(capsys: Any) -> None:
    """The page says so, and has no table."""
    page = printed(capsys, "--hours", "always", "--at", "2026-11-21")
    assert page.endswith("awake on Sat 2026-11-21 00:00 (UTC)\nnothing changes after that\n")


def test_findings_are_printed(capsys: Any) -> None:
    """The text of each, folded at 100 columns."""
    page = printed(capsys, "--hours", "Sun 02:30-06:00 Europe/Berlin", "--at", "2026-11-21", "--edges", "0")
    assert page.endswith(
        "warning: opens Sun 02:30, a time that Europe/Berlin skips on 2027-03-28: it happens when the clock\n"
        "  jumps; choose a time outside 02:00-03:00\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            [SPEC],
            (
                f"{SPEC}: schedule: is missing, the service is always awake; "
                'add schedule: {hours: "Mon-Fri 08:00-20:00 Europe/Berlin"}, or ask what hours would save with --hours'
            ),
        ),
        (
            ["--hours", "Mon-Fri 08:00-20:60 UTC"],
            "--hours: window 1: 20:60 is not a time of day; use 00:00 to 24:00",
        ),
        (
            ["--hours", "always", "--at", "tomorrow"],
            "--at: tomorrow is not a time; write it as 2026-12-24, 2026-12-24T18:00 or 2026-12-24T18:00Z",
        ),
        (
            ["--hours", "always", "--at", "9999-12-31"],
            "--at: 9999-12-31T00:00:00+00:00 is far away; use the years 1970 to 9990",
        ),
    ],
)
def test_a_mistake_ends_with_one_message_and_code_1(arguments: list[str], message: str, capsys: Any) -> None:
    """What is wrong, and what to write."""
    assert main(["schedule", *arguments]) == 1
    assert capsys.readouterr().err == f"berth: {message}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a spec, or give --hours"),
        (["--hours", "always", "--edges", "-1"], "argument --edges: use 0 to 1000"),
    ],
)
def test_wrong_usage_ends_with_code_2(arguments: list[str], message: str, capsys: Any) -> None:
    """As argparse has it."""
    with pytest.raises(SystemExit) as ended:
        main(["schedule", *arguments])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
