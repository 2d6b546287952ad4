"""What does RunPod's queue say to a worker? Jobs to take, jobs to stop, and ears for chunks and results."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator


class FakeQueue:
    """Jobs that were put and what a worker sent back, by job."""

    def __init__(self) -> None:
        self.url = ""
        self.waiting: list[dict[str, Any]] = []
        self.stopping: list[str] = []
        self.chunks: dict[str, list[Any]] = {}
        self.results: dict[str, dict[str, Any]] = {}
        self.heard: list[tuple[str, str]] = []
        """Kind and job of everything that was sent back, in order."""
        self.changed = threading.Condition()

    def put(self, job_id: str, **given: Any) -> None:
        with self.changed:
            self.waiting.append({"id": job_id, "input": given})

    def stop(self, job_id: str) -> None:
        with self.changed:
            self.stopping.append(job_id)

    def result(self, job_id: str, seconds: float = 90) -> dict[str, Any]:
        """The result of a job, as the worker sent it."""
        with self.changed:
            assert self.changed.wait_for(lambda: job_id in self.results, seconds), (self.results, self.chunks)
            return self.results[job_id]

    def await_chunks(self, job_id: str, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.chunks.get(job_id, [])) >= count, 90)

    @property
    def environment(self) -> dict[str, str]:
        """What RunPod gives a worker."""
        return {
            "RUNPOD_WEBHOOK_GET_JOB": f"{self.url}/job-take/$ID?gpu=none",
            "RUNPOD_WEBHOOK_POST_OUTPUT": f"{self.url}/job-done/$RUNPOD_POD_ID/$ID?gpu=none",
            "RUNPOD_WEBHOOK_POST_STREAM": f"{self.url}/job-stream/$RUNPOD_POD_ID/$ID?gpu=none",
            "RUNPOD_POD_ID": "pod1",
            # They look for a GPU, 4 GB of memory and the internet.
            "RUNPOD_SKIP_AUTO_SYSTEM_CHECKS": "true",
            "RUNPOD_SKIP_GPU_CHECK": "true",
        }

    @contextmanager
    def running(self) -> Iterator[FakeQueue]:
        queue = self

        class Handler(_Handler):
            state = queue

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: FakeQueue

    def do_GET(self) -> None:
        kind = urlsplit(self.path).path.split("/")[1]
        if kind == "job-stop":
            with self.state.changed:
                stopping, self.state.stopping = self.state.stopping, []
            self._send({"jobsToStop": stopping} if stopping else None)
            return
        most = int(parse_qs(urlsplit(self.path).query).get("batch_size", ["1"])[0])
        # As the real one holds the line for a while; not for long, since a worker ends only between two questions.
        for _ in range(10):
            with self.state.changed:
                jobs, self.state.waiting = self.state.waiting[:most], self.state.waiting[most:]
            if jobs:
                self._send(jobs if kind == "job-take-batch" else jobs[0])
                return
            time.sleep(0.02)
        self._send(None)

    def do_POST(self) -> None:
        _, kind, _, job_id = urlsplit(self.path).path.split("/")
        sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.state.changed:
            self.state.heard.append((kind, job_id))
            if kind == "job-stream":
                self.state.chunks.setdefault(job_id, []).append(sent["output"])
            else:
                self.state.results[job_id] = sent
            self.state.changed.notify_all()
        self._send({})

    def _send(self, content: Any) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(204 if content is None else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is the base class's
        """Stay silent."""
