"""Which environment variables RunPod's vLLM worker reads, and what each does there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from components.catalogue.tables import read_table

WORKER_VERSION = "2.25.2"

NameKind = Literal["value", "pair", "switch", "alias", "worker", "engine", "reserved", "ignored"]


@dataclass(frozen=True, slots=True)
class WorkerName:
    """One row of the worker's table.

    `value`: becomes a flag with a value; `pair`: true and false become `--flag` and `--no-flag`; `switch`: only true
    does anything; `alias`: a flag under another name; `worker`: read by the wrapper itself; `engine`: read by vLLM or
    the Hub's client; `reserved`: the wrapper's own; `ignored`: without effect, whatever its value.
    """

    name: str
    kind: NameKind
    flag: str


@cache
def worker_names(version: str = WORKER_VERSION) -> dict[str, WorkerName]:
    """Return what a version of the worker knows by name.

    >>> worker_names()["MODEL_NAME"].flag, worker_names()["SWAP_SPACE"].kind
    ('--model', 'ignored')
    """
    return {
        row["name"]: WorkerName(row["name"], cast("NameKind", row["kind"]), row["flag"])
        for row in read_table(f"runpod_worker_{version}_names")
    }


def worker_name(flag: str, version: str = WORKER_VERSION) -> WorkerName | None:
    """Return the name under which the worker takes a flag of the engine, None when it takes it under none.

    >>> worker_name("enable-prefix-caching").name, worker_name("stream-interval")
    ('ENABLE_PREFIX_CACHING', None)
    """
    return worker_names(version).get(flag.replace("-", "_").upper())
