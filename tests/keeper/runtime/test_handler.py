"""What does AWS call, and what is it answered?"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from components.keeper.runtime.calls import Calls
from components.keeper.runtime.errors import KeeperError, NoCapacityError
from components.keeper.runtime.handler import UnkeptError, answer, handle
from components.keeper.runtime.platforms import Platforms
from components.keeper.runtime.relay import read_message
from components.keeper.runtime.services import Services
from components.keeper.runtime.targets.ecs import EcsTarget
from components.keeper.runtime.targets.runpod import RunpodTarget
from components.keeper.runtime.targets.sagemaker import SagemakerTarget
from tests.components.sagemaker_endpoint import INPUTS
from tests.keeper.platform import Documents, Listener, Platform
from tests.keeper.runtime.ecs_account import DETAILS
from tests.keeper.situation import at, config

URL = {"requestContext": {"http": {"method": "POST"}}}


@dataclass
class Chat:
    """Hears of messages by the secret of its address; `fails` is raised by the first."""

    heard: list[tuple[str, str]] = field(default_factory=list)
    fails: KeeperError | None = None

    def send(self, secret_arn: str, text: str) -> None:
        self.heard.append((secret_arn, text))
        if self.fails:
            error, self.fails = self.fails, None
            raise error


@dataclass
class Stack:
    """Two services of one stack on platforms that do what they are told."""

    now: str = "2026-11-23 07:00"
    platforms: dict[str, Platform] = field(default_factory=lambda: {"chat": Platform(), "code": Platform()})
    documents: dict[str, Documents] = field(default_factory=dict)
    listener: Listener = field(default_factory=Listener)
    chat: Chat = field(default_factory=Chat)

    def __post_init__(self) -> None:
        for name in self.platforms:
            notify = {"webhook_secret": f"secret-of-{name}"}
            text = config(service=name, notify=notify).to_json()
            self.documents[name] = Documents({"config": text, "state": "{}"})

    @property
    def services(self) -> Services:
        return Services(
            self.platforms,
            documents=self.documents.__getitem__,
            platforms=lambda: self,
            voice=self.listener,
            clock=lambda: at(self.now),
        )

    def target(self, kept: Any) -> Platform:
        return self.platforms[kept.service]

    def call(self, event: dict[str, Any]) -> dict[str, Any]:
        return answer(event, self.services, self.chat)

    def wake(self, body: Any, **event: Any) -> tuple[int, Any]:
        text = body if isinstance(body, str) else json.dumps(body)
        told = self.call({**URL, "body": text, **event})
        assert told["headers"]["content-type"] == "application/json"
        return told["statusCode"], json.loads(told["body"])


def test_a_run_keeps_all_services():
    """And answers what came of each."""
    stack = Stack()
    found = stack.call({})
    assert found["code"] == {
        "state": "waking",
        "wanted": "awake",
        "reason": "window",
        "why": "it is within Mon-Fri 08:00-20:00 Europe/Berlin",
        "did": "started",
        "power": "off",
        "running": {},
        "detail": "",
        "problems": [],
    }
    assert list(found) == ["chat", "code"]
    assert stack.call({"services": []}).keys() == {"chat", "code"}


def test_a_run_at_an_edge_keeps_one():
    """The others have edges of their own."""
    stack = Stack()
    assert list(stack.call({"services": ["code"]})) == ["code"]
    assert stack.platforms["chat"].orders == []


def test_trouble_with_one_is_no_trouble_for_the_others():
    """It is raised when all have had their turn, so that the alarm rings."""
    stack = Stack()
    stack.documents["chat"].texts["config"] = "{"
    with pytest.raises(UnkeptError) as raised:
        stack.call({})
    assert str(raised.value) == (
        "chat: config: cannot be read (JSONDecodeError: Expecting property name enclosed in double quotes:"
        " line 1 column 2 (char 1)); deploy the stack"
    )
    assert stack.platforms["code"].orders == ["wake 0"]


def test_a_service_that_cannot_be_started_rings():
    """Although everything else about it was done."""
    stack = Stack()
    stack.platforms["chat"].fails = NoCapacityError("no g6.2xlarge in us-east-1")
    with pytest.raises(UnkeptError, match=r"^chat could not be woken: no g6\.2xlarge in us-east-1$"):
        stack.call({})
    assert stack.platforms["code"].orders == ["wake 0"]


def test_a_deployment_is_not_failed_by_what_it_cannot_help():
    """It asks for a run that only says what went wrong."""
    stack = Stack()
    stack.platforms["chat"].fails = NoCapacityError("no g6.2xlarge in us-east-1")
    stack.documents["code"].texts.pop("config")
    assert stack.call({"tolerant": True})["chat"]["problems"] == ["chat could not be woken: no g6.2xlarge in us-east-1"]
    assert stack.call({"tolerant": True})["code"] == {"problems": []}


def test_a_service_that_the_deployment_under_way_has_not_told_of_yet(caplog):
    """Is in the log, and no failure: the function knows of it first."""
    stack = Stack()
    stack.documents["code"].texts.pop("config")
    assert stack.call({})["code"] == {"problems": []}
    assert "code: has no configuration yet" in caplog.messages
    assert stack.platforms["code"].orders == []


def test_a_mistake_of_the_keeper_s_own_about_one_service(caplog):
    """Keeps no other GPU running, and is in the log with where it was made."""
    stack = Stack()
    stack.platforms["chat"] = None
    with pytest.raises(UnkeptError, match=r"^chat: AttributeError: 'NoneType' object has no attribute 'capacity'$"):
        stack.call({})
    assert stack.platforms["code"].orders == ["wake 0"]
    assert [record.exc_info is not None for record in caplog.records if record.levelname == "ERROR"] == [True]


def test_a_schedule_of_a_service_that_is_no_more():
    """Says which there are."""
    with pytest.raises(UnkeptError, match=r"^'gone' is no service that this keeper keeps; use one of: chat, code$"):
        Stack().call({"services": ["gone"]})


def asleep() -> Stack:
    """A stack of which one service was stopped for idleness within its hours."""
    stack = Stack(now="2026-11-23 12:00")
    settings = {"service": "chat", "idle_seconds": 1800, "start_seconds": 420}
    stack.documents["chat"].texts |= {
        "config": config(**settings).to_json(),
        "state": json.dumps(
            {
                "state": "asleep",
                "wanted": "asleep",
                "why": "",
                "reason": "idle",
                "replicas": 0,
                "next_wake": None,
                "ready_at": None,
                "idle_stop_at": "2026-11-23T11:00:00Z",
            }
        ),
    }
    return stack


def test_a_request_wakes_a_service():
    """202 with the seconds; the next ones of the burst are told that it is under way; awake takes no time."""
    stack = asleep()
    body = {"service": "chat", "key_id": "team-a"}
    assert stack.wake(body) == (202, {"expected_seconds": 420})
    assert stack.platforms["chat"].orders == ["wake 0"]
    stack.platforms["chat"].power = "starting"
    told = stack.call({**URL, "body": json.dumps(body)})
    assert (told["statusCode"], told["headers"]["retry-after"]) == (429, "420")
    stack.platforms["chat"].power = "on"
    assert stack.wake(body) == (202, {"expected_seconds": 0})


def test_the_answer_while_asleep_asks_with_the_body_alone():
    """As a function, and gets what the hook answers."""
    stack = asleep()
    told = stack.call({"service": "chat", "key_id": "team-a"})
    assert (told["statusCode"], json.loads(told["body"])) == (202, {"expected_seconds": 420})


def test_outside_of_its_hours_a_service_is_not_woken():
    """409 with the next wake."""
    stack = Stack(now="2026-11-23 21:00")
    assert stack.wake({"service": "chat", "key_id": "a"}) == (409, {"next_wake": "2026-11-24T07:00:00Z"})
    assert stack.platforms["chat"].orders == []


def test_a_body_in_base64():
    """As the address of a function gives what it takes for binary."""
    text = base64.b64encode(json.dumps({"service": "chat", "key_id": "a"}).encode()).decode()
    assert asleep().wake(text, isBase64Encoded=True)[0] == 202


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        {"service": "chat"},
        {"service": 1, "key_id": "a"},
        {"service": "chat", "key_id": ""},
        {"service": "chat", "key_id": "k" * 201},
        {"service": "chat", "key_id": None},
    ],
)
def test_a_body_that_wakes_nothing(body):
    """400 with one that would."""
    said = 'the body is not what wakes a service; POST {"service": "chat", "key_id": "team-a"}'
    assert asleep().wake(body) == (400, {"error": said})


def test_a_body_that_is_no_base64():
    """Is as bad as one that is no JSON."""
    assert asleep().wake("%%%", isBase64Encoded=True)[0] == 400


def test_a_service_that_nobody_keeps():
    """404 with those that are kept."""
    said = "'other' is no service that this keeper keeps; use one of: chat, code"
    assert asleep().wake({"service": "other", "key_id": "a"}) == (404, {"error": said})


def test_a_method_that_wakes_nothing():
    """405 with the one that does."""
    told = Stack().call({"requestContext": {"http": {"method": "GET"}}})
    assert (told["statusCode"], told["headers"]["allow"]) == (405, "POST")


def test_a_platform_that_does_not_answer_the_hook():
    """503 with what it said."""
    stack = asleep()
    stack.documents["chat"].texts.pop("config")
    said = "config: of chat is missing; deploy the stack"
    assert stack.wake({"service": "chat", "key_id": "a"}) == (503, {"error": said})


def alarm(**changes: Any) -> str:
    """What CloudWatch sends to a topic."""
    usual = {
        "AlarmName": "prod/chat/spend",
        "AlarmDescription": "chat has spent 80 % of its month.",
        "NewStateValue": "ALARM",
        "NewStateReason": "Threshold Crossed",
        "Trigger": {"Dimensions": [{"name": "Stack", "value": "prod"}, {"name": "Service", "value": "chat"}]},
    }
    return json.dumps({**usual, **changes})


def record(message: str, subject: str = "ALARM", **more: Any) -> dict[str, Any]:
    return {"EventSource": "aws:sns", "Sns": {"Subject": subject, "Message": message, **more}}


def test_an_alarm_reaches_the_chat_of_its_service():
    """And nobody else's."""
    stack = Stack()
    assert stack.call({"Records": [record(alarm())]}) == {"told": 1}
    assert stack.chat.heard == [("secret-of-chat", "ALARM: prod/chat/spend: chat has spent 80 % of its month.")]


