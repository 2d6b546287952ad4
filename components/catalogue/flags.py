"""Which command-line flags a vLLM version accepts."""

from __future__ import annotations

from functools import cache

from components.catalogue.tables import read_table


@cache
def vllm_flags(version: str) -> dict[str, bool]:
    """Return the flags of `vllm serve`, each with whether it is a switch (takes no value, has a `--no-` form)."""
    return {row["flag"]: row["switch"] == "yes" for row in read_table(f"vllm_{version}_flags")}
