"""What does vLLM do to a gateway? OpenAI's routes with scripted latency, errors, drops and sleep, and its metrics.

Shapes and names after vLLM 0.33.0 (2026-11).
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from fake_engine import FakeEngine

Document = dict[str, Any]
PROMPT_TOKENS = 7
TOOL_CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Berlin"}'},
}
LATENCIES = (
    "time_to_first_token_seconds",
    "inter_token_latency_seconds",
    "request_time_per_output_token_seconds",
    "request_queue_time_seconds",
    "e2e_request_latency_seconds",
)


@dataclass
class FakeVllm:
    """Answers with `words`; what it shall do otherwise is set on it at any time."""

    model: str = "org/model"
    words: tuple[str, ...] = ("Hello", " from", " the", " engine")
    first_token_seconds: float = 0.0
    gap_seconds: float = 0.0
    fail_with: tuple[int, str] | None = None
    """Status and message of every answer to come."""
    drop_after_chunks: int | None = None
    """Cut the connection of a stream after so many chunks."""
    sleeping: bool = False
    waiting: int = 0
    running: int = 0
    finished: int = 0
    generated: int = 0
    engine: FakeEngine = field(init=False)

    def __post_init__(self) -> None:
        control = {"/sleep": self._sleep, "/wake_up": self._wake_up, "/is_sleeping": self._is_sleeping}
        self.engine = FakeEngine(self._answer, metrics=self._metrics, routes=control)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        route = request.path.removeprefix("/v1")
        if route == "/models" and self.fail_with is None:
            return web.json_response({"object": "list", "data": [self._card()]})
        body = await request.read()
        refusal = self._refusal(body)
        if refusal is not None:
            return refusal
        asked: Document = json.loads(body)
        self.running += 1
        try:
            await asyncio.sleep(self.first_token_seconds)
            if asked.get("stream"):
                return await self._stream(request, route, asked)
            await asyncio.sleep(self.gap_seconds * len(self.words))
            self._count()
            return web.json_response(self._whole(route, asked))
        finally:
            self.running -= 1

    def _refusal(self, body: bytes) -> web.Response | None:
        if self.fail_with is not None:
            status, message = self.fail_with
            return _error(status, message, "InternalServerError" if status >= 500 else "BadRequestError")
        if self.sleeping:
            return _error(503, "The engine is sleeping.", "ServiceUnavailableError")
        try:
            model = json.loads(body).get("model")
        except (ValueError, AttributeError):
            return _error(400, "the body is not a JSON object", "BadRequestError")
        if model != self.model:
            return _error(404, f"The model `{model}` does not exist.", "NotFoundError", "model")
        return None

    def _whole(self, route: str, asked: Document) -> Document:
        text = "".join(self.words)
        common: Document = {"id": "cmpl-1", "created": 1, "model": self.model, "usage": self._usage()}
        if route == "/embeddings":
            vector = {"object": "embedding", "index": 0, "embedding": [0.25, -0.5, 1.0]}
            usage = {"prompt_tokens": PROMPT_TOKENS, "total_tokens": PROMPT_TOKENS}
            return {**common, "object": "list", "data": [vector], "usage": usage}
        if route == "/completions":
            choice: Document = {"index": 0, "text": text, "logprobs": None, "finish_reason": "length"}
            return {**common, "object": "text_completion", "choices": [choice]}
        if route == "/responses":
            return self._response("completed", text)
        message: Document = {"role": "assistant", "content": text}
        finish = "stop"
        if asked.get("tools"):
            message, finish = {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]}, "tool_calls"
        elif (asked.get("response_format") or {}).get("type") in {"json_object", "json_schema"}:
            message["content"] = '{"answer": 42}'
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
        if asked.get("logprobs"):
            choice["logprobs"] = {"content": [_logprob(word) for word in self.words]}
        return {**common, "object": "chat.completion", "choices": [choice]}

    async def _stream(self, request: web.Request, route: str, asked: Document) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"content-type": "text/event-stream; charset=utf-8"})
        await answer.prepare(request)
        for number, event in enumerate(self._events(route, asked)):
            if number == self.drop_after_chunks:
                if request.transport is not None:
                    request.transport.abort()
                return answer
            await answer.write(event)
            await asyncio.sleep(self.gap_seconds)
        self._count()
        await answer.write_eof()
        return answer

    def _events(self, route: str, asked: Document) -> list[bytes]:
        if route == "/responses":
            return self._response_events()
        chat = route != "/completions"
        kind = "chat.completion.chunk" if chat else "text_completion"
        common: Document = {"id": "cmpl-1", "object": kind, "created": 1, "model": self.model}
        deltas: list[Document] = [{"content": word} for word in self.words]
        finish = "stop"
        if asked.get("tools"):
            call = TOOL_CALL["function"]
            start = {"index": 0, **TOOL_CALL, "function": {"name": call["name"], "arguments": ""}}  # pyright: ignore[reportArgumentType, reportCallIssue, reportIndexIssue]
            arguments = {"index": 0, "function": {"arguments": call["arguments"]}}  # pyright: ignore[reportArgumentType, reportCallIssue, reportIndexIssue]
            deltas, finish = [{"tool_calls": [start]}, {"tool_calls": [arguments]}], "tool_calls"
        choices = [
            {"index": 0, **({"delta": delta} if chat else {"text": delta.get("content", "")}), "finish_reason": None}
            for delta in deltas
        ]
        choices.append({"index": 0, **({"delta": {}} if chat else {"text": ""}), "finish_reason": finish})
        if asked.get("logprobs") and chat:
            for choice, word in zip(choices, self.words, strict=False):
                choice["logprobs"] = {"content": [_logprob(word)]}
        events = [_event({**common, "choices": [choice]}) for choice in choices]
        if (asked.get("stream_options") or {}).get("include_usage"):
            events.append(_event({**common, "choices": [], "usage": self._usage()}))
        return [*events, b"data: [DONE]\n\n"]

    def _response_events(self) -> list[bytes]:
        text = "".join(self.words)
        events: list[Document] = [
            {"type": "response.created", "sequence_number": 0, "response": self._response("in_progress", "")},
            *(
                {
                    "type": "response.output_text.delta",
                    "sequence_number": number + 1,
                    "item_id": "msg_1",
                    "output_index": 0,
                    "content_index": 0,
                    "delta": word,
                    "logprobs": [],
                }
                for number, word in enumerate(self.words)
            ),
            {"type": "response.completed", "sequence_number": 99, "response": self._response("completed", text)},
        ]
        return [b"event: " + event["type"].encode() + b"\n" + _event(event) for event in events]

    def _response(self, status: str, text: str) -> Document:
        part = {"type": "output_text", "text": text, "annotations": []}
        message = {"id": "msg_1", "type": "message", "role": "assistant", "status": status, "content": [part]}
        usage = {
            "input_tokens": PROMPT_TOKENS,
            "output_tokens": len(self.words),
            "total_tokens": PROMPT_TOKENS + len(self.words),
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        }
        return {
            "id": "resp_1",
            "object": "response",
            "created_at": 1,
            "model": self.model,
            "status": status,
            "output": [message] if status == "completed" else [],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": usage if status == "completed" else None,
        }

    def _usage(self) -> Document:
        generated = len(self.words)
        return {
            "prompt_tokens": PROMPT_TOKENS,
            "completion_tokens": generated,
            "total_tokens": PROMPT_TOKENS + generated,
        }

    def _card(self) -> Document:
        return {"id": self.model, "object": "model", "created": 1, "owned_by": "vllm", "max_model_len": 4096}

    def _count(self) -> None:
        self.finished += 1
        self.generated += len(self.words)

    async def _sleep(self, _: web.Request) -> web.Response:
        self.sleeping = True
        return web.Response()

    async def _wake_up(self, _: web.Request) -> web.Response:
        self.sleeping = False
        return web.Response()

    async def _is_sleeping(self, _: web.Request) -> web.Response:
        return web.json_response({"is_sleeping": self.sleeping})

    def _metrics(self) -> str:
        label = f'{{engine="0",model_name="{self.model}"}}'
        gauges = {
            "num_requests_running": self.running,
            "num_requests_waiting": self.waiting,
            "kv_cache_usage_perc": 0.25,
            "engine_sleep_state": int(self.sleeping),
        }
        counters = {
            "prompt_tokens": PROMPT_TOKENS * self.finished,
            "generation_tokens": self.generated,
            "num_preemptions": 0,
            "prefix_cache_queries": 10 * self.finished,
            "prefix_cache_hits": 4 * self.finished,
        }
        lines = [line for name, value in gauges.items() for line in _exposed(name, "gauge", f"{label} {float(value)}")]
        for name, value in counters.items():
            lines += _exposed(f"{name}_total", "counter", f"{label} {float(value)}")
        lines += _exposed(
            "request_success_total",
            "counter",
            f'{{engine="0",finished_reason="stop",model_name="{self.model}"}} {float(self.finished)}',
        )
        for name in LATENCIES:
            bucket = f'{{engine="0",le="+Inf",model_name="{self.model}"}} {float(self.finished)}'
            lines += [
                f"# TYPE vllm:{name} histogram",
                f"vllm:{name}_bucket{bucket}",
                f"vllm:{name}_count{label} {float(self.finished)}",
                f"vllm:{name}_sum{label} {0.1 * self.finished}",
            ]
        return "\n".join(lines) + "\n"


def _exposed(name: str, kind: str, sample: str) -> list[str]:
    return [f"# HELP vllm:{name} As in vLLM.", f"# TYPE vllm:{name} {kind}", f"vllm:{name}{sample}"]


def _logprob(word: str) -> Document:
    return {"token": word, "logprob": -0.1, "bytes": list(word.encode()), "top_logprobs": []}


def _event(document: Document) -> bytes:
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def _error(status: int, message: str, kind: str, param: str | None = None) -> web.Response:
    error = {"message": message, "type": kind, "param": param, "code": status}
    return web.json_response({"error": error}, status=status)
