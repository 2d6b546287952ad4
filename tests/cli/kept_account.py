"""An account with one service on ECS that the function of stack `prod` keeps, and what `pulumi stack output` says."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import boto3
import time_machine
from moto import mock_aws

from components.cli.main import main
from components.keeper.document import digest
from components.keeper.runtime import handler
from components.keeper.runtime.errors import KeeperError
from tests.components.runpod.fake_runpod import Answer, serving
from tests.keeper.runtime.test_on_moto import CLUSTER, GROUP, REGION, Deployed
from tests.keeper.situation import HOURS, at, config

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.components.runpod.fake_runpod import Asked

FUNCTION = "berth-prod-keeper"
NOON, NIGHT = "2026-11-23 11:00", "2026-11-23 22:00"
"""A Monday: within Berlin's office hours, and after them."""
NAMES = {kind: f"/berth/prod/chat/{kind}" for kind in ("config", "state", "awake_until", "wake")}


def outputs(**changes: Any) -> dict[str, Any]:
    """What a stack exports of the service."""
    return {
        "target": "ecs",
        "region": REGION,
        "state": "kept",
        "model_name": "org/model",
        "openai_base_url": "http://chat.example/v1",
        "auth": {"scheme": "none"},
        "hardware": {"instance_type": "g5.xlarge", "gpu": "A10G", "gpu_count": 1, "usd_per_hour": 1.0},
        "estimate": {"floor": 260.0, "expected": 300.0, "max": 2000.0, "shared": 0.0},
        "replicas": {"min": 1, "max": 4},
        "cluster": CLUSTER,
        "ecs_service": "chat",
        "keeper": {"owns": True, "parameters": NAMES, "function": FUNCTION},
        **changes,
    }


@dataclass
class Account:
    """The account; `lost` is what an invocation of the function answers instead of running it."""

    deployed: Deployed
    folder: Path
    url: str = ""
    release: threading.Event = field(default_factory=threading.Event)
    lost: Answer | None = None
    events: list[Any] = field(default_factory=list)

    def handle(self, asked: Asked) -> Answer:
        """Answer as Lambda, and hang up: no connection outlives its test."""
        answer = self.answer(asked)
        return replace(answer, headers={**answer.headers, "Connection": "close"})

    def answer(self, asked: Asked) -> Answer:
        """Run the function as Lambda does, whose errors come with status 200."""
        assert asked.path == f"/2015-03-31/functions/{FUNCTION}/invocations"
        self.events.append(asked.body)
        if self.lost is not None:
            return self.lost
        try:
            return Answer(200, handler.handle(asked.body))
        except KeeperError as error:
            return Answer(
                200,
                {"errorMessage": str(error), "errorType": type(error).__name__},
                headers={"X-Amz-Function-Error": "Unhandled"},
            )

    def has(self, **changes: Any) -> None:
        """Deploy the service with another configuration."""
        details = {
            "cluster": CLUSTER,
            "service": "chat",
            "group": GROUP if self.deployed.instance else None,
            "instance_type": "g5.xlarge",
            "target_group": self.deployed.target_group or None,
            "asleep_rule": self.deployed.rule or None,
        }
        text = config(**{"usd_per_hour": {"g5.xlarge": 1.0}, "details": details, **changes}).to_json()
        self.deployed.write("config", text)
        self.exports(
            {"chat": outputs(keeper={**outputs()["keeper"], "config_sha256": digest(text)})},
        )

    def exports(self, services: dict[str, Any]) -> None:
        """Let `pulumi stack output` answer with these services."""
        (self.folder / "outputs.json").write_text(json.dumps({"services": services}))

    def looks(self) -> None:
        """Let the function run by itself."""
        handler.handle({"tolerant": True})


@contextmanager
def account(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    now: str,
    kind: type[Account] = Account,
    make: Callable[[], Deployed] | None = None,
) -> Iterator[Account]:
    """An account of this test alone, at a moment that stands still, with the function cold.

    `make` deploys the service: None for tasks alone, whose instances and listener are somebody else's.
    """
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("BERTH_STACK", "prod")
    monkeypatch.setenv("BERTH_SERVICES", '["chat"]')
    answers_with_outputs(folder, monkeypatch)
    handler._made.cache_clear()
    with time_machine.travel(at(now), tick=False), mock_aws():
        made = kind((make or tasks_alone)(), folder)
        with serving(made, made.handle):
            monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", made.url)
            made.has()
            yield made
    handler._made.cache_clear()


def tasks_alone() -> Deployed:
    """Deploy a service with one task, scaled from one to four: moto takes a second for its first instance."""
    ecs = boto3.client("ecs")
    ecs.create_cluster(clusterName=CLUSTER)
    ecs.register_task_definition(family="chat", containerDefinitions=[{"name": "vllm", "image": "x", "memory": 64}])
    ecs.create_service(cluster=CLUSTER, serviceName="chat", taskDefinition="chat", desiredCount=1)
    ecs.update_service(cluster=CLUSTER, service="chat", desiredCount=1)
    boto3.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=f"service/{CLUSTER}/chat",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=1,
        MaxCapacity=4,
    )
    made = Deployed("", "", None)
    for kind in ("state", "awake_until", "wake"):
        made.write(kind, "{}")
    return made


def answers_with_outputs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a `pulumi` on PATH, alone, that prints the outputs in a folder."""
    program = folder / "pulumi"
    program.write_text(f"#!/bin/sh\nexec /bin/cat {folder}/outputs.json\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))


def printed(capsys: Any, *arguments: str) -> tuple[int, list[str]]:
    """Run a command; return its exit code, and the lines of both of its outputs."""
    capsys.readouterr()
    code = main(list(arguments))
    shown = capsys.readouterr()
    return code, (shown.out + shown.err).splitlines()


__all__ = ["FUNCTION", "HOURS", "NIGHT", "NOON", "Account", "account", "answers_with_outputs", "outputs", "printed"]
