"""A stack without AWS: one endpoint on a RunPod of this test alone, kept by `berth keeper run`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import time_machine
from werkzeug.serving import make_server

from sandbox.runpod.app import LocalRunpod
from sandbox.runpod.keys import FULL_KEY
from tests.cli.kept_account import answers_with_outputs
from tests.keeper.runtime.test_runpod import Runpod
from tests.keeper.situation import at, config

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


@dataclass
class Stack:
    """The stack, and the folder in which its keeper remembers things."""

    runpod: Runpod
    folder: Path

    def has(self, **changes: Any) -> None:
        """Deploy the service with another configuration."""
        details = {"endpoint_id": self.runpod.endpoint_id, "sleep": "hard", "pools": ["AMPERE_24"], "front": False}
        usual = {"target": "runpod", "region": "local", "max_replicas": 3, "usd_per_hour": {"AMPERE_24": 0.68}}
        document = config(**{**usual, "details": details, **changes}).to_json()
        self.exports(keeper={"owns": True, "parameters": {}, "function": None, "document": document})

    def exports(self, **changes: Any) -> None:
        """Let `pulumi stack output` answer with the service."""
        outputs = {
            "target": "runpod",
            "region": "local",
            "state": "kept",
            "model_name": "org/model",
            "openai_base_url": "https://api.runpod.ai/v2/ep/openai/v1",
            "auth": {"scheme": "bearer", "key": "RUNPOD_API_KEY"},
            "hardware": {"instance_type": "AMPERE_24", "gpu": "L4", "gpu_count": 1, "usd_per_hour": 0.68},
            "estimate": {"floor": 177.0, "expected": 200.0, "max": 1500.0, "shared": 0.0},
            "replicas": {"min": 1, "max": 3},
            "endpoint_id": self.runpod.endpoint_id,
            **changes,
        }
        (self.folder / "outputs.json").write_text(json.dumps({"services": {"chat": outputs}}))

    def remembers(self, kind: str) -> dict[str, Any]:
        """Return a document of the keeper."""
        return json.loads((self.folder / ".berth" / "keeper" / "prod" / "chat" / f"{kind}.json").read_text())


@contextmanager
def stack(folder: Path, monkeypatch: pytest.MonkeyPatch, now: str) -> Iterator[Stack]:
    """A stack whose endpoint has one to three workers, at a moment that stands still."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    server.app = local = LocalRunpod(folder / "runpod", url)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    for name, value in {
        "RUNPOD_API_KEY": FULL_KEY,
        "RUNPOD_API_BASE_URL": url,
        "RUNPOD_ENDPOINT_BASE_URL": f"{url}/ai/v2",
        "LOGNAME": "ann",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    answers_with_outputs(folder, monkeypatch)
    (folder / "Pulumi.yaml").write_text("name: berth\n")
    monkeypatch.chdir(folder)
    try:
        with time_machine.travel(at(now), tick=False):
            made = Stack(Runpod(url).make(1, 3), folder)
            made.has()
            yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        local.close()
