"""`berth keeper run`: the code of the function, from here, with files for documents and no AWS at all."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from components.cli import keeper
from components.cli.main import main
from sandbox.runpod.keys import FULL_KEY
from tests.cli.kept_account import NIGHT, NOON, account, outputs, printed
from tests.cli.kept_runpod import Stack, stack
from tests.keeper.situation import HOURS

ASLEEP = f"asleep, as it is outside of {HOURS}"


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """An endpoint with workers at eleven in the evening, and nobody who has looked at it yet."""
    with stack(tmp_path, monkeypatch, NIGHT) as made:
        yield made


@pytest.fixture
def noon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """The same at noon."""
    with stack(tmp_path, monkeypatch, NOON) as made:
        yield made


def test_one_look_puts_a_service_to_sleep(night: Stack, capsys: Any) -> None:
    """By the limits of its workers; a line says so, and the next look has nothing to do."""
    assert printed(capsys, "keeper", "run", "--once") == (
        0,
        [f"2026-11-23T22:00:00Z chat {ASLEEP}; workers 0 to 0"],
    )
    assert night.runpod.limits() == (0, 0)
    assert night.remembers("state")["next_wake"] == "2026-11-24T07:00:00Z"
    assert printed(capsys, "keeper", "run", "--once") == (0, [f"2026-11-23T22:00:00Z chat {ASLEEP}; nothing to do"])


def test_a_look_as_json(night: Stack, capsys: Any) -> None:
    """One line for each service, as the function's log has it."""
    assert main(["keeper", "run", "--once", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "at": "2026-11-23T22:00:00Z",
        "service": "chat",
        "state": "asleep",
        "wanted": "asleep",
        "reason": "hours",
        "why": f"it is outside of {HOURS}",
        "did": "workers 0 to 0",
        "power": "starting",
        "running": {},
        "detail": "1 initializing",
        "problems": [],
    }


def test_a_look_that_fails(night: Stack, capsys: Any) -> None:
    """Exit code 1, and RunPod's words without the key."""
    night.runpod.client().delete(f"/v2/serverless/{night.runpod.endpoint_id}")
    code, [line] = printed(capsys, "keeper", "run", "--once")
    assert code == 1
    assert line.startswith("2026-11-23T22:00:00Z chat unknown; problem: chat: ")
    assert "404" in line
    assert FULL_KEY not in line


def test_what_a_notice_says_is_printed(noon: Stack, capsys: Any) -> None:
    """Nobody else hears it: there is no topic without AWS."""
    noon.has(notify_before_seconds=12 * 3600)
    assert printed(capsys, "keeper", "run", "--once")[1][0] == (
        "notice: chat sleeps from Mon 23 Nov 20:00 Europe/Berlin on"
    )


def test_orders_without_aws(night: Stack, capsys: Any) -> None:
    """In files of the project, seen to at once from here; whoever is logged in has ordered it."""
    main(["keeper", "run", "--once"])
    assert printed(capsys, "awake", "chat", "--for", "2h") == (
        0,
        [
            "chat: ordered to be awake until Tue 24 Nov 01:00 Europe/Berlin, by ann",
            (
                "chat: waking, as ann ordered it until Tue 24 Nov 01:00 Europe/Berlin; it answers from about Mon 23 Nov"
                " 23:07 Europe/Berlin on; workers 1 to 3"
            ),
        ],
    )
    assert night.runpod.limits() == (1, 3)
    assert printed(capsys, "sleep", "chat", "--now")[1][-1] == (
        "chat: asleep, as ann put it to sleep; it wakes at Tue 24 Nov 08:00 Europe/Berlin; workers 0 to 0"
    )
    assert night.remembers("awake_until") == {
        "at": "2026-11-23T22:00:00Z",
        "by": "ann",
        "kind": "asleep",
        "until": None,
    }


def test_the_folder_is_that_of_the_project(night: Stack, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """From any folder below it, so that cron and a person meet; --state names another."""
    below = night.folder / "stacks" / "services"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert main(["keeper", "run", "--once"]) == 0
    assert night.remembers("state")["state"] == "asleep"
    assert main(["keeper", "run", "--once", "--state", str(night.folder / "other")]) == 0
    assert (night.folder / "other" / "prod" / "chat" / "state.json").is_file()


def test_a_stack_that_tells_no_document(night: Stack, capsys: Any) -> None:
    """One of an older version: the next deployment tells it."""
    night.exports(keeper={"owns": True, "parameters": {}, "function": None})
    assert printed(capsys, "keeper", "run", "--once") == (
        1,
        ["2026-11-23T22:00:00Z chat unknown; problem: chat: config: of chat is missing; deploy the stack"],
    )


def test_what_nobody_keeps(night: Stack, capsys: Any) -> None:
    """A service that is named, or a whole stack."""
    unkept = outputs()
    del unkept["keeper"]
    (night.folder / "outputs.json").write_text(json.dumps({"services": {"chat": unkept}}))
    assert printed(capsys, "keeper", "run", "--once", "chat") == (
        1,
        [
            (
                "berth: chat: has no keeper, so there is nothing to keep; give it schedule, idle or budget in its spec,"
                " and deploy"
            )
        ],
    )
    assert printed(capsys, "keeper", "run", "--once") == (
        1,
        [
            (
                "berth: no service of the stack has a keeper, so there is nothing to keep; give one schedule, idle or"
                " budget in its spec, and deploy"
            )
        ],
    )


def test_the_same_with_the_documents_of_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """To see what the function sees: it reads and writes the parameters, and publishes the figures."""
    with account(tmp_path, monkeypatch, NIGHT) as made:
        assert printed(capsys, "keeper", "run", "--once") == (
            0,
            [
                f"2026-11-23T22:00:00Z chat {ASLEEP}; limits 0 to 0; 0 tasks, not 1",
            ],
        )
        assert made.deployed.read("state")["state"] == "asleep"
        assert made.events == []


def test_what_a_function_keeps_is_left_to_it(night: Stack, capsys: Any) -> None:
    """In a stack of both, only the other one is kept from here: cron may have no credentials of AWS."""
    both = json.loads((night.folder / "outputs.json").read_text())["services"]
    (night.folder / "outputs.json").write_text(json.dumps({"services": {**both, "other": outputs()}}))
    assert printed(capsys, "keeper", "run", "--once")[1] == [f"2026-11-23T22:00:00Z chat {ASLEEP}; workers 0 to 0"]


class EnoughError(Exception):
    """Ends a loop that has no end."""


def looks(stack: Stack, pauses: int, **options: Any) -> list[float]:
    """Return how long is waited after each look."""
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == pauses:
            raise EnoughError

    usual = {"services": [], "once": False, "every": timedelta(minutes=10), "stack": None, "state": None, "json": False}
    with pytest.raises(EnoughError):
        keeper.run(argparse.Namespace(**{**usual, **options}), sleep)
    return waited


def test_as_a_process_it_looks_again_and_again(noon: Stack, capsys: Any) -> None:
    """Every ten minutes, or as asked."""
    assert looks(noon, 3) == [600.0, 600.0, 600.0]
    assert looks(noon, 1, every=timedelta(minutes=30)) == [1800.0]
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_an_edge_is_not_waited_past(noon: Stack) -> None:
    """The hours end eight hours from now: with a look a day it would run all night."""
    assert looks(noon, 1, every=timedelta(days=1)) == [8 * 3600 + 1.0]


def test_a_look_that_fails_ends_no_process(noon: Stack, capsys: Any) -> None:
    """Pulumi's backend may be away for a while."""
    (noon.folder / "outputs.json").write_text("{}")
    assert looks(noon, 2) == [600.0, 600.0]
    assert (
        capsys.readouterr().out.splitlines()
        == ["2026-11-23T11:00:00Z stack (selected) has no services deployed; run `pulumi up`"] * 2
    )


@pytest.mark.parametrize("text", ["59s", "0m"])
def test_a_pause_is_a_minute_or_more(text: str, capsys: Any) -> None:
    """Wrong usage exits with 2."""
    with pytest.raises(SystemExit) as stopped:
        main(["keeper", "run", "--every", text])
    assert stopped.value.code == 2
    assert (
        capsys.readouterr()
        .err.splitlines()[-1]
        .endswith(f"argument --every: {text} is shorter than a minute; metrics have one value per minute")
    )
