"""What makes a set-up step run once, survive an interruption, and run again only for what changed?"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
STAMPS = TOOLS / "stamps"


class SetupError(Exception):
    """A step could not be done; the text says what was tried and what to do."""


def say(text: str) -> None:
    """One line of progress, at once."""
    print(f"berth: {text}", flush=True)


def fingerprint(*parts: str | Path) -> str:
    """SHA-256 over texts and the contents of files."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, Path) else part.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def is_done(name: str, mark: str) -> bool:
    """Whether step `name` was finished with these inputs."""
    stamp = STAMPS / name
    return stamp.is_file() and stamp.read_text() == mark


def mark_done(name: str, mark: str) -> None:
    """Record the step as finished; atomic, so a kill leaves it either done or not."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    unfinished = STAMPS / f"{name}.{os.getpid()}"
    unfinished.write_text(mark)
    unfinished.replace(STAMPS / name)


def run_once(name: str, mark: str, step: Callable[[], None], *, doing: str, makes: Path) -> None:
    """Run `step` unless it was finished with the same `mark` and what it `makes` is still there."""
    if is_done(name, mark) and makes.exists():
        return
    say(f"{doing} ...")
    started = time.monotonic()
    (STAMPS / name).unlink(missing_ok=True)
    step()
    mark_done(name, mark)
    say(f"{doing}: done in {time.monotonic() - started:.0f} s")


def run(command: Sequence[str | Path], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Run a command quietly; on failure its output becomes the error's text."""
    environment = {**os.environ, **(env or {})}
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        tail = "\n".join((result.stdout + result.stderr).strip().splitlines()[-15:])
        raise SetupError(f"`{' '.join(str(part) for part in command)}` ended with {result.returncode}:\n{tail}")


@contextmanager
def only_one() -> Iterator[None]:
    """Let one set-up at a time work on this checkout; a second one waits."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up of this checkout is running; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def check_python() -> None:
    """Refuse an interpreter that is too old, before anything is written."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the one place that may meet an older Python
        found = ".".join(map(str, sys.version_info[:3]))
        raise SetupError(f"Python {found} at {sys.executable} is too old; install Python 3.11 or newer, or set PYTHON=")