def test_what_is_about_no_service_reaches_all_chats_once():
    """An alarm on the keeper itself, or AWS Budgets; a chat of two services hears it once."""
    stack = Stack()
    both = [record(alarm(Trigger={"Dimensions": []})), record("Dear customer", "AWS Budgets: prod-chat")]
    assert stack.call({"Records": both}) == {"told": 4}
    assert {secret for secret, _ in stack.chat.heard} == {"secret-of-chat", "secret-of-code"}
    assert stack.chat.heard[-1][1] == "AWS Budgets: prod-chat"
    shared = config(service="code", notify={"webhook_secret": "secret-of-chat"}).to_json()
    stack.documents["code"].texts["config"] = shared
    assert stack.call({"Records": both[:1]}) == {"told": 1}


def test_a_notice_that_comes_back_is_not_told_twice():
    """The chat had it when it was published."""
    stack = Stack()
    marked = record("chat sleeps soon", MessageAttributes={"berth": {"Type": "String", "Value": "stop"}})
    assert stack.call({"Records": [marked]}) == {"told": 0}
    assert stack.chat.heard == []


def test_a_chat_that_does_not_hear_keeps_no_other_from_hearing():
    """And the function fails, so that the message is passed on again."""
    stack = Stack()
    stack.chat.fails = KeeperError("webhook: the address answered 500")
    with pytest.raises(KeeperError, match="answered 500"):
        stack.call({"Records": [record("x", "AWS Budgets: prod-chat")]})
    assert len(stack.chat.heard) == 2


