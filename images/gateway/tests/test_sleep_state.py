"""What does a gateway know about the sleep of its service, and when is the keeper asked again?"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Self

import pytest
from fake_clock import FakeClock
from fake_engine import FakeEngine, whole
from gateway.config.load import ConfigError, load_config
from gateway.config.routes import BreakerConfig
from gateway.config.sleep import SleepConfig
from gateway.metrics.engine_watch import EngineWatch
from gateway.sleep.hook import HttpHook, Verdict, WakeAnswer, read_answer
from gateway.sleep.service import ServiceSleep
from gateway.sleep.sources import FileState, HttpState
from gateway.sleep.state import Condition, State, StateError, StateSilentError
from gateway.upstreams.breaker import Breaker
from gateway.upstreams.fleet import Fleet
from gateway.upstreams.member import Member
from running_gateway import environment

if TYPE_CHECKING:
    from pathlib import Path


ASLEEP = '{"state": "asleep"}'
MORNING = "2026-11-23T08:00:00+01:00"


class ScriptedHook:
    """Answers as told, when told."""

    def __init__(self, *answers: WakeAnswer) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is held."""

    async def wake(self, service: str, key_id: str) -> WakeAnswer:
        del service, key_id
        self.asked += 1
        return self.answers.pop(0)


class ScriptedState:
    """A document that the test changes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.silent = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is held."""

    async def read(self) -> str:
        if self.silent:
            raise StateSilentError("nobody answers")
        if not self.text:
            raise StateError("it is gone")
        return self.text


def test_the_hook_is_asked_again_only_when_that_makes_sense():
    """Not while a wake is under way, nor for a minute after a no, nor for ten seconds after a failure."""

    async def run() -> None:
        clock = FakeClock()
        hook: Any = ScriptedHook(
            WakeAnswer(Verdict.FAILED),
            WakeAnswer(Verdict.OUTSIDE_HOURS, next_wake=clock() + 5000),
            WakeAnswer(Verdict.ACCEPTED, expected_seconds=100),
            WakeAnswer(Verdict.ACCEPTED),
        )
        sleep = ServiceSleep("chat", SleepConfig(state="asleep"), None, hook, clock=clock)

        async def asked_after(seconds: float) -> int:
            clock.advance(seconds)
            sleep.wake("team")
            await sleep.asked()
            return hook.asked

        assert [await asked_after(0), await asked_after(9), await asked_after(1)] == [1, 1, 2]
        assert dict(sleep.refusal().beside)["wake"]["retry_after_seconds"] == 4990
        assert [await asked_after(59), await asked_after(1)] == [2, 3]
        assert sleep.condition is Condition.WAKING
        assert [await asked_after(99), await asked_after(1)] == [3, 4]

    asyncio.run(run())


def test_a_service_that_was_woken_and_falls_asleep_again_can_be_woken_again():
    """Once the document has said awake, what was asked before is forgotten."""

    async def run() -> None:
        clock = FakeClock()
        hook: Any = ScriptedHook(*[WakeAnswer(Verdict.ACCEPTED, expected_seconds=1000)] * 2)
        source: Any = ScriptedState('{"state": "asleep"}')
        told: list[bool] = []
        sleep = ServiceSleep("chat", SleepConfig(), source, hook, told.append, clock)
        await sleep.look()
        sleep.wake("team")
        await sleep.asked()
        for state in ("waking", "awake", "asleep"):
            source.text = json.dumps({"state": state})
            await sleep.look()
        assert told == [True, False, False, True, False]
        sleep.wake("team")
        await sleep.asked()
        assert hook.asked == 2

    asyncio.run(run())


def test_a_document_that_says_nothing_keeps_nobody_away(caplog):
    """Missing or garbled: the service counts as awake, and is asked. One line in the log, not one for each look."""

    async def run() -> None:
        source: Any = ScriptedState("")
        sleep = ServiceSleep("chat", SleepConfig(), source, None, clock=FakeClock())
        for text, awake in (("", True), ("{", True), (ASLEEP, False), ("", True), (ASLEEP, False), ("[]", True)):
            source.text = text
            await sleep.look()
            assert sleep.awake is awake

    asyncio.run(run())
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warnings == ["the state of the service cannot be read"] * 3


