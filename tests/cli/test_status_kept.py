"""`berth status` of services that are kept: what the keeper wrote down, and what it means for what runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import time_machine

from components.cli.main import main
from tests.cli.kept_account import NIGHT, NOON, Account, account, outputs, printed
from tests.cli.kept_runpod import stack
from tests.keeper.situation import at, budget


@pytest.fixture
def noon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """The service at noon, awake; it has cost 40 USD this month, four of them today."""
    with account(tmp_path, monkeypatch, NOON) as made:
        made.has(budget=budget())
        made.looks()
        spend = {
            "month": "2026-11",
            "usd": 40.0,
            "since": "2026-11-01T00:00:00Z",
            "at": "2026-11-23T11:00:00Z",
            "usd_per_hour": 1.0,
            "before_today_usd": 36.0,
            "projected_usd": 96.5,
        }
        made.deployed.write("state", json.dumps({**made.deployed.read("state"), "spend": spend}))
        yield made


def kept_lines(lines: list[str]) -> list[str]:
    """Return what stands below the first table, with one blank between words."""
    return [" ".join(line.split()) for line in lines[lines.index("") + 1 :]]


def test_what_the_keeper_says(noon: Account, capsys: Any) -> None:
    """State, its end, the next edge, and the money, in the service's own time."""
    code, lines = printed(capsys, "status")
    assert code == 0
    assert " ".join(lines[1].split()) == (
        "chat ecs g5.xlarge (1x A10G) awake 1/1/4 1.00 300 2,000 http://chat.example/v1"
    )
    assert kept_lines(lines) == [
        "KEPT STATE UNTIL NEXT EDGE USD TODAY THIS MONTH AT ITS END BUDGET",
        "chat awake Mon 23 Nov 20:00 Europe/Berlin closes Mon 23 Nov 20:00 Europe/Berlin 4.00 40.00 96.50 100.00",
        "usd: what ran, at list price, in days and months of UTC, as the keeper met it at its last run.",
        "chat: awake, as it is within Mon-Fri 08:00-20:00 Europe/Berlin",
    ]


def test_the_same_as_json(noon: Account, capsys: Any) -> None:
    """Instants in UTC, amounts as numbers."""
    assert main(["status", "chat", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)["services"]
    assert (row["state"], row["problem"]) == ("awake", None)
    assert row["keeper"] == {
        "kept_by": "berth-prod-keeper",
        "owns_replicas": True,
        "last_run": "2026-11-23T11:00:00Z",
        "state": "awake",
        "wanted": "awake",
        "reason": "window",
        "why": "it is within Mon-Fri 08:00-20:00 Europe/Berlin",
        "since": "2026-11-23T11:00:00Z",
        "until": "2026-11-23T19:00:00Z",
        "next_wake": None,
        "ready_at": None,
        "next_edge": {"at": "2026-11-23T19:00:00Z", "opens": False},
        "usd_today": 4.0,
        "usd_month_to_date": 40.0,
        "usd_projected": 96.5,
        "usd_budget": 100.0,
        "problem": None,
    }


def test_a_service_that_sleeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Nothing runs, and that is as it should be."""
    with account(tmp_path, monkeypatch, NIGHT) as made:
        made.looks()
        code, lines = printed(capsys, "status")
    assert code == 0
    assert lines[1].split()[5:7] == ["asleep", "0/0/0"]
    assert kept_lines(lines)[1:] == [
        "chat asleep Tue 24 Nov 08:00 Europe/Berlin opens Tue 24 Nov 08:00 Europe/Berlin 0.00 0.00 60.00 -",
        "usd: what ran, at list price, in days and months of UTC, as the keeper met it at its last run.",
        "chat: asleep, as it is outside of Mon-Fri 08:00-20:00 Europe/Berlin",
    ]


def test_a_keeper_that_is_silent(noon: Account, capsys: Any) -> None:
    """Twenty-five minutes are two runs; yesterday's money is not today's."""
    with time_machine.travel(at("2026-11-23 11:25"), tick=False):
        assert printed(capsys, "status")[1][-1].startswith("chat: awake")
    with time_machine.travel(at("2026-11-23 11:26"), tick=False):
        assert printed(capsys, "status")[1][-1] == (
            "chat: berth-prod-keeper has not looked at it for 26 min; log group /aws/lambda/berth-prod-keeper says why"
        )
    with time_machine.travel(at("2026-11-24 11:00"), tick=False):
        assert kept_lines(printed(capsys, "status")[1])[1].endswith(" unknown 40.00 96.50 100.00")
    with time_machine.travel(at("2026-12-01 11:00"), tick=False):
        assert kept_lines(printed(capsys, "status")[1])[1].endswith(" unknown unknown unknown 100.00")


def test_before_its_first_run(noon: Account, capsys: Any) -> None:
    """What runs is shown, what the keeper would say is unknown."""
    noon.deployed.write("state", "{}")
    code, lines = printed(capsys, "status")
    assert (code, lines[1].split()[5]) == (0, "kept")
    assert kept_lines(lines)[1].startswith("chat unknown - closes Mon 23 Nov 20:00 Europe/Berlin unknown unknown")
    assert lines[-1] == (
        "chat: berth-prod-keeper has not looked at it yet; log group /aws/lambda/berth-prod-keeper says why"
    )


def test_a_keeper_that_cannot_be_asked(noon: Account, capsys: Any) -> None:
    """The row is there all the same; the exit code tells."""
    noon.deployed.write("state", "[]")
    code, lines = printed(capsys, "status")
    assert (code, lines[1].split()[5:7]) == (1, ["kept", "1/1/4"])
    assert lines[-1] == "chat: keeper: state: cannot be read (AttributeError); it is written anew"


def test_what_failed_at_the_last_run(noon: Account, capsys: Any) -> None:
    """In the keeper's words."""
    boto3.client("ecs").delete_service(cluster="prod-chat", service="chat", force=True)
    noon.deployed.write("state", json.dumps({**noon.deployed.read("state"), "problem": "no capacity"}))
    code, lines = printed(capsys, "status")
    assert code == 1
    assert lines[-1] == (
        "chat: us-east-1: ECS service prod-chat/chat: is not there any more; run `pulumi refresh`; no capacity"
    )


def test_one_service_of_many(noon: Account, capsys: Any) -> None:
    """By name; a name that is wrong is corrected."""
    noon.exports({"chat": outputs(), "other": outputs()})
    assert len(kept_lines(printed(capsys, "status", "chat")[1])) == 4
    assert printed(capsys, "status", "chatt") == (
        1,
        ["berth: chatt: the stack has no such service; did you mean chat?"],
    )


def test_a_metered_service_is_as_its_platform_says(noon: Account, capsys: Any) -> None:
    """With a budget that alerts alone, the keeper moves nothing, and knows of no state."""
    noon.has(hours=None, budget=budget(on_breach="alert"))
    noon.looks()
    noon.exports({"chat": outputs(state="awake")})
    assert printed(capsys, "status")[1][1].split()[5:7] == ["awake", "1/1/4"]


def test_without_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """From the files of `berth keeper run`; workers that it took away are no trouble."""
    with stack(tmp_path, monkeypatch, NIGHT):
        assert printed(capsys, "status")[1][-1] == (
            "chat: berth keeper run has not looked at it yet; run `berth keeper run --once` every ten minutes"
        )
        main(["keeper", "run", "--once"])
        code, lines = printed(capsys, "status")
        assert code == 0
        assert lines[1].split()[5:7] == ["asleep", "0/0/0"]
        assert lines[-1] == "chat: asleep, as it is outside of Mon-Fri 08:00-20:00 Europe/Berlin"
