"""What `berth plan` prints for a service on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.cost.text import cost_text
from components.plan.local.engine import file_text
from components.plan.page import listed, row
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.local.values import LocalPlan
    from components.plan.model import Note, Plan

_GIB = 2**30


def local_text(plan: Plan, local: LocalPlan) -> str:
    """Return a plan as text."""
    parts = [
        [f"{plan.service} on this machine (stack {plan.stack}, environment {plan.environment})"],
        [line for label, text in _rows(plan, local) for line in row(label, text)],
        cost_text(plan.cost),
        listed("Notes", map(_note, plan.notes)),
        listed("Cost assumes", plan.cost.assumptions),
    ]
    return "\n\n".join("\n".join(part) for part in (list(lines) for lines in parts) if part) + "\n"


def _rows(plan: Plan, local: LocalPlan) -> Iterator[tuple[str, str]]:
    yield "Model", f"{plan.model.served_name}, as clients call it"
    if local.engine == "url":
        yield "Engine", f"the server at {local.url}"
    else:
        size = "" if local.gguf_bytes is None else f", {local.gguf_bytes / _GIB:.2f} GiB"
        yield "File", f"{file_text(local.gguf or '')}{size}"
        threads = "all processors" if local.threads is None else f"{local.threads} threads"
        yield "Engine", f"llama.cpp ({plan.engine.image} {plan.engine.version}), {threads}, port {local.engine_port}"
        yield "Context", f"{local.context_tokens:,} tokens, for each of {local.sequences} requests at once"
    named = local.keys_file or (local.key_env and f"variable {local.key_env}")
    keys = f"keys from {named}" if named else "no client keys"
    longest = Duration(plan.gateway.max_request_seconds if plan.gateway else 0)
    yield "Gateway", f"http://127.0.0.1:{local.port}/v1; {keys}; requests of up to {longest}"
    yield "Processes", "none, parked" if plan.power == "off" else ("2" if local.engine == "llama_cpp" else "1")


def _note(note: Note) -> str:
    mark = "warning: " if note.level == "warning" else ""
    return f"{mark}{note.field}: {note.text}"
