"""A RunPod of our own over real HTTP: small, strict in what the provider could get wrong, and able to misbehave."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "rpa_SENTINEL_KEY_0123456789"
CREATE_FIELDS = {
    "name",
    "type",
    "image",
    "args",
    "disk",
    "ports",
    "env",
    "registry",
    "gpu",
    "cpu",
    "workers",
    "scaling",
    "dataCenterIds",
    "networkVolumes",
    "timeout",
    "flashboot",
}
GPU_TYPES = {
    "NVIDIA L4": "AMPERE_24",
    "NVIDIA RTX A5000": "AMPERE_24",
    "NVIDIA GeForce RTX 3090": "AMPERE_24",
    "NVIDIA L40": "ADA_48_PRO",
    "NVIDIA L40S": "ADA_48_PRO",
    "NVIDIA GeForce RTX 5080": None,
}


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True)
class Answer:
    """One answer; `commits` lets the work be done before it is refused."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    commits: bool = False
    hangs_up: bool = False


def problem(status: int, title: str, detail: str, *errors: str, **more: Any) -> Answer:
    """An answer as RunPod gives when it refuses."""
    body = {"title": title, "status": status, "detail": detail, **({"errors": list(errors)} if errors else {})}
    return Answer(status, body, {"Content-Type": "application/problem+json"}, **more)


class FakeRunpod:
    """Endpoints and volumes by id, what was asked, and what the next requests of a method are answered with."""

    def __init__(self) -> None:
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.volumes: dict[str, dict[str, Any]] = {}
        self.asked: list[Asked] = []
        self.next: list[tuple[str, Answer]] = []
        self.release = threading.Event()
        self.url = ""
        self.summary = dict.fromkeys(("running", "idle", "initializing", "throttled", "unhealthy", "total"), 0)
        self._made = 0

    def answer_next(self, method: str, *answers: Answer) -> None:
        """Answer the next requests of this method with these."""
        self.next += [(method, answer) for answer in answers]

    def calls(self, *methods: str) -> list[tuple[str, str]]:
        """Method and path of what was asked, of these methods alone if any are named."""
        return [(one.method, one.path) for one in self.asked if not methods or one.method in methods]

    def bodies(self, method: str) -> list[Any]:
        """What was sent with this method."""
        return [one.body for one in self.asked if one.method == method]

    def handle(self, asked: Asked) -> Answer:
        """Answer one request."""
        self.asked.append(asked)
        for index, (method, answer) in enumerate(self.next):
            if method == asked.method:
                del self.next[index]
                if answer.commits:
                    self._route(asked)
                return answer
        return self._route(asked)

    def _route(self, asked: Asked) -> Answer:
        if asked.headers.get("Authorization") != f"Bearer {KEY}":
            return problem(401, "Unauthorized", "missing bearer token")
        path, _, _ = asked.path.partition("?")
        match path.strip("/").split("/"):
            case ["v2", "catalog", "gpus"]:
                return Answer(200, {"gpus": [{"id": name, "pool": pool} for name, pool in GPU_TYPES.items()]})
            case ["v2", "serverless" | "network-volumes" as kind]:
                return self._create(kind, asked.body) if asked.method == "POST" else self._list(kind)
            case ["v2", "serverless" | "network-volumes" as kind, id_, *rest] if id_ in self._store(kind):
                return self._one(asked, kind, id_, rest)
        return problem(404, "Not Found", "resource not found")

    def _store(self, kind: str) -> dict[str, dict[str, Any]]:
        return self.endpoints if kind == "serverless" else self.volumes

    def _list(self, kind: str) -> Answer:
        word = "endpoints" if kind == "serverless" else "networkVolumes"
        return Answer(200, {word: [shown(one) for one in self._store(kind).values()]})

    def _one(self, asked: Asked, kind: str, id_: str, rest: list[str]) -> Answer:
        store = self._store(kind)
        if rest == ["workers"]:
            return Answer(200, {"workers": [], "summary": self.summary})
        if asked.method == "DELETE":
            del store[id_]
            return Answer(204)
        if asked.method == "PATCH":
            refused = wrong(asked.body, kind, store[id_])
            if refused:
                return problem(422, "Unprocessable Entity", "Request validation failed.", *refused)
            merge(store[id_], asked.body)
        return Answer(200, shown(store[id_]))

    def _create(self, kind: str, body: Any) -> Answer:
        refused = wrong(body, kind)
        if refused:
            return problem(422, "Unprocessable Entity", "Request validation failed.", *refused)
        self._made += 1
        if kind == "network-volumes":
            made = self.volumes[f"vol{self._made}"] = {"id": f"vol{self._made}", **body}
            return Answer(201, made)
        id_ = f"ep{self._made}"
        made = {"id": id_, "createdAt": "2026-11-21T12:00:00Z", "env": {}, **body}
        made["requestUrls"] = {"run": f"https://api.runpod.ai/v2/{id_}/run"}
        self.endpoints[id_] = made
        return Answer(201, shown(made))


