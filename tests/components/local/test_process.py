"""A process outlives who started it, is told from a stranger with its number, and is ended for certain."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from components.local.errors import LocalError
from components.local.process import Identity, is_alive, log_tail, start, stop

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


@pytest.fixture
def sleeper(tmp_path):
    identity = start(SLEEPER, environment={}, directory=tmp_path, log=tmp_path / "a.log")
    yield identity
    stop(identity, 0)


def test_a_started_process_has_a_session_of_its_own_and_runs(sleeper):
    """A signal to Pulumi's group, as Ctrl-C, does not reach it."""
    assert is_alive(sleeper)
    assert os.getsid(sleeper.pid) == sleeper.pid


def test_a_recycled_number_is_a_stranger(sleeper):
    """The same number with another start is not ours: it counts as ended, and is not touched."""
    stranger = replace(sleeper, started="1")
    assert not is_alive(stranger)
    stop(stranger, 0)
    assert is_alive(sleeper)


def test_a_killed_process_does_not_run(sleeper):
    """One that has ended and was not collected yet has a number still, and does not run."""
    os.kill(sleeper.pid, signal.SIGKILL)
    stop(sleeper, 1)
    assert not is_alive(sleeper)


def test_a_process_that_ignores_sigterm_is_killed_with_its_children(tmp_path):
    """After the grace, SIGKILL goes to the whole session."""
    child = "import subprocess,sys,signal,time;signal.signal(signal.SIGTERM,signal.SIG_IGN);"
    child += "p=subprocess.Popen(['sleep','60']);open('child','w').write(str(p.pid));time.sleep(60)"
    identity = start(
        [sys.executable, "-c", child], environment=dict(os.environ), directory=tmp_path, log=tmp_path / "l"
    )
    wait_for(tmp_path / "child")
    stop(identity, 0.3)
    assert not is_alive(identity)
    number = (tmp_path / "child").read_text()
    found = subprocess.run(["ps", "-o", "stat=", "-p", number], capture_output=True, text=True, check=False)
    assert found.stdout.strip()[:1] in {"", "Z"}


def test_nothing_is_alive_without_a_start():
    """A state that has lost the start names nobody."""
    assert not is_alive(Identity(os.getpid(), ""))


def test_a_program_that_is_not_there_is_named(tmp_path):
    """The system's reason, without a traceback."""
    with pytest.raises(LocalError, match=r"^/no/such/program: cannot be started \(No such file or directory\)$"):
        start(["/no/such/program"], environment={}, directory=tmp_path, log=tmp_path / "a.log")


def test_the_tail_of_a_log_is_one_line(tmp_path):
    """The last lines, joined; a log that is not there is said to be."""
    (tmp_path / "a.log").write_text("one\ntwo\n")
    assert log_tail(tmp_path / "a.log") == "one | two"
    assert log_tail(tmp_path / "b.log") == "no log"


def wait_for(path):
    import time

    end = time.monotonic() + 10
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < end
        time.sleep(0.02)
