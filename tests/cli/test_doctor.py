"""`berth doctor`: each check on an account that is well, and then with one thing wrong; exit codes for CI."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import time_machine

from components.cli.main import main
from components.keeper.runtime.targets.listener import BEHIND
from tests.cli.kept_account import FUNCTION, NIGHT, NOON, Account, account, outputs, printed
from tests.cli.kept_runpod import Stack, stack
from tests.components.runpod.fake_runpod import Answer, Asked
from tests.keeper.runtime.test_on_moto import _deployed
from tests.keeper.situation import HOURS, at

WELL = [
    "ok       (stack): credentials: arn:aws:sts::123456789012:user/moto in us-east-1",
    f"ok       (stack): function: {FUNCTION} is there",
    "ok       (stack): undelivered: no run was given up",
    "ok       (stack): alarms: no alarm rings",
    "ok       chat: documents: there, and readable",
    "ok       chat: last run: at 2026-11-23T11:00:00Z",
    f"ok       chat: state: awake, as it is within {HOURS}",
]
NO_DRIFT = "ok       chat: drift: all is as its spec allows at this hour"
AWAKE, ASLEEP = f"it is to be awake, as it is within {HOURS}", f"it is to be asleep, as it is outside of {HOURS}"


class Installed(Account):
    """The account with the function's own configuration beside its runs; `state` is what Lambda says of it."""

    state = "Active"

    def answer(self, asked: Asked) -> Answer:
        if asked.method == "GET":
            assert asked.path == f"/2015-03-31/functions/{FUNCTION}/configuration"
            return Answer(200, {"FunctionName": FUNCTION, "State": self.state, "StateReason": "its key is gone"})
        return super().answer(asked)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """The service at noon, with all that a stack installs beside it."""
    with account(tmp_path, monkeypatch, NOON, Installed) as made:
        boto3.client("sqs").create_queue(QueueName=FUNCTION)
        made.looks()
        made.looks()
        yield made


@pytest.fixture(params=[NOON])
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Account]:
    """The same with instances and a listener of its own."""
    with account(tmp_path, monkeypatch, request.param, Installed, _deployed) as made:
        boto3.client("sqs").create_queue(QueueName=FUNCTION)
        made.looks()
        made.looks()
        yield made


def at_night(test: Any) -> Any:
    return pytest.mark.parametrize("whole", [NIGHT], indirect=True)(test)


def drift(capsys: Any) -> tuple[int, list[str]]:
    """Return what differs, in order."""
    code, lines = printed(capsys, "doctor", "--drift")
    return code, [line.removeprefix("drift    chat: drift: ") for line in lines[7:]]


def wrong(capsys: Any) -> list[str]:
    """Return the lines of what is not well, where that makes the exit code 1."""
    code, lines = printed(capsys, "doctor")
    assert code == 1
    return [line for line in lines if not line.startswith("ok ")]


def test_all_is_well(kept: Account, capsys: Any) -> None:
    """A line for each check; nothing is changed by looking."""
    before = kept.deployed.read("state")
    assert printed(capsys, "doctor") == (0, WELL)
    assert printed(capsys, "doctor", "--drift") == (0, [*WELL, NO_DRIFT])
    assert (kept.deployed.read("state"), kept.events) == (before, [])