def merge(stored: dict[str, Any], body: dict[str, Any]) -> None:
    """Change as a PATCH does: `gpu` and `workers` part by part, pools together with their exclusions."""
    for name, value in body.items():
        if name == "gpu":
            cleared = {"excludedTypes": []} if "pools" in value else {}
            stored["gpu"] = {**stored["gpu"], **cleared, **value}
        elif name == "workers":
            stored["workers"] = {**stored["workers"], **value}
        else:
            stored[name] = value


def shown(stored: dict[str, Any]) -> dict[str, Any]:
    """An endpoint as it is read: no exclusions, no bound is null, what Berth does not know of is there too."""
    seen = dict(stored)
    if "gpu" in seen:
        gpu = {name: value for name, value in seen["gpu"].items() if name != "excludedTypes"}
        least = gpu.get("minCudaVersion") or None
        seen["gpu"] = {"allowedCudaVersions": [], "count": 1, **gpu, "minCudaVersion": least}
        seen |= {"registry": seen.get("registry"), "newField": 1}
        if counts(stored) and "idleTimeout" in seen["workers"]:
            seen["workers"] = {name: seen["workers"][name] for name in ("min", "max")}
    return seen


def counts(endpoint: dict[str, Any]) -> bool:
    """Whether a queue scales on requests, where no idle timeout is shown."""
    return endpoint["type"] == "QUEUE" and endpoint["scaling"]["type"] == "REQUEST_COUNT"


def wrong(body: dict[str, Any], kind: str, stored: dict[str, Any] | None = None) -> list[str]:
    """What is refused of a body, as RunPod's schemas and rules say; `stored` is what a PATCH changes."""
    creates = stored is None
    if kind == "network-volumes":
        allowed = {"name", "size", "dataCenter", "type"} if creates else {"name", "size"}
        return [f"$: additional properties '{name}' not allowed" for name in body if name not in allowed]
    allowed = CREATE_FIELDS if creates else CREATE_FIELDS - {"type"}
    found = [f"$: additional properties '{name}' not allowed" for name in body if name not in allowed]
    gpu, workers = body.get("gpu", {}), body.get("workers", {})
    numbers = (body.get("disk"), body.get("timeout"), gpu.get("count"), *workers.values())
    found += [f"{value} is no integer" for value in numbers if isinstance(value, float)]
    if not creates and "excludedTypes" in gpu and "pools" not in gpu:
        found.append("$.gpu: property 'pools' is required, if 'excludedTypes' property exists")
    if creates and gpu.get("minCudaVersion") == "":
        found.append("$.gpu.minCudaVersion: '' does not match pattern")
    if gpu.get("allowedCudaVersions") and gpu.get("minCudaVersion"):
        found.append("gpu: mutually exclusive")
    if "idleTimeout" in workers and counts({**(stored or {}), **body}):
        found.append("workers.idleTimeout is not applicable")
    return found


@contextmanager
def serving(fake: Any, handle: Callable[[Asked], Answer]) -> Iterator[Any]:
    """Serve on a free port of this machine until the block ends; `fake.url` is where."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            answer = handle(Asked(self.command, self.path, body, dict(self.headers)))
            if answer.hangs_up:
                fake.release.wait(5)
                self.close_connection = True
                return
            content = b"" if answer.body is None else answer.body
            content = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815 - names of the base class

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class has it
            """Keep the output of the tests clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        fake.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
