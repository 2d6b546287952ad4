"""`berth smoke` asks each service one question in the way of its target, and never shows a key."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from components.cli.main import main
from components.cli.runpod_balancer import ask_balancer
from components.cli.runpod_job import ask_runpod
from components.errors import DeployedError
from tests.components.runpod.fake_runpod import Answer, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.components.runpod.fake_runpod import Asked

KEY = "rpa_SENTINEL_KEY_0123456789"
COMPLETION = {"choices": [{"message": {"role": "assistant", "content": "Hello there,\n dear reader of tests!"}}]}
ENDED = {"id": "job-1", "status": "COMPLETED", "output": [COMPLETION], "delayTime": 2500, "executionTime": 1250}


@dataclass
class Platform:
    """One address for all three: a RunPod job, a SageMaker invocation, an OpenAI route; it says what the test says."""

    url: str = ""
    release: threading.Event = field(default_factory=threading.Event)
    asked: list[Asked] = field(default_factory=list)
    states: list[Any] = field(default_factory=lambda: [ENDED])
    answer: Answer = field(default_factory=lambda: Answer(200, COMPLETION))
    balancer: list[Answer] = field(default_factory=list)

    def handle(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        what = asked.path.split("/")[-1]
        if asked.path.startswith("/ai/v2/"):
            if asked.headers["Authorization"] != f"Bearer {KEY}":
                return Answer(401)
            if "/lb/" in asked.path:
                return self.balancer.pop(0) if len(self.balancer) > 1 else self.balancer[0]
            if what == "run":
                return Answer(200, {"id": "job-1", "status": "IN_QUEUE"})
            if "cancel" in asked.path:
                return Answer(200, {"id": "job-1", "status": "CANCELLED"})
            state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
            return state if isinstance(state, Answer) else Answer(200, {"id": "job-1", **state})
        return self.answer

    def paths(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.asked]


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """Where this environment's keys and clients lead to."""
    served = Platform()
    with serving(served, served.handle):
        for name, value in {
            "RUNPOD_API_KEY": KEY,
            "RUNPOD_API_BASE_URL": served.url,
            "RUNPOD_ENDPOINT_BASE_URL": f"{served.url}/ai/v2",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": served.url,
            "BERTH_API_KEY": "sk-berth-SENTINEL",
        }.items():
            monkeypatch.setenv(name, value)
        yield served


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], None]:
    """A `pulumi` that answers `stack output` with these services, alone on PATH."""

    def answer(services: dict[str, Any]) -> None:
        (tmp_path / "outputs.json").write_text(json.dumps({"services": services}))
        program = tmp_path / "pulumi"
        program.write_text(f"#!/bin/sh\nexec /bin/cat {tmp_path}/outputs.json\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(tmp_path))

    return answer


def on_runpod(**changes: Any) -> dict[str, Any]:
    return {"target": "runpod", "state": "awake", "model_name": "org/model", "endpoint_id": "ep1", **changes}


def on_sagemaker(**changes: Any) -> dict[str, Any]:
    own = {"endpoint_name": "dev-chat", "region": "us-east-1"}
    return {"target": "sagemaker", "state": "awake", "model_name": "org/model", **own, **changes}


def on_ecs(url: str, **changes: Any) -> dict[str, Any]:
    own = {"openai_base_url": f"{url}/v1", "auth": {"scheme": "bearer", "secret": "berth/client-keys"}}
    return {"target": "ecs", "state": "awake", "model_name": "org/model", **own, **changes}


def question(prompt: str) -> dict[str, Any]:
    return {"model": "org/model", "messages": [{"role": "user", "content": prompt}], "max_tokens": 32}


def test_one_job_goes_through_runpods_sdk(platform: Platform, stack: Any, capsys: Any) -> None:
    """The worker's OpenAI route; the line has the seconds that RunPod counted, and the first words."""
    platform.states = [{"status": "IN_PROGRESS"}, ENDED]
    stack({"chat": on_runpod()})
    assert main(["smoke", "chat", "--prompt", "hi"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("chat: answered in ")
    assert printed.out.endswith(" s (2.5 s in the queue, 1.2 s at work): Hello there, dear reader of tests!\n")
    assert KEY not in printed.out + printed.err
    assert platform.paths() == ["POST /ai/v2/ep1/run", *["GET /ai/v2/ep1/status/job-1"] * 2]
    assert platform.asked[0].body == {"input": {"openai_route": "/v1/chat/completions", "openai_input": question("hi")}}


class Clock:
    """A clock that moves when someone sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def ask(clock: Clock | None = None, seconds: float = 5) -> Any:
    clock = clock or Clock()
    return ask_runpod(on_runpod(), question("hi"), seconds, clock=lambda: clock.now, sleep=clock.sleep)


def balanced(url: str, **changes: Any) -> dict[str, Any]:
    return on_runpod(mode="load_balancer", openai_base_url=f"{url}/ai/v2/ep1/lb/v1", **changes)


def ask_the_balancer(platform: Platform, seconds: float = 60) -> Any:
    clock = Clock()
    asked = ask_balancer(balanced(platform.url), question("hi"), seconds, clock=lambda: clock.now, sleep=clock.sleep)
    return asked, clock.now


NO_WORKER = Answer(400, {"error": "no workers available"})


def test_a_load_balancer_is_asked_on_its_own_route(platform: Platform, stack: Any, capsys: Any) -> None:
    """No job: a request with the RunPod key to the address that the stack has."""
    platform.balancer = [Answer(200, COMPLETION)]
    stack({"chat": balanced(platform.url)})
    assert main(["smoke", "chat", "--prompt", "hi"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("chat: answered in ")
    assert KEY not in printed.out + printed.err
    assert platform.paths() == ["POST /ai/v2/ep1/lb/v1/chat/completions"]
    assert platform.asked[0].body == question("hi")


def test_nothing_but_the_caller_waits_for_a_worker(platform: Platform) -> None:
    """RunPod says 400 after two minutes without one: it is asked again, and so is a worker that ends."""
    platform.balancer = [
        NO_WORKER,
        Answer(502),
        Answer(503, {"error": {"message": "shutting down"}}),
        Answer(200, COMPLETION),
    ]
    answer, seconds = ask_the_balancer(platform)
    assert (answer.text, seconds) == ("Hello there,\n dear reader of tests!", 15)


def test_a_load_balancer_that_finds_no_worker_in_time_is_a_failure(platform: Platform) -> None:
    """With its last words."""
    platform.balancer = [NO_WORKER]
    with pytest.raises(DeployedError, match=r"lb/v1: answered 400: no workers available$"):
        ask_the_balancer(platform, seconds=12)
    assert len(platform.asked) == 3


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(400, {"error": {"message": "messages is missing"}}), "answered 400: messages is missing$"),
        (Answer(401, {"error": "unauthorized"}), "answered 401: unauthorized$"),
        (
            Answer(401, {"error": {"message": "unknown key"}}),
            (
                "answered 401: unknown key; the worker's gateway does not know this RunPod key: put its sha256 "
                "into the "
                "secret that runpod.client_keys_secret names; if it is there, RunPod does not pass keys on: "
                "remove the field$"
            ),
        ),
        (Answer(524, {"error": "too long"}), "answered 524: too long$"),
    ],
)
def test_what_a_worker_refuses_is_told_at_once(platform: Platform, answer: Answer, said: str) -> None:
    """Another try would hear the same."""
    platform.balancer = [answer]
    with pytest.raises(DeployedError, match=said):
        ask_the_balancer(platform)
    assert len(platform.asked) == 1


def test_the_key_is_sent_to_nobody_else(platform: Platform) -> None:
    """Whatever address a stack's outputs hold."""
    with pytest.raises(DeployedError, match="is no address of RunPod's, so the key is not sent there"):
        ask_balancer(balanced("http://127.0.0.1:9"), question("hi"), 5)
    assert platform.asked == []


def test_a_load_balancer_that_nobody_reaches_is_one_line(platform: Platform) -> None:
    """A connection that breaks off; the kind of error, and no address with a key."""
    platform.balancer = [Answer(200, hangs_up=True)]
    with pytest.raises(DeployedError, match=r"lb/v1: no answer \(ProtocolError\)$"):
        ask_the_balancer(platform)


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED", "TIMED_OUT"])
def test_a_job_that_ends_otherwise_is_a_failure_with_its_reason(platform: Platform, status: str) -> None:
    """A cancelled one above all: the SDK's own stream would wait for it for ever."""
    platform.states = [{"status": status, "error": {"message": "out of\nmemory"}}]
    with pytest.raises(DeployedError, match=f"RunPod endpoint ep1: the job is {status}: out of memory"):
        ask()
    assert not any("cancel" in path for path in platform.paths())


def test_a_job_that_takes_too_long_is_cancelled(platform: Platform) -> None:
    """It would run, and cost, for nobody."""
    platform.states = [{"status": "IN_QUEUE"}]
    with pytest.raises(DeployedError, match="after 5 s the job is still IN_QUEUE, and is cancelled; `berth status`"):
        ask()
    assert platform.paths()[-1] == "POST /ai/v2/ep1/cancel/job-1"


def test_an_outage_while_it_runs_is_waited_out(platform: Platform) -> None:
    """The job goes on."""
    platform.states = [Answer(502), Answer(200, b"<html>"), ENDED]
    assert ask().text == COMPLETION["choices"][0]["message"]["content"]


def test_a_job_that_is_forgotten_ends_the_wait(platform: Platform) -> None:
    """404 is no outage."""
    platform.states = [Answer(404)]
    with pytest.raises(DeployedError, match="RunPod endpoint ep1: 404 Client Error: Not Found for url"):
        ask()


def test_a_wrong_key_is_told_without_it(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the SDK puts it."""
    monkeypatch.setenv("RUNPOD_API_KEY", "rpa_SHOWN")
    with pytest.raises(DeployedError) as told:
        ask()
    assert str(told.value) == ("RunPod endpoint ep1: 401 Unauthorized | Make sure Runpod API key is set and valid.")


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ([], r"no chat completion: it says nothing about it"),
        ([{"error": {"message": "no such model"}}], "no chat completion: no such model"),
        ({"choices": [{"message": {"content": " "}}]}, "a chat completion that has no text"),
    ],
)
def test_an_answer_without_words_is_a_failure(platform: Platform, output: Any, reason: str) -> None:
    """Completed is not yet answered."""
    platform.states = [{**ENDED, "output": output}]
    with pytest.raises(DeployedError, match=reason):
        ask()


def test_a_parked_service_is_skipped(platform: Platform, stack: Any, capsys: Any) -> None:
    """It is meant to be silent: exit code 0, and nobody is asked."""
    stack({"chat": on_runpod(state="parked")})
    assert main(["smoke"]) == 0
    assert capsys.readouterr().out == "chat: skipped: parked\n"
    assert platform.asked == []


def test_sagemaker_is_invoked_with_the_callers_credentials(platform: Platform, stack: Any, capsys: Any) -> None:
    """The endpoint's own name, an OpenAI body, signed."""
    stack({"chat": on_sagemaker()})
    assert main(["smoke", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)["services"]
    assert row.pop("seconds") >= 0
    assert row == {
        "service": "chat",
        "target": "sagemaker",
        "result": "answered",
        "queued_seconds": None,
        "ran_seconds": None,
        "answer": "Hello there, dear reader of tests!",
        "problem": None,
        "next_wake": None,
    }
    assert platform.paths() == ["POST /endpoints/dev-chat/invocations"]
    assert platform.asked[0].body == question("Say hello in five words.")


def test_a_gateway_gets_one_of_the_clients_keys(platform: Platform, stack: Any, capsys: Any) -> None:
    """From the environment, in the header of its own route."""
    stack({"chat": on_ecs(platform.url)})
    assert main(["smoke"]) == 0
    assert platform.paths() == ["POST /v1/chat/completions"]
    assert platform.asked[0].headers["Authorization"] == "Bearer sk-berth-SENTINEL"
    assert "SENTINEL" not in capsys.readouterr().out


@pytest.mark.parametrize("service", [on_runpod, on_sagemaker])
def test_a_front_is_asked_and_not_what_is_behind_it(platform: Platform, stack: Any, service: Any) -> None:
    """Clients come by the front, so the question does, with a client key."""
    before = {"openai_base_url": f"{platform.url}/v1", "auth": {"scheme": "bearer", "secret": "berth/client-keys"}}
    stack({"chat": service(front={"cluster": "berth_dev_chat_front"}, **before)})
    assert main(["smoke"]) == 0
    assert platform.paths() == ["POST /v1/chat/completions"]
    assert platform.asked[0].headers["Authorization"] == "Bearer sk-berth-SENTINEL"


def test_a_front_on_a_local_aws_is_skipped(platform: Platform, stack: Any, capsys: Any) -> None:
    """Its tasks run as little as any others there."""
    address = "http://chat-front-alb-1.us-east-1.elb.amazonaws.com/v1"
    stack({"chat": on_runpod(front={"cluster": "berth_dev_chat_front"}, openai_base_url=address)})
    assert main(["smoke"]) == 0
    assert capsys.readouterr().out.startswith("chat: skipped: AWS_ENDPOINT_URL is ")
    assert platform.asked == []


def test_one_failure_fails_the_whole_and_the_others_are_asked(platform: Platform, stack: Any, capsys: Any) -> None:
    """Each service has its line; the exit code tells."""
    platform.answer = Answer(503, {"error": {"message": "the model is loading"}})
    stack({"chat": on_ecs(platform.url), "other": on_runpod()})
    assert main(["smoke"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"chat: failed: {platform.url}/v1: answered 503: the model is loading"
    assert lines[1].startswith("other: answered in ")


def test_what_is_missing_is_named(platform: Platform, stack: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client key, a way to get there, a service."""
    stack({"chat": on_ecs(platform.url), "far": on_ecs("http://127.0.0.1:9", auth={"scheme": "none"})})
    monkeypatch.delenv("BERTH_API_KEY")
    assert main(["smoke"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("BERTH_API_KEY is not set; export one of the client keys in secret berth/client-keys")
    assert lines[1] == (
        "far: failed: http://127.0.0.1:9/v1: cannot be reached from here (NewConnectionError); "
        "an internal service answers inside its VPC alone"
    )
    assert main(["smoke", "chatt"]) == 1
    assert capsys.readouterr().err == "berth: chatt: the stack has no such service; did you mean chat?\n"


def test_a_service_on_a_local_aws_is_skipped_and_why(
    platform: Platform, stack: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key would not help: nothing listens at the load balancer's name. On AWS itself the key is asked for."""
    monkeypatch.delenv("BERTH_API_KEY")
    stack({"chat": on_ecs("http://chat-alb-1.us-east-1.elb.amazonaws.com"), "other": on_runpod()})
    assert main(["smoke"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        f"chat: skipped: AWS_ENDPOINT_URL is {platform.url}, and an AWS on this machine runs no tasks: "
        "nothing listens at its addresses"
    )
    assert lines[1].startswith("other: answered in ")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    assert main(["smoke", "chat"]) == 1
    assert "BERTH_API_KEY is not set" in capsys.readouterr().out


def test_the_sdk_of_runpod_makes_no_other_library_talk() -> None:
    """It sets up the root logger where nobody has: boto3 would tell stderr where it found its endpoint."""
    code = (
        "import logging; from components.cli.runpod_job import load_sdk; load_sdk(); root = logging.getLogger(); "
        "print(root.handlers, root.level); logging.getLogger('botocore').info('found')"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (shown.stdout, shown.stderr) == ("[] 30\n", "")


@pytest.mark.parametrize("seconds", ["0", "-1", "inf", "nan", "soon"])
def test_a_timeout_is_a_number_above_zero(seconds: str, capsys: Any) -> None:
    """Wrong usage exits with 2."""
    with pytest.raises(SystemExit) as told:
        main(["smoke", "--timeout", seconds])
    assert told.value.code == 2