def test_as_json(kept: Account, capsys: Any) -> None:
    """The same, for programs."""
    kept.exports({"chat": json.loads((kept.folder / "outputs.json").read_text())["services"]["chat"]})
    assert main(["doctor", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["not_kept"] == []
    assert shown["checks"][0] == {
        "check": "credentials",
        "result": "ok",
        "text": "arn:aws:sts::123456789012:user/moto in us-east-1",
        "service": None,
    }
    assert [one["check"] for one in shown["checks"]] == [
        "credentials",
        "function",
        "undelivered",
        "alarms",
        "documents",
        "last run",
        "state",
    ]


def test_no_credentials(kept: Account, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then there is nothing else to be asked."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    assert printed(capsys, "doctor", "--drift") == (
        1,
        [
            (
                "unasked  (stack): credentials: us-east-1: get_caller_identity: Unable to locate credentials; log in,"
                " or set AWS_PROFILE"
            )
        ],
    )


def test_a_function_that_cannot_run(kept: Account, capsys: Any) -> None:
    """Lambda says why; one that is gone could not be asked."""
    kept.state = "Failed"
    assert wrong(capsys) == [f"bad      (stack): function: {FUNCTION} is Failed: its key is gone; deploy the stack"]


def test_runs_that_were_given_up(kept: Account, capsys: Any) -> None:
    """They are in the queue."""
    url = boto3.client("sqs").get_queue_url(QueueName=FUNCTION)["QueueUrl"]
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody="{}")
    assert wrong(capsys) == [
        (
            f"bad      (stack): undelivered: 1 runs were given up and are in queue {FUNCTION}; its messages say why,"
            " purge it then"
        )
    ]
    boto3.client("sqs").delete_queue(QueueUrl=url)
    [line] = wrong(capsys)
    assert line.startswith("unasked  (stack): undelivered: GetQueueUrl: AWS.SimpleQueueService.NonExistentQueue: ")


def test_alarms_that_ring(kept: Account, capsys: Any) -> None:
    """Of this stack alone, and no more than a line of them."""
    cloudwatch = boto3.client("cloudwatch")
    for name in (
        "berth/prod/chat/silent",
        *(f"berth/prod/chat/spent-{number}" for number in range(6)),
        "berth/dev/x/y",
    ):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="Berth",
            MetricName="State",
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert wrong(capsys) == [
        (
            "bad      (stack): alarms: in ALARM: berth/prod/chat/silent, berth/prod/chat/spent-0,"
            " berth/prod/chat/spent-1, berth/prod/chat/spent-2, berth/prod/chat/spent-3 and 2 more"
        )
    ]


def test_documents_that_are_not_there(kept: Account, capsys: Any) -> None:
    """Or cannot be read: without them, nothing else of the service can be said."""
    kept.deployed.write("awake_until", "soon")
    assert wrong(capsys) == ["bad      chat: documents: awake_until: is not JSON; write {} into it"]
    for kind in ("wake", "state"):
        boto3.client("ssm").delete_parameter(Name=f"/berth/prod/chat/{kind}")
    assert wrong(capsys) == ["bad      chat: documents: state, wake missing; deploy the stack"]


def test_a_keeper_that_is_silent(kept: Account, capsys: Any) -> None:
    """For longer than two runs take."""
    with time_machine.travel(at("2026-11-23 11:25"), tick=False):
        assert printed(capsys, "doctor")[0] == 0
    with time_machine.travel(at("2026-11-23 11:40"), tick=False):
        assert wrong(capsys) == [
            (
                f"bad      chat: last run: {FUNCTION} has not looked at it for 40 min; log group /aws/lambda/{FUNCTION}"
                " says why"
            )
        ]


def test_what_the_keeper_failed_at(kept: Account, capsys: Any) -> None:
    """In its own words, or by the number of starts."""
    state = kept.deployed.read("state")
    kept.deployed.write("state", json.dumps({**state, "problem": "no capacity", "attempts": 3}))
    assert wrong(capsys) == ["bad      chat: state: no capacity"]
    kept.deployed.write("state", json.dumps({**state, "attempts": 3}))
    assert wrong(capsys) == ["bad      chat: state: 3 starts have failed"]


def test_what_is_not_kept_is_named(kept: Account, capsys: Any) -> None:
    """It is no fault."""
    unkept = outputs(state="awake")
    del unkept["keeper"]
    kept.exports({"chat": outputs(), "other": unkept})
    assert printed(capsys, "doctor") == (0, [*WELL, "not kept, so awake all the time: other"])
    kept.exports({"other": unkept})
    assert printed(capsys, "doctor") == (0, ["not kept, so awake all the time: other"])


def test_limits_and_counts_outside_of_the_spec(kept: Account, capsys: Any) -> None:
    """What somebody moved by hand, in a window: exit code 3."""
    scale(1, 9)
    boto3.client("ecs").update_service(cluster="prod-chat", service="chat", desiredCount=7)
    assert drift(capsys) == (
        3,
        [f"limits are 1 to 9, and not 1 to 4; {AWAKE}", f"7 tasks are wanted, and not 1 to 4; {AWAKE}"],
    )
    scale(0, 0)
    boto3.client("ecs").update_service(cluster="prod-chat", service="chat", desiredCount=0)
    assert drift(capsys)[1] == [
        f"limits are 0 to 0, and not 1 to 4; {AWAKE}",
        f"0 tasks are wanted, and not 1 to 4; {AWAKE}",
    ]


@at_night
def test_what_runs_while_it_sleeps(whole: Account, capsys: Any) -> None:
    """A count that somebody raised, a listener that somebody moved; later on, an instance that nobody ended."""
    assert printed(capsys, "doctor", "--drift")[0] == 0
    scale(1, 4)
    boto3.client("ecs").update_service(cluster="prod-chat", service="chat", desiredCount=1)
    boto3.client("autoscaling").set_desired_capacity(AutoScalingGroupName="prod-chat-group", DesiredCapacity=1)
    assert drift(capsys)[1] == [
        f"limits are 1 to 4, and not 0 to 0; {ASLEEP}",
        f"1 tasks are wanted, and not 0; {ASLEEP}",
    ]
    rules = boto3.client("elbv2")
    rules.set_rule_priorities(RulePriorities=[{"RuleArn": whole.deployed.rule, "Priority": BEHIND}])
    at_once = [
        f"limits are 1 to 4, and not 0 to 0; {ASLEEP}",
        f"1 tasks are wanted, and not 0; {ASLEEP}",
        f"the listener asks the service, which sleeps; {ASLEEP}",
    ]
    assert drift(capsys) == (3, at_once)
    rules.set_rule_priorities(RulePriorities=[{"RuleArn": whole.deployed.rule, "Priority": 7}])
    with time_machine.travel(at("2026-11-23 22:31"), tick=False):
        assert drift(capsys)[1] == [
            *at_once[:2],
            f"the listener rule that answers asleep has priority 7, and not 5 or 20; {ASLEEP}",
            f"1 g5.xlarge still billed, more than 30 min after it was put to sleep, as it is outside of {HOURS}",
        ]


def test_a_listener_that_answers_for_a_service_that_serves(whole: Account, capsys: Any) -> None:
    """But not before the keeper has met it awake."""
    boto3.client("elbv2").set_rule_priorities(RulePriorities=[{"RuleArn": whole.deployed.rule, "Priority": 5}])
    assert drift(capsys) == (3, [f"the listener answers that the service sleeps, which it does not; {AWAKE}"])
    whole.deployed.write("state", json.dumps({**whole.deployed.read("state"), "state": "waking"}))
    assert drift(capsys)[0] == 0


def test_just_after_an_edge_the_keeper_has_its_time(whole: Account, capsys: Any) -> None:
    """A minute after the hours it may not have looked yet; twenty-six minutes after its last look it is drift."""
    with time_machine.travel(at("2026-11-23 18:55"), tick=False):
        whole.looks()
    with time_machine.travel(at("2026-11-23 19:01"), tick=False):
        assert drift(capsys) == (0, [NO_DRIFT])
    with time_machine.travel(at("2026-11-23 19:21"), tick=False):
        code, found = drift(capsys)
    assert code == 3
    assert found == [
        f"limits are 1 to 4, and not 0 to 0; {ASLEEP}",
        f"1 tasks are wanted, and not 0; {ASLEEP}",
        f"the listener asks the service, which sleeps; {ASLEEP}",
    ]


def test_an_order_moves_the_band(kept: Account, capsys: Any) -> None:
    """What is asleep by order is no drift within the hours."""
    main(["sleep", "chat", "--now"])
    assert drift(capsys)[1][-1] == NO_DRIFT


def test_a_document_that_was_not_deployed(kept: Account, capsys: Any) -> None:
    """Somebody wrote another one into the parameter."""
    text = json.dumps({**kept.deployed.read("config"), "override_max_seconds": 10**6})
    kept.deployed.write("config", text)
    assert drift(capsys) == (
        3,
        ["the keeper is told something else than what was deployed; run `pulumi up --refresh`"],
    )


def test_what_cannot_be_asked_hides_drift(kept: Account, capsys: Any) -> None:
    """So it is an error, and not 3."""
    boto3.client("ecs").delete_service(cluster="prod-chat", service="chat", force=True)
    assert printed(capsys, "doctor", "--drift") == (
        1,
        [*WELL, "unasked  chat: drift: ECS service prod-chat/chat is not there any more; deploy the stack"],
    )


def scale(least: int, most: int) -> None:
    boto3.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId="service/prod-chat/chat",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=least,
        MaxCapacity=most,
    )


