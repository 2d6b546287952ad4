"""Which forms does group `local` take, and what does it say about the others?"""

from __future__ import annotations

from typing import Any

import pytest

from components.errors import SpecError
from components.spec import parse_spec


def _local(**given: object) -> Any:
    return parse_spec({"name": "chat", "model": {"id": "Qwen/Qwen2.5-7B-Instruct"}, "local": given}, "chat.yaml").local


@pytest.mark.parametrize("gguf", ["./a.gguf", "../a.gguf", "/srv/a.gguf", "~/a.gguf"])
def test_a_path_begins_like_one(gguf: str) -> None:
    """Anything else is looked for on the Hub."""
    assert _local(gguf=gguf).gguf_is_a_path


@pytest.mark.parametrize("gguf", ["org/repo/a.gguf", "org/repo/folder/a-Q4_K_M.gguf@12ab"])
def test_a_file_of_the_hub_has_organisation_and_repository(gguf: str) -> None:
    """With its revision, or the newest."""
    assert not _local(gguf=gguf).gguf_is_a_path


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("http://localhost:11434", "http://localhost:11434/v1"),
        ("http://localhost:11434/", "http://localhost:11434/v1"),
        ("https://api.example.com/openai/v1/", "https://api.example.com/openai/v1"),
    ],
)
def test_a_url_without_path_means_v1(url: str, read: str) -> None:
    """Ollama is named by its address; others by their base URL."""
    assert _local(engine="url", url=url).url == read


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"gguf": "a.gguf"}, "local.gguf: a.gguf is neither a path nor a file on the Hub; write ./model.gguf, or"),
        ({"engine": "url"}, "local: has engine url and no url; add url: http://127.0.0.1:11434/v1"),
        ({"url": "http://h/v1"}, "local: has url, which engine llama_cpp does not read; set engine: url"),
        ({"engine": "url", "url": "http://h", "threads": 2}, "local: has threads, which engine url does not read"),
        ({"engine": "url", "url": "ftp://h"}, "local.url: ftp://h is not a base URL; write it as an OpenAI SDK"),
        ({"engine": "url", "url": "http://u:p@h/v1"}, "has a password in it; write the URL without"),
        ({"key_env": "sk-abc"}, "looks like the key itself, not like the name of a variable"),
        ({"key_env": "chat key"}, "local.key_env: chat key is not the name of an environment variable; use capitals"),
        ({"key_env": "A", "keys_file": "./k"}, "local: has keys_file and key_env; keep the keys in one place"),
        ({"port": 80}, "local.port: 80"),
        ({"context": 100}, "local.context: 100"),
    ],
)
def test_what_cannot_be_is_refused_with_a_way_out(given: dict[str, Any], said: str) -> None:
    """Place, value, and what to write instead."""
    with pytest.raises(SpecError) as error:
        _local(**given)
    assert said in str(error.value)
