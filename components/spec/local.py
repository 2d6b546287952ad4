"""Group `local`: what only the local target has, which runs on the machine that runs Pulumi."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from components.spec.group import Group
from components.spec.secret import LOOKS_LIKE_A_VALUE
from components.spec.values import refusal

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_ON_THE_HUB = re.compile(r"[\w.-]+/[\w.-]+/[\w./-]+\.gguf(@[\w.-]+)?")
_PATH_BEGINS = ("/", "./", "../", "~/")


class LocalSpec(Group):
    """What only the local target has: processes on this machine, a gateway and what answers behind it."""

    engine: Literal["llama_cpp", "url"] = "llama_cpp"
    """llama_cpp serves a GGUF file on this machine's processors; url passes requests on to a server that runs already,
    as Ollama. Omitted: llama_cpp."""
    url: str | None = None
    """Base URL of an OpenAI-compatible server, as http://127.0.0.1:11434/v1; with engine url alone. Omitted: none."""
    url_model: str | None = None
    """What that server calls the model, as qwen2.5:0.5b. Omitted: model.id."""
    url_key_env: str | None = None
    """Name of the environment variable with the key that the server asks for. Omitted: no key is sent."""
    gguf: str | None = None
    """Model file of llama_cpp: a path that begins with / ./ ../ or ~/ (from the folder of Pulumi.yaml), or
    ORGANISATION/REPOSITORY/FILE.gguf@REVISION on the Hub. Omitted: Qwen2.5 0.5B Instruct in 4 bit (491 MB), from the
    Hub."""
    port: Annotated[int, Field(ge=1024, le=65534)] | None = None
    """Where the gateway listens, on 127.0.0.1; the engine takes the next port. Omitted: one that follows from the
    service's name."""
    threads: Annotated[int, Field(ge=1, le=256)] | None = None
    """Processors that llama_cpp uses. Omitted: as many as it finds."""
    context: Annotated[int, Field(ge=256)] = 4096
    """Tokens of prompt and answer together, of each of the two requests that llama_cpp works on at once. Omitted:
    4096."""
    keys_file: str | None = None
    """Path of a JSON object of key name to sha256 of the key, read again when it changes. Omitted: see key_env."""
    key_env: str | None = None
    """Name of the environment variable with the one key that clients send; its sha256 alone is kept. Omitted: no keys,
    whoever is on this machine may use the service."""

    @field_validator("url_key_env", "key_env")
    @classmethod
    def _is_a_variable(cls, value: str | None) -> str | None:
        if value is not None and LOOKS_LIKE_A_VALUE.match(value):
            raise refusal(
                "looks like the key itself, not like the name of a variable",
                "export the key, write the variable's name here, and revoke the value that stood in the file",
            )
        if value is not None and not _VARIABLE.fullmatch(value):
            raise refusal("is not the name of an environment variable", "use capitals, digits and _, as CHAT_KEY")
        return value

    @field_validator("url")
    @classmethod
    def _is_a_base_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise refusal("is not a base URL", "write it as an OpenAI SDK takes it: http://127.0.0.1:11434/v1")
        if "@" in parts.netloc:
            raise refusal("has a password in it", "write the URL without, and name the key's variable in url_key_env")
        # Without a path it is the address of the server, whose OpenAI routes are below /v1.
        return value.rstrip("/") if parts.path.strip("/") else f"{value.rstrip('/')}/v1"

    @field_validator("gguf")
    @classmethod
    def _is_a_model_file(cls, value: str | None) -> str | None:
        if value is None or value.startswith(_PATH_BEGINS) or _ON_THE_HUB.fullmatch(value):
            return value
        raise refusal(
            "is neither a path nor a file on the Hub",
            "write ./model.gguf, or ORGANISATION/REPOSITORY/FILE.gguf@REVISION",
        )

    @model_validator(mode="after")
    def _fields_belong_together(self) -> Self:
        if self.engine == "url" and self.url is None:
            raise refusal("has engine url and no url", "add url: http://127.0.0.1:11434/v1")
        of_url = [name for name in ("url", "url_model", "url_key_env") if getattr(self, name) is not None]
        if self.engine != "url" and of_url:
            raise refusal(f"has {', '.join(of_url)}, which engine {self.engine} does not read", "set engine: url")
        of_file = [name for name in ("gguf", "threads", "context") if name in self.model_fields_set]
        if self.engine == "url" and of_file:
            raise refusal(f"has {', '.join(of_file)}, which engine url does not read", "remove it")
        if self.keys_file is not None and self.key_env is not None:
            raise refusal("has keys_file and key_env", "keep the keys in one place")
        return self

    @property
    def gguf_is_a_path(self) -> bool:
        """Whether the model file is named by its path."""
        return self.gguf is not None and self.gguf.startswith(_PATH_BEGINS)
