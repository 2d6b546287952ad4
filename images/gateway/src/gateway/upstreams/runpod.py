"""How is a request passed to a RunPod endpoint? On the platform's OpenAI route, or straight to a worker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gateway.metrics.engine_names import RUNNING, WAITING, Reading
from gateway.upstreams.credentials import FixedCredentials
from gateway.upstreams.http import FixedAnswer
from gateway.upstreams.openai import OpenAiUpstream
from gateway.upstreams.upstream import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.config.upstreams import RunPodConfig
    from gateway.upstreams.upstream import Answer, Outgoing, Upstream

QUEUE_URL = "https://api.runpod.ai/v2"
NO_WORKER = 400


def runpod_upstream(config: RunPodConfig, environment: Mapping[str, str]) -> Upstream:
    """The upstream that `mode` asks for."""
    credentials = FixedCredentials(config.key.open(environment))
    if config.mode == "queue":
        base = (config.url or environment.get("RUNPOD_ENDPOINT_BASE_URL") or QUEUE_URL).rstrip("/")
        return RunPodQueue(config.name, f"{base}/{config.endpoint_id}", credentials)
    # A probe would wake a worker and be billed: a load balancer counts as healthy.
    url = config.url or f"https://{config.endpoint_id}.api.runpod.ai"
    return RunPodBalancer(config.name, f"{url}/v1", credentials=credentials)


class RunPodBalancer(OpenAiUpstream):
    """The workers behind a load balancer, which says 400 when it found none for two minutes."""

    async def send(self, outgoing: Outgoing) -> Answer:
        """A request that no worker has seen is as good as not sent: SDKs do not try a 400 again, nor would a route."""
        answer = await super().send(outgoing)
        if answer.status != NO_WORKER:
            return answer
        body = await answer.whole()
        answer.close()
        if _says_no_worker(body):
            raise UnreachableError("no worker")
        return FixedAnswer(answer.status, answer.headers, body)


def _says_no_worker(body: bytes) -> bool:
    """Whether RunPod speaks, and not an engine or its gateway: their errors are objects."""
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return False
    return isinstance(error, str) and "worker" in error


class RunPodQueue(OpenAiUpstream):
    """The OpenAI route of a queue endpoint; the platform itself says how it is, which wakes no worker."""

    def __init__(self, name: str, url: str, credentials: FixedCredentials) -> None:
        super().__init__(name, f"{url}/openai/v1", credentials=credentials)
        self._endpoint_health = url.partition("://")[2].partition("/")[2]

    @property
    def has_health(self) -> bool:
        return True

    async def healthy(self) -> bool:
        """Whether the platform knows the endpoint; with no worker awake it still takes requests."""
        return bool(await self._health())

    @property
    def has_readings(self) -> bool:
        return True

    async def readings(self) -> list[Reading] | None:
        """Jobs that wait for a worker, and those that have one."""
        jobs = (await self._health()).get("jobs")
        if not isinstance(jobs, dict):
            return None
        named = ((WAITING, "inQueue"), (RUNNING, "inProgress"))
        return [Reading(ours, theirs, jobs[theirs]) for ours, theirs in named if type(jobs.get(theirs)) is int]

    async def _health(self) -> dict[str, Any]:
        text = await self.probe(f"/{self._endpoint_health}/health")
        try:
            document = json.loads(text or "")
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}
