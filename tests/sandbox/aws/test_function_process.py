"""Functions of a sandbox that is a process of its own: fired from the command line, and gone with it."""

from __future__ import annotations

import json
import os
import signal
import time
from types import SimpleNamespace

import boto3
import pytest

from sandbox import process
from sandbox.cli import main
from sandbox.ports import Ports, is_taken
from tests.sandbox.aws.function_parts import allow, make_function, make_role

WAITS = """
import os, time
def handle(event, context):
    with open(event["file"], "w") as file:
        file.write(str(os.getpid()))
    time.sleep(60)
"""


@pytest.fixture
def running(tmp_path):
    """A started sandbox; it is stopped at the end, whatever happened."""
    first = next(port for port in range(46130, 46190, 3) if not any(is_taken("127.0.0.1", port + i) for i in range(3)))
    yield process.start(tmp_path, Ports(first, first + 1, first + 2))
    process.stop(tmp_path)


@pytest.fixture
def aws(running):
    """Clients of it."""
    clients = []

    def client(name: str):
        clients.append(
            boto3.client(
                name,
                endpoint_url=running.endpoint,
                region_name="us-east-1",
                aws_access_key_id="sandbox",
                aws_secret_access_key="sandbox",
            )
        )
        return clients[-1]

    yield SimpleNamespace(client=client)
    for one in clients:
        one.close()


def test_the_command_line_advances_the_clock(running, aws, capsys):
    """What is due fires and is told; a failure is a failure of the command, and a stopped sandbox has no clock."""
    arn = make_function(
        aws, "echo", "def handle(event, context):\n    if event:\n        raise ValueError\n    return 1\n"
    )
    role = make_role(aws, "schedules", allow("lambda:InvokeFunction"), service="scheduler.amazonaws.com")
    scheduled = {"ScheduleExpression": "rate(10 minutes)", "FlexibleTimeWindow": {"Mode": "OFF"}}
    target = {"Arn": arn, "RoleArn": role, "Input": "{}"}
    aws.client("scheduler").create_schedule(Name="keep", Target=target, **scheduled)
    root = str(running.root)
    assert main(["advance", "25m", "--root", root]) == 0
    fired = json.loads(capsys.readouterr().out)["fired"]
    assert [(one["schedule"], one["answer"], one["error"]) for one in fired] == [("default/keep", "1", "")] * 2
    aws.client("scheduler").update_schedule(Name="keep", Target={**target, "Input": "[1]"}, **scheduled)
    assert main(["advance", "10m", "--root", root]) == 1
    capsys.readouterr()
    process.stop(running.root)
    assert main(["advance", "10m", "--root", root]) == 1
    assert capsys.readouterr().err == "berth: the sandbox is not running; `berth sandbox start` starts it\n"


@pytest.mark.parametrize("ends", ["stopped", "killed"])
def test_a_function_ends_with_its_sandbox(running, aws, tmp_path, ends):
    """Also when nobody had the time to end it; what it was doing is not in the account."""
    file = tmp_path / "pid"
    make_function(aws, "waits", WAITS, Timeout=60)
    event = json.dumps({"file": str(file)}).encode()
    aws.client("lambda").invoke(FunctionName="waits", InvocationType="Event", Payload=event)
    deadline = time.monotonic() + 20
    while not (file.exists() and file.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    pid = int(file.read_text())
    folder = process.State(running.root).directory / "functions"
    assert folder.is_dir()
    if ends == "stopped":
        assert process.stop(running.root) is True
        assert not folder.exists()
    else:
        os.kill(running.pid, signal.SIGKILL)
    while process.command_of(pid) is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert process.command_of(pid) is None
