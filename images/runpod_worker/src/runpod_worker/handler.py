"""How does a job become an answer? As a request to the engine, whose answer is passed on as it comes.

A stream is yielded in whole events, each as the text that RunPod's OpenAI route sends to the client; any other answer
once, as the JSON that it is. An error fails the job, with OpenAI's error object as JSON text.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import aiohttp

from runpod_worker.job import EngineRequest, JobError, engine_request
from runpod_worker.sse import Events, error_event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from runpod_worker.queue_config import QueueConfig

CONNECT_SECONDS = 10
HEALTH_SECONDS = 5
BAD_REQUEST, OK, SERVER_ERROR, BAD_GATEWAY = 400, 200, 500, 502

log = logging.getLogger(__name__)


class EngineHandler:
    """Answers jobs; `worker` is the very dictionary that the SDK was started with."""

    def __init__(self, config: QueueConfig, worker: dict[str, Any]) -> None:
        self._config = config
        self._worker = worker
        self._opened: aiohttp.ClientSession | None = None

    async def answer(self, job: dict[str, Any]) -> AsyncIterator[Any]:
        """The SDK's handler: what is yielded is sent at once, and again as a list when the job is done."""
        try:
            request = engine_request(job, self._config.routes, self._config.model)
        except JobError as error:
            yield _failed(str(error), "invalid_request_error", BAD_REQUEST)
            return
        begun = False
        try:
            async with self._session.request(
                request.method, self._config.engine_url + request.route, json=request.body
            ) as answer:
                async for part in self._parts(request, answer):
                    begun = True
                    yield part
        except (aiohttp.ClientError, TimeoutError) as error:
            # Its kind alone: texts of the client can hold parts of a request.
            log.warning("job %s: the engine broke off (%s)", job.get("id"), type(error).__name__)
            await self._look_at_the_engine()
            failure = _error(f"the engine broke off ({type(error).__name__})", "server_error", BAD_GATEWAY)
            if begun and request.streams:
                yield error_event(failure)
            yield {"error": json.dumps(failure)}

    async def _parts(self, request: EngineRequest, answer: aiohttp.ClientResponse) -> AsyncIterator[Any]:
        if answer.status != OK:
            if answer.status >= SERVER_ERROR:
                await self._look_at_the_engine()
            yield {"error": json.dumps(_engines_error(await answer.read(), answer.status))}
        elif request.streams and answer.content_type == "text/event-stream":
            events = Events()
            async for chunk in answer.content.iter_any():
                if whole := events.add(chunk):
                    yield whole
            if events.rest:
                yield events.rest
        else:
            yield _json(await answer.read())

    async def _look_at_the_engine(self) -> None:
        """An engine that no longer answers makes this worker useless: RunPod is told to start another one."""
        url = self._config.engine_url + self._config.engine_health_path
        try:
            timeout = aiohttp.ClientTimeout(total=HEALTH_SECONDS)
            async with self._session.get(url, timeout=timeout) as answer:
                healthy = answer.status == OK
        except (aiohttp.ClientError, TimeoutError):
            healthy = False
        if not healthy:
            log.error("the engine is not healthy: asking RunPod for a new worker after the running jobs")
            self._worker["refresh_worker"] = True

    @property
    def _session(self) -> aiohttp.ClientSession:
        """Made in the loop that the SDK runs, and kept: one connection serves one job after the other."""
        if self._opened is None:
            self._opened = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(total=self._config.max_request_seconds, sock_connect=CONNECT_SECONDS),
            )
        return self._opened


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return _failed(
            "the engine's answer is not JSON, which is all that a job can carry", "server_error", BAD_GATEWAY
        )


def _engines_error(content: bytes, status: int) -> dict[str, Any]:
    """The engine's own error object, which clients know, with its status; else one of ours."""
    try:
        error = json.loads(content)["error"]
    except (ValueError, KeyError, TypeError):
        error = None
    if not isinstance(error, dict):
        return _error(f"the engine answered {status}", "server_error", status)
    return {**error, "code": error.get("code") or status}


def _failed(message: str, kind: str, status: int) -> dict[str, str]:
    return {"error": json.dumps(_error(message, kind, status))}


def _error(message: str, kind: str, status: int) -> dict[str, Any]:
    return {"message": message, "type": kind, "param": None, "code": status}