def test_a_service_whose_document_is_broken_keeps_no_message_from_the_others():
    """Its own runs say that it is."""
    stack = Stack()
    stack.documents["chat"].texts["config"] = "{"
    assert stack.call({"Records": [record("x", "AWS Budgets: prod-chat")]}) == {"told": 1}


def test_an_alarm_on_a_formula():
    """Names its service further down."""
    metric = {"Dimensions": [{"name": "Service", "value": "code"}]}
    trigger = {"Metrics": [{"Id": "e", "Expression": "m*2"}, {"Id": "m", "MetricStat": {"Metric": metric}}]}
    text = alarm(Trigger=trigger, AlarmDescription=None)
    assert read_message("ALARM", text) == ("ALARM: prod/chat/spend: Threshold Crossed", "code")


@pytest.mark.parametrize(
    ("target", "details", "kind"),
    [
        ("ecs", DETAILS, EcsTarget),
        ("sagemaker", INPUTS, SagemakerTarget),
        ("runpod", {"endpoint_id": "x", "pools": ["AMPERE_24"]}, RunpodTarget),
    ],
)
def test_each_target_has_its_driver(target, details, kind, monkeypatch):
    """With clients of the region that the service is in."""
    monkeypatch.setenv("RUNPOD_API_KEY", "rpa_EXAMPLE")
    asked: list[tuple[str, str | None]] = []
    platforms = Platforms(lambda *place: asked.append(place), lambda: at("2026-11-23 07:00"), Calls())
    assert type(platforms.target(config(target=target, details=details, region="eu-west-1"))) is kind
    assert {region for _, region in asked} <= {"eu-west-1"}


def test_a_key_that_is_missing_is_an_error_of_its_service(monkeypatch):
    """The others are kept."""
    for name in ("RUNPOD_API_KEY", "RUNPOD_API_KEY_SECRET_ARN"):
        monkeypatch.delenv(name, raising=False)
    platforms = Platforms(lambda *_: None, lambda: at("2026-11-23 07:00"), Calls())
    with pytest.raises(KeeperError, match="RUNPOD_API_KEY: is not set"):
        platforms.target(config(target="runpod", details={"endpoint_id": "x", "pools": ["AMPERE_24"]}))


def test_a_target_that_is_not_kept():
    """Says which are."""
    platforms = Platforms(lambda *_: None, lambda: at("2026-11-23 07:00"), Calls())
    with pytest.raises(KeeperError) as raised:
        platforms.target(config(target="local"))
    assert str(raised.value) == "chat: target local is not kept; use ecs, sagemaker, runpod"


def test_the_function_is_made_of_its_environment(monkeypatch):
    """Nothing is asked for before there is an event that needs it."""
    monkeypatch.setenv("BERTH_STACK", "prod")
    monkeypatch.setenv("BERTH_SERVICES", '["chat"]')
    told = handle({"requestContext": {"http": {"method": "POST"}}, "body": '{"service": "other", "key_id": "a"}'})
    assert told["statusCode"] == 404
    assert json.loads(told["body"])["error"].endswith("use one of: chat")
