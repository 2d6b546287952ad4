"""What does a client hear from the load balancer of a service that sleeps?"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from components.keeper.runtime.asleep import Door, Doorkeeper, handle
from components.keeper.runtime.calls import Calls
from components.keeper.runtime.client_keys import ClientKeys
from tests.components.sagemaker_api import FakeClient, refusal
from tests.keeper.situation import at

GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/sleep-1/6d0ecf831eec9f09"
KEYS = "arn:aws:secretsmanager:us-east-1:123456789012:secret:chat/keys-AbCdEf"
NEXT_WAKE = "2026-11-24T07:00:00Z"
ASLEEP = {"state": "asleep", "next_wake": NEXT_WAKE, "ready_at": None}
NEVER = "the service is asleep, and no time is known when it wakes; try again in 600 s"


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


@dataclass
class World:
    """SSM, Secrets Manager and the keeper's function behind one clock."""

    state: dict[str, Any] | str = field(default_factory=lambda: dict(ASLEEP))
    keys: str = json.dumps(
        {
            "reader": digest("reads"),
            "waker": {"sha256": [digest("old"), digest("wakes")], "may_wake": True, "models": ["chat"]},
            "gone": {"sha256": digest("expired"), "may_wake": True, "expires": "2026-11-01T00:00:00+01:00"},
        }
    )
    answer_of_keeper: tuple[int, dict[str, Any]] | None = (202, {"expected_seconds": 420})
    has_keys: bool = True
    errors: dict[str, Exception] = field(default_factory=dict)
    now: float = at("2026-11-23 21:00").timestamp()
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        door = Door("chat", "/berth/prod/chat/state", KEYS if self.has_keys else None)
        self.doorkeeper = Doorkeeper(
            {GROUP: door},
            "berth-prod-keeper",
            clients=lambda service, _region: FakeClient(self, service),
            calls=Calls(pauses=()),
            clock=lambda: self.now,
        )

    def answer(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, params))
        if operation in self.errors:
            raise self.errors[operation]
        if operation == "GetParameter":
            text = self.state if isinstance(self.state, str) else json.dumps(self.state)
            return {"Parameter": {"Value": text}}
        if operation == "GetSecretValue":
            return {"SecretString": self.keys}
        if self.answer_of_keeper is None:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage": "mistake"}')}
        status, body = self.answer_of_keeper
        payload = json.dumps({"statusCode": status, "headers": {}, "body": json.dumps(body)})
        return {"Payload": io.BytesIO(payload.encode())}

    def ask(self, key: str | None = "wakes", method: str = "POST", **event: Any) -> dict[str, Any]:
        headers = {"user-agent": "openai-python"} | ({"authorization": f"Bearer {key}"} if key else {})
        usual = {
            "requestContext": {"elb": {"targetGroupArn": GROUP}},
            "httpMethod": method,
            "path": "/v1/chat/completions",
            "headers": headers,
            "body": "{}",
            "isBase64Encoded": False,
        }
        return self.doorkeeper.answer({**usual, **event})

    def asked_the_keeper(self) -> list[dict[str, Any]]:
        return [json.loads(params["Payload"]) for name, params in self.calls if name == "Invoke"]


def said(told: dict[str, Any]) -> tuple[int, str, str | None]:
    """Return status, code and `Retry-After`."""
    return told["statusCode"], json.loads(told["body"])["error"]["code"], told["headers"].get("retry-after")


def test_a_client_hears_when_to_come_again():
    """For people and for programs; no SDK waits ten hours, so it is told not to try."""
    told = World().ask(key="reads")
    assert told == {
        "statusCode": 503,
        "statusDescription": "503 Service Unavailable",
        "isBase64Encoded": False,
        "headers": {"content-type": "application/json", "retry-after": "36000", "x-should-retry": "false"},
        "body": json.dumps(
            {
                "error": {
                    "message": "the service is asleep and wakes at 2026-11-24T07:00:00+00:00; try again in 36000 s",
                    "type": "server_error",
                    "param": None,
                    "code": "service_asleep",
                },
                "wake": {
                    "state": "asleep",
                    "next_wake": "2026-11-24T07:00:00+00:00",
                    "retry_after_seconds": 36000,
                },
            }
        ),
    }


