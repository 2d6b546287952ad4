"""What the tests of the local target have in common: processes that end with the test, ports, plans."""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from components.local import lifecycle
from components.plan import UNBUILT, make_plan
from components.spec import parse_spec
from components.spec.document import merged
from tests.components.local.tiny_gguf import write_tiny_gguf
from tests.ports import free_port

FAKE = Path(__file__).with_name("fake_engine.py")
SPEC: dict[str, Any] = {"name": "chat", "model": {"id": "meta-llama/Llama-3.1-8B-Instruct", "token_secret": "hf"}}


def fake_command(_role: str, settings: Path) -> list[str]:
    """The fake engine, whatever the role."""
    return [sys.executable, str(FAKE), str(settings)]


@pytest.fixture
def begin():
    """Start processes that are killed at the end of the test, whatever became of it."""
    started: list[int] = []

    def begin_(inputs, command_of=fake_command):
        outs = lifecycle.begin(inputs, command_of)
        started.append(outs["pid"])
        return {**inputs, **outs}

    yield begin_
    for pid in started:
        try:
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            continue


@pytest.fixture
def inputs(tmp_path):
    """Inputs of a process with the fake engine's settings."""
    port = free_port()

    def inputs_(**change):
        settings = {"port": port, "mode": change.pop("mode", "serve")}
        return {
            "role": "engine",
            "directory": str(tmp_path / ".berth" / "local" / "dev" / "chat"),
            "root": str(tmp_path),
            "port": port,
            "ready": f"http://127.0.0.1:{port}/health",
            "settings": json.dumps(settings),
            "gguf": None,
            "server": None,
            "variables": [],
            "graceSeconds": 5,
            "readySeconds": 20,
            **change,
        }

    return inputs_


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A model file of random weights."""
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
def plan_here():
    """Plan a spec with changes for this machine."""

    def plan(change=None):
        spec = parse_spec(merged(SPEC, change or {}), "chat.yaml")
        return make_plan(spec, target="local", stack="dev", region="local", images=UNBUILT, today=date(2026, 11, 21))

    return plan
