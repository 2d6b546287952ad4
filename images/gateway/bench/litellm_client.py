"""Does LiteLLM work as a client, with only base URL and key changed? Asked of a gateway that runs.

`uv run --no-project --with litellm python images/gateway/bench/litellm_client.py http://127.0.0.1:8080/v1 KEY MODEL`.
LiteLLM wants an older huggingface-hub than the repository has, so it is no dependency of the tests: what it sent here
(1.106.2) is in `tests/recorded/litellm.json`, and is sent again by `tests/test_litellm.py`.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# Else it asks the internet for prices before it does anything.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
ASK = [{"role": "user", "content": "Hi"}]
WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}


class Client:
    """LiteLLM's functions against one gateway."""

    def __init__(self, base_url: str, key: str, model: str) -> None:
        self._litellm: Any = importlib.import_module("litellm")
        self._of_all: dict[str, Any] = {"api_base": base_url, "max_retries": 0, "timeout": 60}
        self._key = key
        self._model = f"openai/{model}"

    def chat(self, **asked: Any) -> Any:
        named = {"model": self._model, "api_key": self._key, **self._of_all, **asked}
        return self._litellm.completion(messages=ASK, **named)

    def plain(self) -> bool:
        answer = self.chat()
        return bool(answer.choices[0].message.content) and answer.usage.completion_tokens > 0

    def stream(self) -> bool:
        chunks = list(self.chat(stream=True, stream_options={"include_usage": True}))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        return bool(text) and chunks[-1].usage.completion_tokens > 0

    def tools(self) -> bool:
        return self.chat(tools=[WEATHER]).choices[0].finish_reason in {"tool_calls", "stop", "length"}

    def json_mode(self) -> bool:
        return bool(self.chat(response_format={"type": "json_object"}).choices[0].message.content)

    def embeddings(self) -> bool:
        named = {"model": self._model, "api_key": self._key, **self._of_all}
        return bool(self._litellm.embedding(input=["Hi"], **named).data[0]["embedding"])

    def wrong_key(self) -> bool:
        return self._raises(self._litellm.AuthenticationError, api_key="sk-wrong")

    def wrong_model(self) -> bool:
        return self._raises(self._litellm.NotFoundError, model="openai/no-such-model")

    def _raises(self, kind: type[Exception], **asked: Any) -> bool:
        try:
            self.chat(**asked)
        except kind:
            return True
        return False


def main() -> int:
    client = Client(*sys.argv[1:4])
    asks: list[Callable[[], bool]] = [
        *(client.plain, client.stream, client.tools, client.json_mode),
        *(client.embeddings, client.wrong_key, client.wrong_model),
    ]
    failed = 0
    for ask in asks:
        try:
            outcome = "as it should" if ask() else "answered, and not as it should"
        except Exception as error:  # noqa: BLE001 the next one is asked as well
            outcome = f"raised {type(error).__name__}: {error}"
        failed += outcome != "as it should"
        sys.stdout.write(f"{ask.__name__}: {outcome}\n")
    return min(failed, 1)


if __name__ == "__main__":
    raise SystemExit(main())