def test_what_is_configured_holds_until_a_document_says_something():
    """A parked service is not awake because its keeper has not written anything yet."""

    async def run() -> None:
        source: Any = ScriptedState("")
        sleep = ServiceSleep("chat", SleepConfig(state="asleep"), source, None, clock=FakeClock())
        for text, awake in (("", False), ('{"state": "awake"}', True), ("{", False)):
            source.text = text
            await sleep.look()
            assert sleep.awake is awake

    asyncio.run(run())


def test_while_nobody_answers_the_last_word_holds_for_a_quarter_of_an_hour():
    """A throttled SSM does not wake a service in the gateway's eyes; one that is silent for good must not end it."""

    async def run() -> None:
        clock = FakeClock()
        source: Any = ScriptedState(ASLEEP)
        sleep = ServiceSleep("chat", SleepConfig(), source, None, clock=clock)
        await sleep.look()
        source.silent = True
        for seconds, awake in ((10, False), (889, False), (1, True)):
            clock.advance(seconds)
            await sleep.look()
            assert sleep.awake is awake
        source.silent = False
        await sleep.look()
        assert not sleep.awake

    asyncio.run(run())


def test_a_wake_that_is_due_or_overdue_says_so():
    """A time that has passed is not repeated: soon, and then in ten seconds, again and again."""
    clock = FakeClock(1_795_000_000.0)
    sleep = ServiceSleep("chat", SleepConfig(state="asleep", wake_seconds=120), None, None, clock=clock)

    def wait(state: State) -> int:
        sleep._state = state
        return dict(sleep.refusal().beside)["wake"]["retry_after_seconds"]

    assert wait(State(Condition.ASLEEP, next_wake=clock() + 30)) == 30
    assert wait(State(Condition.ASLEEP, next_wake=clock() - 30)) == 120
    assert wait(State(Condition.ASLEEP)) == 600
    assert wait(State(Condition.WAKING)) == 120
    assert wait(State(Condition.WAKING, ready_at=clock() + 45)) == 45
    assert wait(State(Condition.WAKING, ready_at=clock() - 45)) == 10


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        ('{"state": "awake"}', State(Condition.AWAKE)),
        (
            f'{{"state": "asleep", "next_wake": "{MORNING}", "ready_at": null, "why": 7}}',
            State(Condition.ASLEEP, 1795417200.0),
        ),
        ('{"state": "waking", "ready_at": "2026-11-23T07:00:00Z"}', State(Condition.WAKING, None, 1795417200.0)),
    ],
)
def test_the_keepers_document_is_read(raw: str, state: State):
    """Times with their zones; whatever else it says is left alone."""
    assert State.parse(raw) == state


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("", "it is not JSON"),
        ("[]", "it is not a JSON object"),
        ('{"state": "tired"}', "its state is none of awake, waking, asleep"),
        ('{"state": "asleep", "next_wake": "soon"}', "its next_wake is no date-time"),
        ('{"state": "asleep", "next_wake": 7}', "its next_wake is no date-time"),
        ('{"state": "asleep", "next_wake": "2026-11-23T08:00:00"}', "its next_wake has no zone"),
    ],
)
def test_a_document_that_says_nothing_is_an_error(raw: str, message: str):
    """And not a service in a state that it does not name."""
    with pytest.raises(StateError) as caught:
        State.parse(raw)
    assert str(caught.value) == message


