"""A local RunPod that threads of this process serve, and a client that speaks plain HTTP to it."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from sandbox.listening import HOST, listen
from sandbox.runpod.app import LocalRunpod
from sandbox.runpod.keys import FULL_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENDPOINT = {
    "name": "chat",
    "type": "QUEUE",
    "image": "runpod/worker-v1-vllm:v2.25.2",
    "gpu": {"pools": ["AMPERE_24", "ADA_48_PRO"], "excludedTypes": ["NVIDIA RTX A5000"]},
    "scaling": {"type": "QUEUE_DELAY", "queueDelay": 4},
    "workers": {"min": 0, "max": 2, "idleTimeout": 5},
    "env": {"MODEL_NAME": "acme/llama"},
}
VOLUME = {"name": "weights", "size": 100, "dataCenter": "EU-RO-1"}


@dataclass
class Runpod:
    """A served LocalRunpod and the ways to talk to it."""

    url: str
    app: LocalRunpod
    state: Path

    def call(self, method: str, path: str, body: Any = None, key: str | None = FULL_KEY, **more: Any) -> Any:
        """One request; the response as it came."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return requests.request(method, self.url + path, json=body, headers=headers, timeout=20, **more)

    def plain(self, method: str, path: str, **more: Any) -> Any:
        """One request with nothing added."""
        return requests.request(method, self.url + path, timeout=20, **more)

    def get(self, path: str, **query: Any) -> Any:
        """What is there; an error when it is not."""
        return self._done("GET", path, params=query)

    def post(self, path: str, body: Any = None) -> Any:
        return self._done("POST", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self._done("PATCH", path, body)

    def delete(self, path: str) -> None:
        assert self.call("DELETE", path).status_code == 204

    def endpoint(self, **changes: Any) -> Any:
        """A new endpoint."""
        return self.post("/v2/serverless", ENDPOINT | changes)

    def settings(self, **changes: Any) -> None:
        self.patch("/sandbox/settings", changes)

    def advance(self, seconds: float) -> None:
        self.post("/sandbox/clock", {"advance_seconds": seconds})

    def job(self, endpoint_id: str, **given: Any) -> Any:
        """The id of a new job."""
        return self.post(f"/ai/v2/{endpoint_id}/run", {"input": given or {"prompt": "hello there"}})["id"]

    def ended(self, endpoint_id: str, job_id: str) -> Any:
        """The job, once it has ended."""
        while True:
            job = self.get(f"/ai/v2/{endpoint_id}/status/{job_id}")
            if job["status"] not in {"IN_QUEUE", "IN_PROGRESS"}:
                return job

    def _done(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        response = self.call(method, path, body, **more)
        assert response.status_code < 300, response.text
        return response.json() if response.content else None


@contextmanager
def served(state: Path) -> Iterator[Runpod]:
    server = listen(0, "ANY")
    url = f"http://{HOST}:{server.server_port}"
    with ExitStack() as parts:
        parts.callback(server.server_close)
        server.app = app = LocalRunpod(state, url, {"root": str(state)})
        parts.callback(app.close)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        parts.callback(thread.join)
        parts.callback(server.shutdown)
        yield Runpod(url, app, state)
