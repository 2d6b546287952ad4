"""What the file back end tells about runs that did not end, and how the next one goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import cli
from sandbox.errors import SandboxError
from sandbox.ports import Ports
from sandbox.process import Running
from sandbox.stack import Backend, LocalStack


def checkpoint(root: Path, stack: str, **latest: Any) -> Path:
    file = root / ".berth/state/.pulumi/stacks/berth" / f"{stack}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"stack": stack, "latest": latest}}))
    return file


def lock(root: Path, pid: int) -> None:
    file = root / ".berth/state/.pulumi/locks/organization/berth/local/1.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"pid": pid, "username": "me", "hostname": "here"}))


def fake_pulumi(root: Path) -> Path:
    """A `pulumi` that the set-up chose, which writes down what it was asked."""
    folder, asked = root / "cli", root / "asked"
    folder.mkdir()
    (folder / "pulumi").write_text(f'#!/bin/sh\necho "$@" >> {asked}\n')
    (folder / "pulumi").chmod(0o755)
    (root / ".tools").mkdir()
    (root / ".tools/pulumi-folder").write_text(str(folder))
    return asked


@pytest.fixture
def pulumi_at_work() -> Iterator[int]:
    """The id of a process whose command line is that of a Pulumi command."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "pulumi up"])
    yield process.pid
    process.kill()
    process.wait()


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_pending_operations_mean_an_interrupted_run(tmp_path: Path) -> None:
    """A checkpoint without them is that of a run which ended."""
    backend = Backend(tmp_path)
    assert not backend.interrupted()
    checkpoint(tmp_path, "local", resources=[{}], pending_operations=[])
    assert not backend.interrupted()
    checkpoint(tmp_path, "local", resources=[{}], pending_operations=[{"type": "creating"}])
    assert backend.interrupted()


def test_only_other_stacks_count_as_others(tmp_path: Path) -> None:
    """Stack local itself, and stacks with nothing deployed, do not."""
    backend = Backend(tmp_path)
    checkpoint(tmp_path, "local", resources=[{}])
    checkpoint(tmp_path, "empty", resources=[])
    assert not backend.others_deployed()
    checkpoint(tmp_path, "mine", resources=[{}])
    assert backend.others_deployed()


def test_the_lock_of_a_killed_run_is_cancelled(tmp_path: Path) -> None:
    """Pulumi's locks never expire; one whose process is gone is dropped before the next command."""
    asked = fake_pulumi(tmp_path)
    lock(tmp_path, ended_process())
    assert LocalStack(Running(1, Ports(2, 3, 4), tmp_path, 0)).preview() == 0
    assert [line.split()[0] for line in asked.read_text().splitlines()] == ["cancel", "stack", "preview"]


def test_a_process_that_nobody_collected_does_not_hold_a_lock(tmp_path: Path) -> None:
    """In a container without an init process, a killed pulumi stays in the table of processes."""
    process = subprocess.Popen([sys.executable, "-c", "", "pulumi up"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    lock(tmp_path, process.pid)
    Backend(tmp_path).refuse_if_busy()
    assert Backend(tmp_path).lock_holders() == [process.pid]
    process.wait()


def test_a_run_that_goes_on_is_not_disturbed(tmp_path: Path, pulumi_at_work: int) -> None:
    """A lock whose process lives is an error that names it."""
    fake_pulumi(tmp_path)
    lock(tmp_path, pulumi_at_work)
    with pytest.raises(SandboxError, match=rf"stack local: pulumi \(pid {pulumi_at_work}\) is at work on it"):
        LocalStack(Running(1, Ports(2, 3, 4), tmp_path, 0)).preview()


def test_a_deployment_under_way_is_not_taken_for_an_interrupted_one(
    tmp_path: Path, pulumi_at_work: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its pending operations and its state stay, and the second command says who is at work."""
    lock(tmp_path, pulumi_at_work)
    state = checkpoint(tmp_path, "local", pending_operations=[{"type": "creating"}])
    assert cli.main(["up", "--root", str(tmp_path)]) == 1
    assert f"pulumi (pid {pulumi_at_work}) is at work on it" in capsys.readouterr().err
    assert state.exists()


def test_without_a_set_up_the_next_step_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No pulumi anywhere: `make setup`."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxError, match="run `make setup`"):
        LocalStack(Running(1, Ports(2, 3, 4), tmp_path, 0))


def test_an_interrupted_run_is_not_forgotten_over_other_stacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Starting anew would lose what they have on the sandbox, so the user decides."""
    (tmp_path / "Pulumi.yaml").touch()
    checkpoint(tmp_path, "local", pending_operations=[{"type": "creating"}])
    other = checkpoint(tmp_path, "mine", resources=[{}])
    assert cli.main(["preview", "--root", str(tmp_path)]) == 1
    assert "other stacks are on this sandbox" in capsys.readouterr().err
    assert other.exists()


def test_down_without_anything_deployed_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It starts nothing in order to end it."""
    assert cli.main(["down", "--root", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "nothing is deployed\n"


def test_outside_a_checkout_the_error_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands look for the nearest Pulumi.yaml."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["status"]) == 1
    assert "no Pulumi.yaml here or above" in capsys.readouterr().err


def test_status_of_a_stopped_sandbox_names_the_next_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback and no silence."""
    assert cli.main(["status", "--root", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "sandbox is not running; `make up` or `berth sandbox start` starts it\n"


def test_a_lock_that_is_being_written_holds_nobody(tmp_path: Path) -> None:
    """A file of Pulumi's that is read in the moment of its making is passed over."""
    lock(tmp_path, 1)
    file = next((tmp_path / ".berth/state/.pulumi/locks").rglob("*.json"))
    file.write_text('{"pid"')
    assert Backend(tmp_path).lock_holders() == []


def test_a_reset_waits_for_pulumi(tmp_path: Path, pulumi_at_work: int, capsys: pytest.CaptureFixture[str]) -> None:
    """The account is not forgotten under a deployment."""
    lock(tmp_path, pulumi_at_work)
    assert cli.main(["reset", "--root", str(tmp_path)]) == 1
    assert f"pulumi (pid {pulumi_at_work}) is at work on it" in capsys.readouterr().err


def test_a_checkout_that_cannot_be_written_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A place that refuses the state folder is told as a place and a reason, without a traceback."""
    (tmp_path / ".berth").write_text("in the way")
    assert cli.main(["up", "--root", str(tmp_path)]) == 1
    message = capsys.readouterr().err
    assert message.startswith(f"berth: {tmp_path}/.berth")
    assert "the checkout must be writable" in message


def test_reset_forgets_the_state_of_what_was_deployed_on_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A stack that is remembered without its account could be neither deployed, refreshed nor destroyed."""
    local, other = checkpoint(tmp_path, "local", resources=[{}]), checkpoint(tmp_path, "mine", resources=[{}])
    assert cli.main(["reset", "--root", str(tmp_path)]) == 0
    assert not local.exists()
    assert other.exists()
    assert "pulumi stack rm --force --preserve-config --stack NAME" in capsys.readouterr().out


def test_a_reset_under_a_deployment_is_refused(tmp_path: Path, pulumi_at_work: int) -> None:
    """Nothing is forgotten while Pulumi is at work."""
    lock(tmp_path, pulumi_at_work)
    state = checkpoint(tmp_path, "local", resources=[{}])
    assert cli.main(["reset", "--root", str(tmp_path)]) == 1
    assert state.exists()
