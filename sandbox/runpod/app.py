"""The local RunPod as a WSGI application: which part answers a call, and what is kept of it."""

from __future__ import annotations

import logging
import socket
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.runpod.answers import TITLES, Answer, ProblemError
from sandbox.runpod.calls import CallLog
from sandbox.runpod.control import Control
from sandbox.runpod.faults import Faults
from sandbox.runpod.job_desk import JobDesk
from sandbox.runpod.job_routes import answer_job_call
from sandbox.runpod.management import READS, Management
from sandbox.runpod.request import Request, read
from sandbox.runpod.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sandbox.runpod.faults import Fault

JOBS_ROOT = "/ai/v2"
# Under the second one, every part of the sandbox tells about itself.
CONTROL_ROOTS = ("/sandbox/", "/_berth/")
RETIRED = {
    "/v1": "REST v1 was retired on 2026-11-15; use REST v2, https://api.runpod.io/v2",
    "/graphql": "the sandbox has no GraphQL, which is to be retired early in 2027; use REST v2, https://api.runpod.io/v2",
}
CREATED, NO_CONTENT = 201, 204
FIRST_ERROR = 400

log = logging.getLogger(__name__)
request_log = logging.getLogger("sandbox.requests")


class LocalRunpod:
    """One account, its state under `state_dir`; `url` is where clients reach it."""

    def __init__(self, state_dir: Path, url: str, about: dict[str, Any] | None = None) -> None:
        self._snapshot = Snapshot(state_dir)
        self.account = self._snapshot.load()
        self._faults = Faults()
        self._calls = CallLog()
        self._management = Management(self.account, url + JOBS_ROOT)
        self._desk = JobDesk(self.account)
        self._control = Control(self.account, self._faults, self._calls, about or {})

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = read(environ)
        started = time.perf_counter()
        answer = self._answer(request)
        milliseconds = (time.perf_counter() - started) * 1000
        status = answer.status if answer else "dropped"
        if not request.path.startswith(CONTROL_ROOTS):
            request_log.info("runpod %s %s %s %.0fms", request.method, request.path, status, milliseconds)
        if answer is None:
            _drop(request)
            raise ConnectionAbortedError
        headers = [(name, value) for name, value in answer.headers.items()]
        phrase = TITLES.get(answer.status, "Created" if answer.status == CREATED else "OK")
        if answer.status == NO_CONTENT:
            start_response(f"{NO_CONTENT} No Content", headers)
            return []
        headers.append(("Content-Type", answer.content_type))
        if answer.stream is not None:
            start_response(f"{answer.status} {phrase}", headers)
            return answer.stream
        headers.append(("Content-Length", str(len(answer.body))))
        start_response(f"{answer.status} {phrase}", headers)
        return [answer.body] if request.method != "HEAD" else []

    def close(self) -> None:
        """Write down what the workers did since the last change."""
        with self.account.changed:
            self.account.advance()
            try:
                self._snapshot.save(self.account)
            except OSError:
                log.exception("what happened since the last change could not be written")

    def _answer(self, request: Request) -> Answer | None:
        """The answer to a call; None: the connection is dropped."""
        if request.path.startswith(CONTROL_ROOTS):
            with self.account.changed:
                return self._kept(request, self._control.answer(request))
        with self.account.changed:
            fault = self._faults.take(request.method, request.path)
        if fault is not None:
            time.sleep(fault.latency_seconds)
        answer: Answer | None
        if fault is None or fault.after_commit or (fault.status is None and not fault.drop):
            answer = self._carried_out(request)
        else:
            answer = Answer(200)
        if fault is not None:
            answer = self._failed(request, fault, answer)
        self._calls.add(request.method, request.path, answer.status if answer else None, fault=fault is not None)
        return answer

    def _failed(self, request: Request, fault: Fault, answer: Answer) -> Answer | None:
        if fault.drop:
            return None
        if fault.status is None:
            return answer
        failure = fault.answer()
        if request.path.startswith("/v2/"):
            return replace(failure, headers=failure.headers | self._management.quota_headers())
        return failure

    def _carried_out(self, request: Request) -> Answer:
        root = next((root for root in RETIRED if (request.path + "/").startswith(root + "/")), None)
        if root is not None:
            return ProblemError(410, RETIRED[root]).answer()
        with self.account.changed:
            try:
                if request.path.startswith("/v2/"):
                    return self._kept(request, self._management.answer(request))
                if request.path.startswith(JOBS_ROOT + "/"):
                    return answer_job_call(self._desk, request)
            except Exception:
                log.exception("runpod %s %s failed", request.method, request.path)
                return ProblemError(500, "the sandbox failed; see its log").answer()
        return ProblemError(404, "nothing is here; REST v2 is at /v2, the job API at /ai/v2").answer()

    def _kept(self, request: Request, answer: Answer) -> Answer:
        """The answer to a change, once the change is on the disk."""
        if request.method in READS or answer.status >= FIRST_ERROR:
            return answer
        self.account.changed.notify_all()
        try:
            self._snapshot.save(self.account)
        except OSError as error:
            log.exception("the account could not be written")
            detail = f"the sandbox cannot write {self._snapshot.path} ({error.strerror}); make room, then restart it"
            return ProblemError(500, detail).answer()
        return answer


def _drop(request: Request) -> None:
    """Close the connection as a broken network does."""
    if request.connection is not None:
        with suppress(OSError):
            request.connection.shutdown(socket.SHUT_RDWR)
