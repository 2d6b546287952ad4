"""What a user should know about a service on this machine: what answers, and which fields are of no use here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from components.plan.exemptions import exemption_notes
from components.plan.local.effects import HONOURED
from components.plan.local.engine import file_text
from components.plan.model import Note
from components.spec.problems import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.local.values import LocalPlan
    from components.plan.model import Plan
    from components.spec.service import ServiceSpec

_REASONS = {
    "tags": "processes carry none",
    "model": "what answers is what group local names",
    "engine": "llama.cpp or the server at local.url answers",
    "accelerators": "the processors of this machine compute",
    "load": "nothing is sized and nothing is paid for",
    "scaling": "there is one replica",
    "pricing": "nothing is paid for",
    "schedule": "nothing sleeps by the clock; power: off stops it",
    "idle": "a process that waits costs nothing; power: off stops it",
    "budget": "nothing is paid for",
    "slo": "nobody knows how fast this machine is",
    "gateway.fallback": "no prompt leaves it, and keys of others are in Secrets Manager",
    "gateway.front": "its gateway stands before the engine anyway",
    "gateway.hold_seconds": "nothing sleeps that a request could wait for",
    "gateway.usd_per_month": "requests cost nothing",
    "gateway": "the keys are those of local.keys_file or local.key_env",
    "network": "the gateway listens on 127.0.0.1 alone",
}


def local_notes(plan: Plan, local: LocalPlan, spec: ServiceSpec) -> Iterator[Note]:
    """Yield the notes of a plan."""
    yield _what_answers(plan, local)
    yield from _unused(spec)
    yield from exemption_notes(spec)
    if local.keys_file is None and local.key_env is None:
        text = "not given: no client keys, whoever is on this machine may use the service"
        yield Note("info", "local.key_env", text)
    if spec.gateway.log_prompts:
        yield Note("warning", "gateway.log_prompts", "true: prompts and answers stand in the gateway's log file")
    own = spec.local
    if own.gguf is not None and "@" not in own.gguf and not own.gguf_is_a_path:
        yield Note("warning", "local.gguf", "has no revision: the file is whatever main has at the first start")
    if plan.power == "off":
        yield Note("info", "power", "off: no process runs, and nobody is answered")


def _what_answers(plan: Plan, local: LocalPlan) -> Note:
    if local.engine == "url":
        asked = local.url_model or plan.model.id
        return Note("info", "local.url", f"{local.url} answers as {plan.model.id}, and is asked for {asked}")
    what = file_text(local.gguf or "")
    text = f"what answers as {plan.model.id} is {what}: the form of its answers is the same, their quality not"
    return Note("info", "local.gguf", text)


def _unused(spec: ServiceSpec) -> Iterator[Note]:
    """Yield one note for each group, and each field with a reason of its own, that was given and nothing here reads."""
    given = spec.model_dump(mode="json", exclude_unset=True)
    for place, reason in _REASONS.items():
        group, _, field = place.partition(".")
        found = given.get(group)
        if found is None:
            continue
        fields = dict(_flat(group, found))
        own = {path for path in fields if path.startswith(place)} if field else set(fields)
        own -= {path for path in fields if not field and _has_own_reason(path)}
        named = [f"{path.removeprefix(f'{group}.')} {fields[path]}" for path in fields if path in own - HONOURED.keys()]
        if fields == {group: fields.get(group)}:
            named = [fields[group]]
        if named:
            yield Note("info", place, f"not used on this machine, {reason}: {', '.join(named)}")


def _has_own_reason(path: str) -> bool:
    return any("." in place and path.startswith(place) for place in _REASONS)


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(value, Mapping) and path not in HONOURED:
        for name, below in cast("Mapping[str, Any]", value).items():
            yield from _flat(f"{path}.{name}", below)
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in cast("list[Any]", value)):
        for index, each in enumerate(cast("list[Any]", value)):
            yield from _flat(f"{path}[{index}]", each)
    elif isinstance(value, list):
        yield path, ", ".join(shown(each) for each in cast("list[Any]", value))
    else:
        yield path, shown(cast("Any", value))
