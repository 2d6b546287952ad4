"""A process of ours comes, is found, and goes without a trace; what cannot get ready is ended and explained."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path

import pytest

from components.local import lifecycle
from components.local.errors import LocalError
from components.local.process import Identity, is_alive
from tests.ports import free_port


def test_a_process_is_ready_when_it_begins_and_leaves_nothing_when_it_ends(begin, inputs, tmp_path):
    """Settings, log and number are in the folder of the service, and gone with the process."""
    state = begin(inputs())
    folder = Path(state["directory"])
    assert lifecycle.runs(state)
    assert sorted(file.name for file in folder.iterdir()) == ["engine.json", "engine.log", "engine.pid"]
    lifecycle.end(state)
    assert not lifecycle.runs(state)
    assert not folder.exists()


def test_ending_twice_is_no_error(begin, inputs):
    """A process that is gone is ended."""
    state = begin(inputs())
    lifecycle.end(state)
    lifecycle.end(state)
    assert not lifecycle.runs(state)


def test_a_killed_process_does_not_run(begin, inputs):
    """That is what a refresh looks at."""
    state = begin(inputs())
    os.killpg(state["pid"], signal.SIGKILL)
    os.waitpid(state["pid"], 0)
    assert not lifecycle.runs(state)


def test_a_stubborn_process_ends_too(begin, inputs):
    """SIGKILL comes after the grace."""
    state = begin(inputs(mode="stubborn", graceSeconds=0.2))
    lifecycle.end(state)
    assert not lifecycle.runs(state)


def test_a_port_in_use_is_named(begin, inputs):
    """Nothing is started, and the error says what to do."""
    given = inputs()
    with socket.create_server(("127.0.0.1", given["port"])), pytest.raises(LocalError) as error:
        begin(given)
    assert str(error.value) == (
        f"chat: engine: port {given['port']} is in use by another program; end it, or set local.port to a free pair"
    )
    assert list(Path(given["directory"]).iterdir()) == []


def test_a_process_that_ends_at_once_shows_its_log(begin, inputs):
    """The reason of the engine itself, and where the log is."""
    given = inputs(mode="broken")
    with pytest.raises(LocalError) as error:
        begin(given)
    assert str(error.value) == (
        f"chat: engine: ended before it was ready: no such model ({given['directory']}/engine.log)"
    )


def test_a_process_that_never_gets_ready_is_ended(begin, inputs):
    """The error says how long was waited; no process is left."""
    given = inputs(mode="deaf", readySeconds=1)
    with pytest.raises(LocalError, match=r"chat: engine: http://127.0.0.1:\d+/health does not answer after 1 s"):
        begin(given)
    assert not (Path(given["directory"]) / "engine.pid").exists()


def test_a_process_that_the_state_has_lost_is_ended_first(begin, inputs):
    """The record in the folder says that the port's owner is ours."""
    lost = begin(inputs())
    state = begin(inputs())
    assert state["pid"] != lost["pid"]
    assert not is_alive(Identity(lost["pid"], lost["started"]))
    assert lifecycle.runs(state)


def test_a_server_that_is_not_there_is_said_to_be(begin, inputs):
    """With engine url, before anything is started."""
    server = f"http://127.0.0.1:{free_port()}/v1"
    with pytest.raises(LocalError) as error:
        begin(inputs(server=server))
    assert str(error.value) == f"chat: engine: local.url: nobody answers at {server}; start it (`ollama serve`)"


def test_the_engine_is_told_where_its_file_is(begin, inputs, tiny):
    """Only the process's own settings have the whole path."""
    state = begin(inputs(gguf=str(tiny)))
    assert json.loads((Path(state["directory"]) / "engine.json").read_text())["path"] == str(tiny)
