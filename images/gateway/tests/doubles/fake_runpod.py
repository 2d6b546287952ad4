"""What does RunPod do to a gateway? The queue's OpenAI route and health, behind one key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web
from fake_engine import FakeEngine, whole

if TYPE_CHECKING:
    from fake_engine import Script

KEY = "rpa_EXAMPLE"


@dataclass
class FakeRunPod:
    """One queue endpoint; `script` is what its worker answers. `base_url` is what RUNPOD_ENDPOINT_BASE_URL holds."""

    endpoint_id: str = "abc123"
    script: Script = field(default_factory=lambda: whole(b'{"ok":true}'))
    in_queue: int = 0
    workers_awake: int = 0
    jobs: int = 0
    engine: FakeEngine = field(init=False)

    def __post_init__(self) -> None:
        health = {f"/v2/{self.endpoint_id}/health": self._health}
        self.engine = FakeEngine(self._answer, base_path=f"/v2/{self.endpoint_id}/openai/v1", routes=health)

    @property
    def base_url(self) -> str:
        return f"{self.engine.url}/v2"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return web.Response(status=401)
        self.jobs += 1
        self.workers_awake = 1
        return await self.script(request)

    async def _health(self, request: web.Request) -> web.Response:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return web.Response(status=401)
        jobs = {"completed": self.jobs, "failed": 0, "inProgress": 0, "inQueue": self.in_queue, "retried": 0}
        return web.json_response({"jobs": jobs, "workers": {"idle": self.workers_awake, "running": 0}})
