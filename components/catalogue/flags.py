"""Which flags a version of an engine accepts."""

from __future__ import annotations

from functools import cache

from components.catalogue.tables import read_table


@cache
def engine_flags(kind: str, version: str) -> dict[str, bool]:
    """Return the flags of an engine's server, each with whether it is a switch, which takes no value."""
    return {row["flag"]: row["switch"] == "yes" for row in read_table(f"{kind}_{version}_flags")}


def vllm_flags(version: str) -> dict[str, bool]:
    """Return the flags of `vllm serve`; its switches have a `--no-` form."""
    return engine_flags("vllm", version)
