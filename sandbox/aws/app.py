"""The local AWS as a WSGI application: recognise a call, check it, run it on moto, record it, answer."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.test import run_wsgi_app

from sandbox.aws import cbor, inference, inventory, patches, rules, seeds, shapes
from sandbox.aws.call import Call
from sandbox.aws.clock import Clock
from sandbox.aws.control import Control
from sandbox.aws.determinism import Defaults, clock_at, forget_everything, seed, seed_for_read
from sandbox.aws.errors import Answer, AwsError, crashed, not_implemented, refusal, unrecorded
from sandbox.aws.functions.desk import Desk
from sandbox.aws.functions.surroundings import Surroundings
from sandbox.aws.journal import Entry, Journal, versions
from sandbox.aws.patches.sns import take_notices
from sandbox.aws.secrecy import Redactor, holds_secret
from sandbox.errors import JournalError
from sandbox.listening import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

log = logging.getLogger(__name__)
request_log = logging.getLogger("sandbox.requests")

_INVOKE = ("lambda", "Invoke")
_HOP_BY_HOP = frozenset({"connection", "content-length", "date", "server", "transfer-encoding"})


class LocalAws:
    """One account, its state under `state_dir`; moto's state is global, so one at a time in a process."""

    def __init__(self, state_dir: Path, about: dict[str, Any] | None = None) -> None:
        self._about = about or {}
        self._journal = Journal(state_dir / "journal.jsonl")
        self._redactor = Redactor(state_dir / "redaction.key", public=seeds.PUBLIC_VALUES)
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._lock = threading.Lock()
        self._defaults = Defaults()
        self._baseline = inventory.Inventory()
        self._number = 0
        self._gaps: Counter[str] = Counter()
        self._differences = 0
        self._placeholders = 0
        self._unwritable = ""
        self._clock = Clock()
        self._port = int(self._about.get("port") or 0)
        around = Surroundings(
            answer=self.answer,
            locked=self._lock,
            endpoint=lambda: f"http://{HOST}:{self._port}",
            runpod_url=f"http://{HOST}:{self._about.get('runpod_port') or 0}",
            clock=self._clock,
        )
        self._desk = Desk(state_dir / "functions", around)
        documents = {"health": self._health, "inventory": self._inventory, "gaps": lambda: dict(self._gaps)}
        self._control = Control(self._desk, around, lambda: self._defaults.regions, documents)
        patches.apply()
        forget_everything()
        self._replay()
        # They are always the first calls; a start that was interrupted among them is completed.
        for call in seeds.calls()[self._number :]:
            self.answer(call)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        call = _call_from(environ)
        self._port = self._port or int(environ["SERVER_PORT"])
        answer = self._control.answer(call) if self._control.is_own(call) else self._aws(call)
        body = b"" if answer.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED} else answer.body
        headers = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP]
        length = str(len(body))
        if call.method == "HEAD":
            length = next((v for n, v in answer.headers.items() if n.lower() == "content-length"), length)
        if answer.status != HTTPStatus.NO_CONTENT:
            headers.append(("Content-Length", length))
        start_response(f"{answer.status} {HTTP_STATUS_CODES.get(answer.status, 'Unknown')}", headers)
        return [body]

    def close(self) -> None:
        """End what runs, close the journal, forget the account; a new LocalAws on the same folder brings it back."""
        self._desk.close()
        with self._lock:
            self._journal.close()
            forget_everything()

    def _health(self) -> dict[str, Any]:
        """Without waiting for the call that runs: a busy sandbox is not a dead one."""
        return self._about | {
            "versions": versions(),
            "journal_length": self._number,
            "replay_differences": self._differences,
            "placeholder_secrets": self._placeholders,
        }

    def _inventory(self) -> dict[str, Any]:
        with self._lock:
            return (inventory.take(self._defaults.regions) - self._baseline).to_json()

    def _aws(self, call: Call) -> Answer:
        started = time.perf_counter()
        query = cbor.as_query(call)
        answer = self.answer(query or call)
        if query:
            answer = cbor.as_cbor(query, answer)
        milliseconds = (time.perf_counter() - started) * 1000
        known = query or call
        request_log.info(
            "%d %s %s %s %d %.0fms",
            self._number,
            known.service,
            known.operation,
            known.region,
            answer.status,
            milliseconds,
        )
        return answer

    def answer(self, call: Call) -> Answer:
        """Run one call as AWS would; a mutating one is on disk before this returns."""
        with self._lock:
            self._ensure_defaults(call)
            try:
                self._desk.identities.check(call)
                shapes.check(call)
                rules.check(call)
            except AwsError as error:
                return refusal(call, error)
            # Not recorded: a function makes calls of its own, which are, and at a replay it would make them twice.
            is_for_function = (call.service, call.operation) == _INVOKE
            answer = None if is_for_function else self._record(call) if call.mutates else self._read(call)
            notices = take_notices(call)
        # Not under the lock: functions make calls themselves.
        self._control.publish(notices)
        return answer or self._desk.invoke(call)

    def _read(self, call: Call) -> Answer:
        seed_for_read()
        if not self._clock.advanced:
            return self._run(call)
        with clock_at(time.time() + self._clock.advanced):
            return self._run(call)

    def _record(self, call: Call) -> Answer:
        if self._unwritable:
            return unrecorded(call, self._unwritable)
        number, at = self._number + 1, round(time.time() + self._clock.advanced, 3)
        answer = self._run_numbered(number, at, call)
        if not answer.ran:
            return answer
        try:
            recorded = self._redactor.redacted(call)
            self._journal.append(Entry(number, at, recorded, answer.status, _digest(answer)))
        except OSError as error:
            # What the call changed is in memory only: a restart, which replays the journal, is the way back.
            self._unwritable = f"{self._journal.path}: {error.strerror}"
            log.exception("%s:%s could not be recorded", call.service, call.operation)
            return unrecorded(call, self._unwritable)
        self._number = number
        return answer

    def _run_numbered(self, number: int, at: float, call: Call) -> Answer:
        seed(number)
        with clock_at(at):
            return self._run(call)

    def _run(self, call: Call) -> Answer:
        try:
            if (call.service, call.operation) in inference.OPERATIONS:
                return inference.invoke(call)
            body, status, headers = run_wsgi_app(self._moto, call.environ(), buffered=True)
        except NotImplementedError:
            return self._gap(call)
        except AwsError as error:
            return refusal(call, error)
        except Exception as error:
            log.exception("%s:%s failed", call.service, call.operation)
            return crashed(call, error)
        answer = Answer(int(status.split(" ", 1)[0]), dict(headers), b"".join(body))
        return self._gap(call) if _is_page(answer) else answer

    def _gap(self, call: Call) -> Answer:
        self._gaps[f"{call.service}:{call.operation}"] += 1
        log.warning("not implemented: %s:%s", call.service, call.operation)
        return not_implemented(call)

    def _ensure_defaults(self, call: Call) -> None:
        regions = self._defaults.regions
        if self._defaults.ensure(call.service, call.region) and call.region not in regions:
            self._baseline += inventory.take_regional(call.region)

    def _replay(self) -> None:
        started = time.perf_counter()
        for entry in self._journal.entries():
            self._ensure_defaults(entry.call)
            answer = self._run_numbered(entry.number, entry.at, entry.call)
            if answer.status != entry.status:
                raise JournalError(
                    f"{self._journal.path}: call {entry.number} ({entry.call.operation}) was answered {entry.status}, "
                    f"now {answer.status}; run `berth sandbox reset` to start with an empty account"
                )
            if _digest(answer) != entry.digest:
                self._differences += 1
                log.warning("call %d (%s) is answered differently now", entry.number, entry.call.operation)
            if holds_secret(entry.call) and b"sandboxplaceholder" in entry.call.body:
                self._placeholders += 1
            take_notices(entry.call)  # they were delivered when the call was made
            self._number = entry.number
        self._gaps.clear()
        if self._number:
            log.info("replayed %d calls in %.1f s", self._number, time.perf_counter() - started)
        if self._placeholders:
            log.warning(
                "%d secret values were not recorded and are placeholders now: set them again", self._placeholders
            )


def _call_from(environ: dict[str, Any]) -> Call:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read() if environ.get("wsgi.input_terminated") else environ["wsgi.input"].read(length)
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ["PATH_INFO"]
    # A client that uses this port as its proxy sends an absolute address.
    parts = urlsplit(raw)
    target = raw if not parts.scheme else raw.split(parts.netloc, 1)[1] or "/"
    return Call(environ["REQUEST_METHOD"], target, headers, body)


def _is_page(answer: Answer) -> bool:
    """Whether the web framework answered for want of a route: a REST operation that moto does not have."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    is_html = headers.get("content-type", "").startswith("text/html") and b"<title>" in answer.body
    return is_html and answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}


def _digest(answer: Answer) -> str:
    return hashlib.sha256(answer.body).hexdigest()[:16]
