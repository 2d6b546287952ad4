"""How does a function run? In a process of its own, from its zip, with what Lambda's Python brings along.

Of this checkout it sees nothing: boto3 and what that needs are linked into a folder, and no time zones are there.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.aws.functions.function import Function

# Lambda's Python has these, and no time zones: neither the package nor the files of the system.
_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
_MOST_ANSWER_BYTES = 6_291_556
_MOST_LOG_BYTES = 1_000_000
_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")


@dataclass(frozen=True)
class Invocation:
    """One event on its way to a function."""

    request_id: str
    event: str
    """JSON."""
    log_stream: str
    clock: float | None = None
    """The time that the function sees, in seconds since the epoch; None: the real one."""


@dataclass(frozen=True)
class Outcome:
    """What a run gave."""

    payload: str
    """The answer, or the error, as JSON."""
    failed: bool
    log: str
    seconds: float


class StoppingError(Exception):
    """No function is run any more."""

    def __init__(self) -> None:
        super().__init__("the sandbox is stopping")


class Runtime:
    """The processes of all functions, and their unpacked code below one folder; both are gone after `close`."""

    def __init__(self, folder: Path) -> None:
        """Whatever an earlier sandbox left behind in `folder` is removed."""
        self._folder = folder
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._closed = False
        shutil.rmtree(folder, ignore_errors=True)

    def run(self, function: Function, invocation: Invocation, environment: dict[str, str]) -> Outcome:
        """Run one event through a function.

        Raises:
            StoppingError: the sandbox is stopping; a run that it ended has no outcome.
        """
        started = time.monotonic()
        with tempfile.TemporaryFile() as log:
            answer = self._answer(function, invocation, environment, log)
            if self._closed:
                raise StoppingError
            seconds = time.monotonic() - started
            log.seek(0)
            text = log.read(_MOST_LOG_BYTES).decode(errors="replace")
        if "result" in answer and len(answer["result"]) <= _MOST_ANSWER_BYTES:
            return Outcome(answer["result"], failed=False, log=text, seconds=seconds)
        if "result" in answer:
            message = f"Response payload size exceeded maximum allowed payload size ({_MOST_ANSWER_BYTES} bytes)."
            error = {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}
        elif "error" in answer:
            error = {**answer["error"], "requestId": invocation.request_id}
        else:
            error = answer
            text += f"{answer['errorMessage']}\n"
        return Outcome(json.dumps(error), failed=True, log=text, seconds=seconds)

    def close(self) -> None:
        """End what runs, and remove every file."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for process in running:
            _end(process)
        shutil.rmtree(self._folder, ignore_errors=True)

    def code_of(self, function: Function) -> Path:
        """Return the folder with a function's code, unpacked once for each content."""
        folder = self._folder / "code" / function.code_digest
        with self._lock:
            if not folder.is_dir():
                part = folder.with_suffix(".part")
                with zipfile.ZipFile(io.BytesIO(function.code)) as archive:
                    archive.extractall(part)
                part.rename(folder)
        return folder

    def packages(self) -> Path:
        """Return the folder with what every function can import."""
        folder = self._folder / "packages"
        with self._lock:
            if not folder.is_dir():
                folder.mkdir(parents=True)
                for name in _PACKAGES:
                    source = _source_of(name)
                    (folder / source.name).symlink_to(source)
        return folder

    def _answer(
        self, function: Function, invocation: Invocation, environment: dict[str, str], log: IO[bytes]
    ) -> dict[str, Any]:
        """Return what the process told, or how it ended without a word."""
        code, packages = self.code_of(function), self.packages()
        read_end, write_end = os.pipe()
        with os.fdopen(read_end, "rb") as answers:
            try:
                process = self._started(code, environment, log, write_end)
            finally:
                os.close(write_end)
            too_late = threading.Event()
            watch = threading.Timer(function.timeout_seconds, lambda: (too_late.set(), _end(process)))
            watch.start()
            try:
                content = _exchange(process, _request(function, invocation, code, packages, write_end), answers)
            finally:
                watch.cancel()
                with self._lock:
                    self._running.discard(process)
        if content:
            return json.loads(content)
        return _ended(function, invocation, process.returncode, too_late=too_late.is_set())

    def _started(
        self, code: Path, environment: dict[str, str], log: IO[bytes], write_end: int
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise StoppingError
            process = subprocess.Popen(
                [sys.executable, "-S", "-s", "-P", str(_BOOTSTRAP)],
                cwd=code,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(write_end,),
                start_new_session=True,
            )
            self._running.add(process)
            return process


def _exchange(process: subprocess.Popen[bytes], request: bytes, answers: IO[bytes]) -> bytes:
    """Send the request, wait for the answer, end the process with whatever it started."""
    assert process.stdin is not None  # noqa: S101 - it was asked for
    with process.stdin as kept_open:  # an end of its input tells the process that the sandbox is gone
        try:
            kept_open.write(request)
            kept_open.flush()
            content = answers.read()
        except BrokenPipeError:
            content = b""
        if not content:
            process.wait()
        _end(process)
        process.wait()
    return content


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _request(function: Function, invocation: Invocation, code: Path, packages: Path, answer: int) -> bytes:
    request = {
        "handler": function.handler,
        "code": str(code),
        "packages": str(packages),
        "site": str(_source_of("time_machine").parent),
        "answer": answer,
        "event": invocation.event,
        "timeout": function.timeout_seconds,
        "clock": invocation.clock,
        "context": {
            "function_name": function.name,
            "function_version": "$LATEST",
            "invoked_function_arn": function.arn,
            "memory_limit_in_mb": str(function.memory_mb),
            "aws_request_id": invocation.request_id,
            "log_group_name": function.log_group,
            "log_stream_name": invocation.log_stream,
        },
    }
    return json.dumps(request).encode() + b"\n"


def _ended(function: Function, invocation: Invocation, code: int, *, too_late: bool) -> dict[str, str]:
    """What Lambda says of a process that gave no answer."""
    said = f"RequestId: {invocation.request_id} Error:"
    if too_late:
        message = f"{said} Task timed out after {function.timeout_seconds:.2f} seconds"
        return {"errorMessage": message, "errorType": "Sandbox.Timedout"}
    how = f"exit status {code}" if code >= 0 else f"signal: {signal.strsignal(-code)}"
    return {"errorMessage": f"{said} Runtime exited with error: {how}", "errorType": "Runtime.ExitError"}


def _source_of(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    origin = Path(spec.origin) if spec and spec.origin else Path()
    return origin.parent if origin.name == "__init__.py" else origin
