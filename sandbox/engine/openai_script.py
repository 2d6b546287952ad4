"""What does the scripted engine answer on OpenAI's routes? Documents, or parts of an event stream."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sandbox.engine.words import Completion, WordsError, complete, prompt_of

# vLLM's default for /v1/completions; a chat may use the whole context.
COMPLETION_TOKENS = 16


@dataclass(frozen=True)
class Engine:
    """The settings that it would have been started with."""

    model: str
    context: int | None
    any_name: bool = False
    """Whether it answers for whatever model a request names, as TGI does; vLLM refuses every other name."""


def answer(engine: Engine, route: str, body: Any, job_id: str, created: int) -> list[Any]:
    """The parts of an answer: one document, or the events of a stream as text.

    Raises:
        WordsError: a request that vLLM would refuse.
    """
    if route == "/v1/models":
        model = {"id": engine.model, "object": "model", "created": created, "owned_by": "vllm", "root": engine.model}
        return [{"object": "list", "data": [model | {"max_model_len": engine.context}]}]
    if route not in {"/v1/chat/completions", "/v1/completions"}:
        raise WordsError(404, f"Not Found: {route}")
    if not isinstance(body, dict):
        raise WordsError(400, "the request body must be a JSON object")
    if not engine.any_name and body.get("model", engine.model) != engine.model:
        raise WordsError(404, f"The model `{body['model']}` does not exist.")
    chat = route == "/v1/chat/completions"
    completion = complete(_prompt(body, chat=chat), _limit(body, chat=chat), engine.context)
    head = {"id": f"{'chatcmpl' if chat else 'cmpl'}-{job_id}", "created": created, "model": engine.model}
    if body.get("stream"):
        usage = bool((body.get("stream_options") or {}).get("include_usage"))
        return list(_events(head, completion, chat=chat, usage=usage))
    return [_document(head, completion, chat=chat)]


def _prompt(body: dict[str, Any], *, chat: bool) -> str:
    if chat:
        return prompt_of(body.get("messages"))
    if not isinstance(body.get("prompt"), str):
        raise WordsError(400, "prompt must be a text")
    return body["prompt"]


def _limit(body: dict[str, Any], *, chat: bool) -> int | None:
    given = body.get("max_completion_tokens") if chat else None
    limit = given if given is not None else body.get("max_tokens")
    if limit is None:
        return None if chat else COMPLETION_TOKENS
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise WordsError(400, f"max_tokens must be a whole number, got {limit!r}.")
    return limit


def _document(head: dict[str, Any], completion: Completion, *, chat: bool) -> dict[str, Any]:
    choice: dict[str, Any] = {"index": 0, "finish_reason": completion.finish_reason, "logprobs": None}
    if chat:
        choice["message"] = {"role": "assistant", "content": completion.text}
    else:
        choice["text"] = completion.text
    kind = "chat.completion" if chat else "text_completion"
    return {**head, "object": kind, "choices": [choice], "usage": completion.usage()}


def _events(head: dict[str, Any], completion: Completion, *, chat: bool, usage: bool) -> list[str]:
    kind = "chat.completion.chunk" if chat else "text_completion"

    def event(choices: list[dict[str, Any]], **more: Any) -> str:
        return f"data: {json.dumps({**head, 'object': kind, 'choices': choices, **more})}\n\n"

    def choice(text: str | None, finish_reason: str | None = None, **delta: str) -> dict[str, Any]:
        said = {"text": text or ""} if not chat else {"delta": delta | ({} if text is None else {"content": text})}
        return {"index": 0, **said, "finish_reason": finish_reason}

    opening = [event([choice("", role="assistant")])] if chat else []
    said = [event([choice(token)]) for token in completion.tokens]
    closing = [event([choice(None, completion.finish_reason)])]
    counted = [event([], usage=completion.usage())] if usage else []
    return [*opening, *said, *closing, *counted, "data: [DONE]\n\n"]
