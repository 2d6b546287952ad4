"""Who hears of the keeper, and what of it is a secret?"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
import urllib3

from components.contracts import KeeperMetric
from components.keeper.runtime.calls import Calls
from components.keeper.runtime.decision import Notice
from components.keeper.runtime.errors import KeeperError
from components.keeper.runtime.voice import AwsVoice
from components.keeper.runtime.webhook import Webhook
from tests.components.sagemaker_api import FakeClient, refusal
from tests.keeper.situation import at, config

TOPIC = "arn:aws:sns:us-east-1:123456789012:berth-prod-keeper"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:chat/webhook-AbCdEf"
ADDRESS = "https://hooks.example.com/services/T0/B0/SENTINEL"
NOTICE = Notice("stop", "2026-11-23T19:00", "chat sleeps from Mon 23 Nov 20:00 Europe/Berlin on")


@dataclass
class Hearers:
    """CloudWatch, SNS, Secrets Manager and a chat, in one object; requests are checked against botocore's models."""

    secret: str = ADDRESS
    status: int = 200
    broken: Exception | None = None
    errors: dict[str, Exception] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    regions: list[tuple[str, str | None]] = field(default_factory=list)
    posted: list[tuple[Any, ...]] = field(default_factory=list)

    def client(self, service: str, region: str | None) -> FakeClient:
        self.regions.append((service, region))
        return FakeClient(self, service)

    def answer(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, params))
        if operation in self.errors:
            raise self.errors[operation]
        return {"SecretString": self.secret} if operation == "GetSecretValue" else {}

    def request(self, *place: str, **request: Any) -> Any:
        self.posted.append((place, request))
        if self.broken:
            raise self.broken
        return urllib3.HTTPResponse(status=self.status)

    @property
    def webhook(self) -> Webhook:
        return Webhook(self.client, Calls(), self)

    @property
    def voice(self) -> AwsVoice:
        return AwsVoice(self.client, Calls(), self.webhook)


def test_figures_go_to_the_stack_s_own_region():
    """With the dimensions that the alarms look for."""
    hearers, now = Hearers(), at("2026-11-23 07:00")
    hearers.voice.publish(config(), {KeeperMetric.STATE: 2.0, KeeperMetric.PROJECTED_MONTH_END: 71.5}, now)
    dimensions = [{"Name": "Stack", "Value": "prod"}, {"Name": "Service", "Value": "chat"}]
    data = [
        {"MetricName": "State", "Dimensions": dimensions, "Timestamp": now, "Value": 2.0},
        {"MetricName": "ProjectedMonthEnd", "Dimensions": dimensions, "Timestamp": now, "Value": 71.5},
    ]
    assert hearers.calls == [("PutMetricData", {"Namespace": "Berth", "MetricData": data})]
    assert hearers.regions == [("cloudwatch", None)]


def test_a_notice_is_told_to_topic_and_chat():
    """The chat's address comes from the region of its secret, and is asked once without following anybody."""
    hearers = Hearers()
    hearers.voice.tell(config(notify={"topic_arn": TOPIC, "webhook_secret": SECRET}), NOTICE)
    assert hearers.calls == [
        (
            "Publish",
            {
                "TopicArn": TOPIC,
                "Subject": "Berth prod/chat sleeps soon",
                "Message": NOTICE.text,
                "MessageAttributes": {"berth": {"DataType": "String", "StringValue": "stop"}},
            },
        ),
        ("GetSecretValue", {"SecretId": SECRET}),
    ]
    assert ("secretsmanager", "eu-west-1") in hearers.regions
    [(place, request)] = hearers.posted
    assert place == ("POST", ADDRESS)
    assert json.loads(request["body"]) == {"text": f"prod: {NOTICE.text}"}
    assert (request["timeout"], request["retries"], request["redirect"]) == (5.0, False, False)


@pytest.mark.parametrize("kind", ["stop", "budget", "parked", "failed"])
def test_a_subject_is_one_that_sns_takes(kind):
    """Short, in one line."""
    hearers = Hearers()
    names = {"stack": "s" * 40, "service": "c" * 40, "notify": {"topic_arn": TOPIC}}
    hearers.voice.tell(config(**names), Notice(kind, "key", "text\nin two lines"))
    subject = hearers.calls[0][1]["Subject"]
    assert len(subject) < 100
    assert subject.startswith(f"Berth {'s' * 40}/{'c' * 40} ")


def test_nobody_is_named():
    """Then nobody is told."""
    hearers = Hearers()
    hearers.voice.tell(config(), NOTICE)
    assert (hearers.calls, hearers.posted) == ([], [])


def test_one_that_does_not_hear_keeps_no_other_from_hearing(caplog):
    """It is in the log: told again for its sake, the other would hear it every ten minutes."""
    hearers = Hearers(errors={"Publish": refusal("Publish", "NotFound", "Topic does not exist")})
    hearers.voice.tell(config(notify={"topic_arn": TOPIC, "webhook_secret": SECRET}), NOTICE)
    assert len(hearers.posted) == 1
    said = f"chat: {NOTICE.kind} was not told everywhere: Publish: NotFound: Topic does not exist"
    assert caplog.messages == [said]


def test_nobody_who_hears_is_an_error():
    """So that the next run tells it again."""
    hearers = Hearers(errors={"Publish": refusal("Publish", "NotFound", "Topic does not exist")})
    with pytest.raises(KeeperError, match=r"^Publish: NotFound: Topic does not exist$"):
        hearers.voice.tell(config(notify={"topic_arn": TOPIC}), NOTICE)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": 404}, f"webhook: the address of {SECRET} answered 404"),
        ({"status": 302}, f"webhook: the address of {SECRET} answered 302"),
        (
            {"broken": urllib3.exceptions.MaxRetryError(None, ADDRESS)},
            f"webhook: the address of {SECRET} does not answer (MaxRetryError)",
        ),
        ({"secret": ADDRESS.replace("https", "http")}, f"webhook: {SECRET} does not hold an https address"),
        ({"secret": "https://[SENTINEL"}, f"webhook: {SECRET} does not hold an https address"),
        ({"secret": ""}, f"webhook: {SECRET} does not hold an https address"),
    ],
)
def test_an_address_is_in_no_error(changes, said):
    """Whatever goes wrong with it."""
    hearers = Hearers(**changes)
    with pytest.raises(KeeperError) as raised:
        hearers.webhook.send(SECRET, "hello")
    assert str(raised.value) == said
    assert "SENTINEL" not in repr(raised.value.__cause__)
    assert len(hearers.posted) == ("secret" not in changes)