def test_a_key_that_may_wakes_the_service_once():
    """However many requests come while it starts."""
    world = World()
    assert [said(world.ask()) for _ in range(3)] == [(503, "service_waking", "420")] * 3
    assert world.asked_the_keeper() == [{"service": "chat", "key_id": "waker"}]
    [invoked] = [params for name, params in world.calls if name == "Invoke"]
    assert (invoked["FunctionName"], invoked["InvocationType"]) == ("berth-prod-keeper", "RequestResponse")
    world.now += 100
    assert [said(world.ask(key=key)) for key in ("reads", "wakes")] == [(503, "service_waking", "320")] * 2
    assert len(world.asked_the_keeper()) == 1
    world.now += 320
    world.ask()
    assert len(world.asked_the_keeper()) == 2


@pytest.mark.parametrize(("key", "method"), [("reads", "POST"), ("wakes", "GET"), ("old", "HEAD")])
def test_who_may_not_wakes_nothing(key, method):
    """Another key; and who asks for a list of models does not want a GPU for it."""
    world = World()
    assert said(world.ask(key=key, method=method))[1] == "service_asleep"
    assert world.asked_the_keeper() == []


def test_outside_of_its_hours_the_keeper_says_no():
    """With its next wake; for a minute nobody asks again."""
    world = World(state={"state": "asleep"}, answer_of_keeper=(409, {"next_wake": NEXT_WAKE}))
    assert [said(world.ask()) for _ in range(2)] == [(503, "service_asleep", "36000")] * 2
    world.now += 59
    world.ask()
    assert len(world.asked_the_keeper()) == 1
    world.now += 1
    world.ask()
    assert len(world.asked_the_keeper()) == 2


def test_nobody_knows_when():
    """Ten minutes is when the keeper looks again."""
    world = World(state={"state": "asleep"}, answer_of_keeper=(409, {"next_wake": None}))
    told = world.ask()
    assert said(told) == (503, "service_asleep", "600")
    assert json.loads(told["body"])["error"]["message"] == NEVER


def test_a_wake_that_somebody_else_has_ordered():
    """Is as good."""
    assert said(World(answer_of_keeper=(429, {"expected_seconds": 77})).ask()) == (503, "service_waking", "77")


@pytest.mark.parametrize(
    "changes",
    [
        {"answer_of_keeper": None},
        {"answer_of_keeper": (503, {"error": "no"})},
        {"errors": {"Invoke": refusal("Invoke", "TooManyRequestsException", "Rate Exceeded.")}},
    ],
)
def test_a_keeper_that_fails_is_asked_again_soon(changes):
    """And the client hears what is known."""
    world = World(**changes)
    assert [said(world.ask()) for _ in range(2)] == [(503, "service_asleep", "36000")] * 2
    asked = len(world.asked_the_keeper())
    world.now += 10
    world.ask()
    assert (asked, len(world.asked_the_keeper())) == (1, 2)


def test_while_it_wakes_the_keeper_looks_each_minute():
    """A GPU that is ready is paid: nobody waits for the next run to hear it. Trouble then rings no alarm twice."""
    world = World(state={"state": "waking", "next_wake": None, "ready_at": "2026-11-23T21:05:00Z"})
    assert [said(world.ask(key="reads")) for _ in range(2)] == [(503, "service_waking", "300")] * 2
    world.now += 60
    assert said(world.ask(key="reads")) == (503, "service_waking", "240")
    assert world.asked_the_keeper() == [{"services": ["chat"], "tolerant": True}] * 2
    assert {params["InvocationType"] for name, params in world.calls if name == "Invoke"} == {"Event"}
    world.errors["Invoke"] = refusal("Invoke", "ServiceException", "no")
    world.now += 600
    assert said(world.ask(key="reads")) == (503, "service_waking", "10")


def test_awake_at_last():
    """The load balancer turns to the service in a moment."""
    assert said(World(state={"state": "awake"}).ask(key="reads")) == (503, "service_waking", "10")


def test_a_wake_that_is_due():
    """Has not been written down yet."""
    world = World()
    world.now = at("2026-11-24 07:00").timestamp() + 5
    assert said(world.ask(key="reads")) == (503, "service_asleep", "10")


