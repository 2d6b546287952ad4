"""What does the scripted worker make of a job's input? It behaves as worker-vllm does: the text is the sandbox's."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.engine.openai_script import Engine, answer
from sandbox.engine.words import WordsError, complete, prompt_of

if TYPE_CHECKING:
    from collections.abc import Mapping

# What worker-vllm serves when nobody names a model.
UNNAMED_MODEL = "facebook/opt-125m"
# worker-vllm's default for its own form of a request.
DEFAULT_TOKENS = 100


@dataclass(frozen=True)
class Reply:
    """The output of a job, part by part; or why it failed."""

    parts: tuple[Any, ...] = ()
    error: str | None = None
    refusal: WordsError | None = None
    """What the engine refused, for callers that speak OpenAI's protocol."""


def engine_of(env: Mapping[str, str], args: str = "") -> Engine:
    """The engine that a worker starts: by its environment as worker-vllm, by arguments as `vllm serve`."""
    if args and "MODEL_NAME" not in env:
        first, *others = shlex.split(args)
        flags = dict(one.removeprefix("--").split("=", 1) for one in others if "=" in one)
        env = {
            "MODEL_NAME": flags.get("served-model-name", first),
            "MAX_MODEL_LEN": flags.get("max-model-len", ""),
        }
    length = env.get("MAX_MODEL_LEN", "")
    model = env.get("OPENAI_SERVED_MODEL_NAME_OVERRIDE") or env.get("MODEL_NAME") or UNNAMED_MODEL
    return Engine(model, int(length) if length.isdecimal() and int(length) else None)


def reply(engine: Engine, given: Any, job_id: str, created: int) -> Reply:
    """The reply to `input`, in one of the forms that worker-vllm knows."""
    try:
        return Reply(tuple(_parts(engine, given, job_id, created)))
    except WordsError as error:
        return Reply(error=str(error), refusal=error)


def _parts(engine: Engine, given: Any, job_id: str, created: int) -> list[Any]:
    if not isinstance(given, dict):
        raise WordsError(400, "input must be an object")
    if "openai_route" in given:
        return answer(engine, given["openai_route"], given.get("openai_input"), job_id, created)
    if "route" in given:
        return answer(engine, given["route"], given.get("body"), job_id, created)
    if "messages" in given or "prompt" in given:
        return _own_form(engine, given)
    raise WordsError(400, "input must have prompt, messages, openai_route or route")


def _own_form(engine: Engine, given: dict[str, Any]) -> list[Any]:
    prompt = prompt_of(given["messages"]) if "messages" in given else str(given["prompt"])
    sampling = given.get("sampling_params") or {}
    limit = sampling.get("max_tokens", DEFAULT_TOKENS) if isinstance(sampling, dict) else None
    if not isinstance(limit, int):
        raise WordsError(400, "sampling_params.max_tokens must be a whole number")
    completion = complete(prompt, limit, engine.context)
    pieces = completion.tokens if given.get("stream") else (completion.text,)
    usage = {"input": completion.prompt_tokens, "output": len(completion.tokens)}
    return [{"choices": [{"tokens": [piece]}], "usage": usage} for piece in pieces]