def test_the_document_may_be_a_file_or_behind_an_address(tmp_path: Path):
    """Each says in one sentence what is wrong with it."""

    async def run() -> None:
        path = tmp_path / "state.json"
        path.write_text('{"state":"asleep"}')
        async with FileState(path) as file:
            assert await file.read() == '{"state":"asleep"}'
            path.unlink()
            with pytest.raises(StateError, match="cannot be read"):
                await file.read()
        engine = FakeEngine(whole(b'{"state":"awake"}'), base_path="")
        async with engine.running(), HttpState(engine.url + "/state") as address:
            assert await address.read() == '{"state":"awake"}'
            engine.script = whole(b"", 503)
            with pytest.raises(StateSilentError, match="answers with 503"):
                await address.read()
            engine.script = whole(b"", 404)
            with pytest.raises(StateError, match="answers with 404") as caught:
                await address.read()
            assert type(caught.value) is StateError
        async with HttpState("http://127.0.0.1:9/") as nowhere:
            with pytest.raises(StateSilentError, match="does not answer"):
                await nowhere.read()

    asyncio.run(run())


def test_a_lambdas_address_is_signed_and_no_other(monkeypatch):
    """IAM decides who may wake; another address gets no credentials to see."""

    async def run() -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        headers = await HttpHook("https://abc123.lambda-url.eu-central-1.on.aws/").headers(b"{}")
        assert "Credential=AKIDEXAMPLE/" in headers["Authorization"]
        assert "/eu-central-1/lambda/aws4_request" in headers["Authorization"]
        for url in ("https://keeper.internal/wake", "https://abc.lambda-url.eu-central-1.on.aws.example.com/"):
            assert await HttpHook(url).headers(b"{}") == {"content-type": "application/json"}

    asyncio.run(run())


def test_a_hook_that_cannot_be_reached_is_a_failure_and_no_exception():
    """The client hears that the service is asleep."""

    async def run() -> None:
        async with HttpHook("http://127.0.0.1:9/") as hook:
            assert (await hook.wake("chat", "team")).verdict is Verdict.FAILED

    asyncio.run(run())
    assert read_answer(409, None, f'{{"next_wake": "{MORNING}"}}'.encode()).next_wake == 1795417200.0
    assert read_answer(409, None, b'{"next_wake": "soon"}').next_wake is None
    assert read_answer(202, "Mon, 23 Nov", b'{"expected_seconds": true}').expected_seconds is None


@pytest.mark.parametrize(
    ("sleep", "problem"),
    [
        ({"upstreams": ["x"]}, "sleep.upstreams[0]: 'x' is not an upstream; use one of: engine"),
        (
            {"hold_seconds": 10},
            "sleep.hold_seconds: 10 leaves no time for an answer within max_request_seconds, 10; hold for less",
        ),
        ({"document": {}}, 'sleep.document: name one of "parameter", "url" and "file"'),
        (
            {"next_wake": "2026-11-23T08:00:00"},
            (
                "sleep.next_wake: '2026-11-23T08:00:00' is not allowed; set it to a date-time with its zone such as"
                " 2026-11-23T08:00:00+01:00"
            ),
        ),
        (
            {"document": {"parameter": "/berth/x/y/state"}},
            "region: not set, and sleep.document.parameter needs it; set it or AWS_REGION",
        ),
    ],
)
def test_what_is_wrong_with_the_sleep_is_said_at_the_start(sleep: dict[str, Any], problem: str):
    """With the place in the document."""
    with pytest.raises(ConfigError) as caught:
        load_config(environment(BERTH_CONFIG=json.dumps({"sleep": sleep})))
    assert caught.value.problems == ["BERTH_CONFIG: " + problem]


def test_a_sleeping_engine_is_not_asked_for_its_metrics():
    """Nothing waits inside it, which is said; it is neither up nor down."""

    class Sleeper:
        name = "service"
        has_readings = True

        async def readings(self) -> None:
            pytest.fail("a sleeping engine was asked")

    async def run() -> None:
        upstream: Any = Sleeper()
        member = Member(upstream, Breaker(BreakerConfig()))
        member.asleep = True
        watch = EngineWatch(Fleet({"service": member}, ()))
        await watch.look()
        assert watch.take_queued() == 0
        assert watch.states["service"].up is None
        assert watch.states["service"].failures == 0

    asyncio.run(run())
