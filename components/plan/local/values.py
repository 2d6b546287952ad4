"""What does a plan hold that only a service on this machine needs?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class LocalPlan:
    """What only the local target needs: a gateway as a process of this machine, and what answers behind it."""

    engine: Literal["llama_cpp", "url"]
    url: str | None
    """Of the server that answers, with engine url; None where the engine is a process of ours."""
    url_model: str | None
    url_key_env: str | None
    """Name of the variable with the key for that server."""
    gguf: str | None
    """A path, or `ORGANISATION/REPOSITORY/FILE@REVISION` on the Hub; None with engine url."""
    gguf_bytes: int | None
    """None where only the file itself can tell."""
    port: int
    """Of the gateway."""
    engine_port: int | None
    threads: int | None
    """None: as many as the machine has."""
    context_tokens: int
    """Of one request; 0 with engine url, whose server decides."""
    sequences: int
    """Requests that the engine works on at once; the others wait."""
    keys_file: str | None
    key_env: str | None
