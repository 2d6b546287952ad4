"""`berth awake` and `berth sleep`: written down, done at once by the function, shown; and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from components.cli.kept import Caller, Reach
from components.cli.main import main
from tests.cli.kept_account import FUNCTION, NIGHT, NOON, Account, account, outputs, printed
from tests.components.runpod.fake_runpod import Answer
from tests.keeper.situation import at, budget


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """The service at eleven in the evening, asleep."""
    with account(tmp_path, monkeypatch, NIGHT) as made:
        made.looks()
        yield made


@pytest.fixture
def noon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """The service at noon, awake."""
    with account(tmp_path, monkeypatch, NOON) as made:
        made.looks()
        yield made


def test_a_sleeping_service_is_woken_at_once(night: Account, capsys: Any) -> None:
    """The order is in the parameter, the function was called for this service alone, and the count is up."""
    assert night.deployed.service()["desiredCount"] == 0
    assert printed(capsys, "awake", "chat", "--for", "3h") == (
        0,
        [
            "chat: ordered to be awake until Tue 24 Nov 02:00 Europe/Berlin, by user/moto",
            (
                "chat: waking, as user/moto ordered it until Tue 24 Nov 02:00 Europe/Berlin; it answers from about"
                " Mon 23 Nov 23:07 Europe/Berlin on; limits 1 to 4; 1 tasks, not 0"
            ),
        ],
    )
    assert night.deployed.read("awake_until") == {
        "at": "2026-11-23T22:00:00Z",
        "by": "user/moto",
        "kind": "awake",
        "until": "2026-11-24T01:00:00Z",
    }
    assert night.events == [{"services": ["chat"], "tolerant": True}]
    assert (night.deployed.service()["desiredCount"], night.deployed.limits()) == (1, (1, 4))


def test_a_service_is_put_to_sleep_at_once(noon: Account, capsys: Any) -> None:
    """Until the next opening, which is tomorrow."""
    assert printed(capsys, "sleep", "chat", "--now") == (
        0,
        [
            "chat: ordered to be asleep, by user/moto",
            (
                "chat: asleep, as user/moto put it to sleep; it wakes at Tue 24 Nov 08:00 Europe/Berlin; limits 0 to 0;"
                " 0 tasks, not 1"
            ),
        ],
    )
    assert (noon.deployed.service()["desiredCount"], noon.deployed.limits()) == (0, (0, 0))


def test_an_order_as_json(noon: Account, capsys: Any) -> None:
    """The document, what the function said, and the state after that."""
    assert main(["awake", "chat", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    state = shown.pop("state")
    assert (state["state"], state["until"], state["reason"]) == ("awake", "2026-11-23T19:00:00Z", "override")
    assert shown == {
        "service": "chat",
        "order": {
            "at": "2026-11-23T11:00:00Z",
            "by": "user/moto",
            "kind": "awake",
            "until": "2026-11-23T19:00:00Z",
        },
        "notes": [],
        "outcome": {
            "state": "awake",
            "wanted": "awake",
            "reason": "override",
            "why": "user/moto ordered it until Mon 23 Nov 20:00 Europe/Berlin",
            "did": "",
            "power": "on",
            "running": {"g5.xlarge": 1},
            "detail": "1 of 1 tasks run, 0 start",
            "problems": [],
        },
        "problems": [],
    }


def test_an_order_without_effect_says_so(noon: Account, capsys: Any) -> None:
    """It is awake already; the order only says how long."""
    assert printed(capsys, "awake", "chat") == (
        0,
        [
            "chat: ordered to be awake until Mon 23 Nov 20:00 Europe/Berlin, by user/moto",
            "chat: awake, as user/moto ordered it until Mon 23 Nov 20:00 Europe/Berlin; nothing had to be done",
        ],
    )


def test_what_the_function_cannot_do_is_told(night: Account, capsys: Any) -> None:
    """The order stays, the next run tries again, and the exit code tells."""
    boto3.client("ecs").delete_service(cluster="prod-chat", service="chat", force=True)
    code, lines = printed(capsys, "awake", "chat", "--for", "3h")
    assert (code, lines[1:]) == (
        1,
        [
            (
                "chat: asleep, as it is outside of Mon-Fri 08:00-20:00 Europe/Berlin; it wakes at Tue 24 Nov 08:00"
                " Europe/Berlin; nothing had to be done"
            ),
            "chat: problem: chat: ECS service prod-chat/chat is not there any more; deploy the stack",
        ],
    )


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            Answer(403, {"Message": "not authorized"}, headers={"x-amzn-ErrorType": "AccessDeniedException"}),
            "AccessDeniedException: not authorized",
        ),
        (
            Answer(200, {"errorMessage": "Task timed out"}, headers={"X-Amz-Function-Error": "Unhandled"}),
            "Task timed out",
        ),
    ],
)
def test_an_order_that_nobody_sees_to_now(night: Account, capsys: Any, answer: Answer, reason: str) -> None:
    """It is written down all the same, and said when it will be seen to."""
    night.lost = answer
    assert printed(capsys, "awake", "chat", "--for", "3h") == (
        1,
        [
            "chat: ordered to be awake until Tue 24 Nov 02:00 Europe/Berlin, by user/moto",
            (
                f"chat: problem: the order is written down, and the next run of {FUNCTION} sees to it:"
                f" us-east-1: function {FUNCTION}: {reason}"
            ),
        ],
    )
    assert night.deployed.read("awake_until")["kind"] == "awake"


def test_a_refused_order_changes_nothing(night: Account, capsys: Any) -> None:
    """Neither the parameter nor what runs."""
    assert printed(capsys, "awake", "chat", "--for", "13h") == (
        1,
        [
            (
                "berth: --for: 13h is longer than chat may be kept awake by hand; ask for 12h or less, or raise"
                " schedule.override_max in its spec and deploy"
            )
        ],
    )
    assert (night.deployed.read("awake_until"), night.events) == ({}, [])


def test_a_spent_budget_is_acknowledged_by_hand(noon: Account, capsys: Any) -> None:
    """The amounts of the last run decide, and the order says that they were seen."""
    noon.has(budget=budget(grace_seconds=0))
    spend = {
        "month": "2026-11",
        "usd": 104.0,
        "since": "2026-11-01T00:00:00Z",
        "at": "2026-11-23T11:00:00Z",
        "usd_per_hour": 1.0,
    }
    noon.deployed.write("state", json.dumps({**noon.deployed.read("state"), "spend": spend}))
    noon.looks()
    assert noon.deployed.read("state")["reason"] == "budget"
    assert printed(capsys, "awake", "chat") == (
        1,
        [
            (
                "berth: chat: is stopped by its budget: 104.00 USD of 100.00 USD for 2026-11 are spent; berth awake"
                " chat --ack-budget lets it run until the month ends, at its price"
            )
        ],
    )
    code, lines = printed(capsys, "awake", "chat", "--ack-budget")
    assert (code, lines[0]) == (0, "chat: ordered to be awake until Mon 23 Nov 20:00 Europe/Berlin, by user/moto")
    assert noon.deployed.service()["desiredCount"] == 1
    assert noon.deployed.read("state")["acknowledged_month"] == "2026-11"


def test_what_cannot_be_ordered(noon: Account, capsys: Any) -> None:
    """A service that is not there, one without a keeper, one whose parameters are gone: each with what to do."""
    assert printed(capsys, "sleep", "chatt", "--now") == (
        1,
        ["berth: chatt: the stack has no such service; did you mean chat?"],
    )
    boto3.client("ssm").delete_parameter(Name="/berth/prod/chat/awake_until")
    assert printed(capsys, "sleep", "chat", "--now") == (
        1,
        ["berth: the parameter for orders to chat is not there; deploy the stack"],
    )
    boto3.client("ssm").delete_parameter(Name="/berth/prod/chat/config")
    assert printed(capsys, "awake", "chat") == (1, ["berth: config: of chat is missing; deploy the stack"])
    unkept = outputs(state="awake")
    del unkept["keeper"]
    noon.exports({"chat": unkept})
    assert printed(capsys, "awake", "chat") == (
        1,
        [
            (
                "berth: berth awake: chat has no keeper: it is awake all the time; give it schedule or idle in its"
                " spec, and deploy"
            )
        ],
    )


@pytest.mark.parametrize("text", ["3", "3 h", "", "forever", "-1h"])
def test_a_length_has_a_unit(text: str, capsys: Any) -> None:
    """Wrong usage exits with 2, and shows how it is written."""
    with pytest.raises(SystemExit) as stopped:
        main(["awake", "chat", f"--for={text}"])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        f'berth awake: error: argument --for: {text} is not a length of time; write a number with its unit, as "30m",'
        ' "1h30m" or "2d"'
    )


def test_nobody_is_put_to_sleep_by_accident(capsys: Any) -> None:
    """`--now` says that it is meant."""
    with pytest.raises(SystemExit) as stopped:
        main(["sleep", "chat"])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.endswith("the following arguments are required: --now\n")


class Identity:
    """STS, whose clock is right."""

    def get_caller_identity(self) -> dict[str, Any]:
        headers = {"date": "Mon, 23 Nov 2026 11:00:00 GMT"}
        arn = "arn:aws:sts::123456789012:assumed-role/Admin/ann@example.com"
        return {"Arn": arn, "ResponseMetadata": {"HTTPHeaders": headers}}


def test_orders_go_by_the_clock_of_aws() -> None:
    """One of a minute from now would be none to the keeper; the account's number is not in what people read."""
    reach = Reach()
    reach.clients = lambda *_: Identity()
    assert reach.caller("us-east-1") == Caller(
        "assumed-role/Admin/ann@example.com",
        "arn:aws:sts::123456789012:assumed-role/Admin/ann@example.com",
        at(NOON),
    )
