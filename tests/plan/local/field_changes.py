"""For each field of group `local`: two changes of the example spec that differ in that field."""

from __future__ import annotations

from typing import Any


def _url(**change: object) -> dict[str, Any]:
    return {"local": {"engine": "url", "url": "http://127.0.0.1:11434/v1", **change}}


LOCAL_CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "local.engine": ({}, _url()),
    "local.url": (_url(), _url(url="http://127.0.0.1:1234/v1")),
    "local.url_model": (_url(), _url(url_model="qwen2.5:0.5b")),
    "local.url_key_env": (_url(), _url(url_key_env="SERVER_KEY")),
    "local.gguf": ({}, {"local": {"gguf": "./a.gguf"}}),
    "local.port": ({}, {"local": {"port": 9000}}),
    "local.threads": ({}, {"local": {"threads": 2}}),
    "local.context": ({}, {"local": {"context": 2048}}),
    "local.keys_file": ({}, {"local": {"keys_file": "./keys.json"}}),
    "local.key_env": ({}, {"local": {"key_env": "CHAT_KEY"}}),
}