@pytest.mark.parametrize("key", [None, "unknown", ""])
def test_a_key_that_nobody_knows(key):
    """401 as from the gateway; it neither wakes nor learns anything."""
    world = World()
    told = world.ask(key=key)
    assert said(told) == (401, "invalid_api_key", None)
    assert told["headers"]["www-authenticate"] == "Bearer"
    assert [name for name, _ in world.calls] == ["GetSecretValue"]


def test_another_scheme_is_no_key():
    """Only Bearer is."""
    assert said(World().ask(headers={"Authorization": "Basic wakes"}))[0] == 401


def test_a_key_that_has_expired():
    """Says so, and wakes nothing."""
    world = World()
    assert said(world.ask(key="expired")) == (401, "expired_api_key", None)
    assert world.asked_the_keeper() == []


def test_without_keys_whoever_reaches_it_may_use_it():
    """And so may wake it, inside the hours that its spec allows."""
    world = World(has_keys=False)
    assert said(world.ask(key=None)) == (503, "service_waking", "420")
    assert world.asked_the_keeper() == [{"service": "chat", "key_id": "anybody"}]


@pytest.mark.parametrize("keys", ["", "[]", "{", '{"a": 1}', '{"a": {"may_wake": true}}', '{"a": "xyz"}'])
def test_keys_that_cannot_be_read_wake_nothing(keys):
    """Nobody can tell who asks; and nobody is told that the key is wrong."""
    world = World(keys=keys)
    assert said(world.ask()) == (503, "service_asleep", "36000")
    assert world.asked_the_keeper() == []


def test_a_document_of_keys_is_in_no_error():
    """It may hold a key in clear."""
    with pytest.raises(ValueError, match=r"^it is no document of client keys$") as raised:
        ClientKeys.parse('{"SENTINEL": ')
    assert raised.value.__cause__ is None
    with pytest.raises(ValueError, match=r"^it is no document of client keys$"):
        ClientKeys.parse('{"a": {"sha256": "' + "0" * 64 + '", "expires": "2026-11-01"}}')


@pytest.mark.parametrize("state", ["{}", "[]", "{", '{"state": "asleep", "next_wake": "soon"}'])
def test_a_state_that_says_nothing(state):
    """It sleeps, and nobody knows until when."""
    assert said(World(state=state).ask(key="reads")) == (503, "service_asleep", "600")


def test_what_was_read_is_believed_for_a_moment():
    """A burst asks SSM once, and Secrets Manager once a minute; what cannot be read again stays what it was."""
    world = World()
    for _ in range(5):
        world.ask(key="reads")
    assert [name for name, _ in world.calls] == ["GetSecretValue", "GetParameter"]
    world.now += 60
    world.errors = {name: refusal(name, "InternalServerError", "no") for name in ("GetSecretValue", "GetParameter")}
    assert said(world.ask(key="reads")) == (503, "service_asleep", "35940")
    assert len(world.calls) == 4


@pytest.mark.parametrize("agent", ["ELB-HealthChecker/2.0", "elb-healthchecker/2.0"])
def test_a_probe_wakes_nothing(agent):
    """It asks whether this function answers."""
    world = World()
    told = world.ask(headers={"User-Agent": agent, "authorization": "Bearer wakes"})
    assert (told["statusCode"], told["body"], world.calls) == (200, "", [])


def test_a_load_balancer_with_lists_of_headers():
    """Is answered in the same form."""
    headers = {"Authorization": ["Bearer nothing", "Bearer reads"]}
    told = World().ask(multiValueHeaders=headers, headers=None)
    assert told["multiValueHeaders"]["retry-after"] == ["36000"]
    assert "headers" not in told


def test_another_target_group():
    """Is not answered for."""
    told = World().ask(requestContext={"elb": {"targetGroupArn": "other"}})
    assert said(told)[:2] == (404, "not_found")


def test_the_function_is_made_of_its_environment(monkeypatch):
    """Nothing is asked for before there is a request that needs it."""
    door = {"service": "chat", "state": "/berth/prod/chat/state", "keys": None}
    monkeypatch.setenv("BERTH_ASLEEP", json.dumps({GROUP: door}))
    monkeypatch.setenv("BERTH_KEEPER", "berth-prod-keeper")
    event = {"requestContext": {"elb": {"targetGroupArn": "other"}}, "httpMethod": "POST", "headers": {}}
    assert handle(event)["statusCode"] == 404