@pytest.fixture
def runpod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """A stack without AWS at night, put to sleep."""
    with stack(tmp_path, monkeypatch, NIGHT) as made:
        main(["keeper", "run", "--once"])
        yield made


def test_without_aws(runpod: Stack, capsys: Any) -> None:
    """No credentials, function, queue or alarms; files, RunPod's limits, an endpoint that is gone."""
    assert printed(capsys, "doctor", "--drift") == (
        0,
        [
            "ok       chat: documents: there, and readable",
            "ok       chat: last run: at 2026-11-23T22:00:00Z",
            f"ok       chat: state: asleep, as it is outside of {HOURS}",
            NO_DRIFT,
        ],
    )
    path = f"/v2/serverless/{runpod.runpod.endpoint_id}"
    runpod.runpod.client().patch(path, {"workers": {"min": 0, "max": 3}})
    code, lines = printed(capsys, "doctor", "--drift")
    assert (code, lines[-1]) == (3, f"drift    chat: drift: workers are 0 to 3, and not 0 to 0; {ASLEEP}")
    runpod.has(details={"endpoint_id": runpod.runpod.endpoint_id, "sleep": "soft", "pools": ["AMPERE_24"]})
    assert printed(capsys, "doctor", "--drift")[1][-1] == NO_DRIFT
    runpod.runpod.client().delete(path)
    code, lines = printed(capsys, "doctor", "--drift")
    assert (code, lines[-1]) == (
        3,
        f"drift    chat: drift: endpoint {runpod.runpod.endpoint_id} is not there any more; run `pulumi refresh`",
    )


def test_without_aws_nobody_has_looked(runpod: Stack, capsys: Any) -> None:
    """It says what to run."""
    (runpod.folder / ".berth" / "keeper" / "prod" / "chat" / "state.json").unlink()
    assert printed(capsys, "doctor")[1][1] == (
        "bad      chat: last run: berth keeper run has not looked at it yet; run `berth keeper run --once` every ten"
        " minutes"
    )
