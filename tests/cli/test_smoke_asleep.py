"""`berth smoke` and services that sleep: no failure, no proof, and waited for when asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from components.cli.kept import Reach
from components.cli.main import main
from components.cli.smoke_wait import Asleep, asleep
from tests.cli.kept_account import NIGHT, Account, account, outputs, printed
from tests.components.runpod.fake_runpod import Answer, Asked, serving
from tests.keeper.situation import HOURS, at

SLEEPS = f"it is outside of {HOURS}; it wakes at Tue 24 Nov 08:00 Europe/Berlin"


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """The service at eleven in the evening, asleep."""
    with account(tmp_path, monkeypatch, NIGHT) as made:
        made.looks()
        yield made


@dataclass
class Gateway:
    """Answers one question."""

    url: str = ""
    release: Any = None
    asked: list[str] = field(default_factory=list)

    def handle(self, asked: Asked) -> Answer:
        self.asked.append(asked.path)
        return Answer(200, {"choices": [{"message": {"content": "Hello there"}}]})


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """What listens at the address of another service."""
    import threading

    served = Gateway(release=threading.Event())
    with serving(served, served.handle):
        yield served


def test_a_service_that_sleeps_is_not_asked(night: Account, capsys: Any) -> None:
    """Its next wake is said; exit code 4 is neither of the others."""
    assert printed(capsys, "smoke") == (4, [f"chat: asleep: {SLEEPS}"])
    assert main(["smoke", "--json"]) == 4
    [row] = json.loads(capsys.readouterr().out)["services"]
    assert row == {
        "service": "chat",
        "target": "ecs",
        "result": "asleep",
        "seconds": None,
        "queued_seconds": None,
        "ran_seconds": None,
        "answer": None,
        "problem": SLEEPS,
        "next_wake": "2026-11-24T07:00:00Z",
    }


def test_one_that_wakes_is_not_asked_either(night: Account, capsys: Any) -> None:
    """It would answer that it does."""
    main(["awake", "chat", "--for", "3h"])
    assert printed(capsys, "smoke") == (
        4,
        ["chat: asleep: waking, and ready at about Mon 23 Nov 23:07 Europe/Berlin"],
    )


def test_the_others_are_asked(night: Account, gateway: Gateway, capsys: Any) -> None:
    """And a failure among them wins over a service that sleeps."""
    other = outputs(state="awake", openai_base_url=f"{gateway.url}/v1")
    del other["keeper"]
    night.exports({"chat": outputs(), "other": other})
    code, lines = printed(capsys, "smoke")
    assert (code, lines[0]) == (4, f"chat: asleep: {SLEEPS}")
    assert lines[1].startswith("other: answered in ")
    night.exports({"chat": outputs(), "other": {**other, "openai_base_url": "http://127.0.0.1:9/v1"}})
    assert printed(capsys, "smoke")[0] == 1


def test_an_awake_service_is_asked(tmp_path: Path, monkeypatch: Any, gateway: Gateway, capsys: Any) -> None:
    """Also one at which the keeper has not looked yet."""
    with account(tmp_path, monkeypatch, "2026-11-23 11:00") as made:
        made.exports({"chat": outputs(openai_base_url=f"{gateway.url}/v1")})
        assert printed(capsys, "smoke")[0] == 0
        made.looks()
        assert printed(capsys, "smoke")[0] == 0
    assert gateway.asked == ["/v1/chat/completions"] * 2


def test_a_keeper_that_cannot_be_asked_is_a_failure(night: Account, capsys: Any) -> None:
    """Nobody knows whether it sleeps."""
    night.deployed.write("state", "[]")
    assert printed(capsys, "smoke") == (
        1,
        ["chat: failed: state: cannot be read (AttributeError); it is written anew"],
    )


@dataclass
class Night:
    """Time that passes while somebody waits; the function runs every ten minutes, unless it is dead."""

    account: Account
    moment: Any
    is_dead: bool = False
    said: list[str] = field(default_factory=list)
    waits: int = 0

    def sleep(self, seconds: float) -> None:
        assert seconds == 30
        self.waits += 1
        self.moment.shift(timedelta(minutes=10))
        if not self.is_dead:
            self.account.looks()

    def wait(self) -> Asleep | None:
        return asleep("chat", outputs(), Reach(), waits=True, say=self.said.append, sleep=self.sleep)


def test_a_wake_is_waited_for(night: Account) -> None:
    """Each news is said once; it ends as soon as the service is awake."""
    with time_machine.travel(at(NIGHT), tick=False) as moment:
        passing = Night(night, moment)
        assert passing.wait() is None
    waking = "waking, and ready at about Tue 24 Nov 08:07 Europe/Berlin"
    assert passing.said == [f"chat: asleep: {SLEEPS}; waits", f"chat: asleep: {waking}; waits"]
    assert passing.waits == 9 * 6 + 1


def test_a_wake_that_does_not_come_is_a_failure(night: Account) -> None:
    """After the start, as long again, and a run of the keeper: it says who is silent."""
    with time_machine.travel(at(NIGHT), tick=False) as moment:
        found = Night(night, moment, is_dead=True).wait()
    assert found == Asleep(
        f"is not awake in time: {SLEEPS}; berth-prod-keeper says no more", at("2026-11-24 07:00"), is_late=True
    )


def test_nobody_waits_for_a_wake_that_nobody_knows(night: Account, capsys: Any) -> None:
    """A service that a request wakes, or a person."""
    night.has(hours="never UTC")
    night.looks()
    assert printed(capsys, "smoke", "--wait-for-wake") == (
        4,
        ["chat: asleep: it is outside of never; nobody knows when it wakes"],
    )
