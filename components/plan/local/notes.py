"""What a user should know about a service on this machine: what answers, and which fields are of no use here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

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
    "slo": "nobody knows how fast this machine is",
    "gateway": "keys are local.keys_file or local.key_env, requests cost nothing, and there is nobody else to ask",
    "network": "the gateway listens on 127.0.0.1 alone",
}


def local_notes(plan: Plan, local: LocalPlan, spec: ServiceSpec) -> Iterator[Note]:
    """Yield the notes of a plan."""
    yield _what_answers(plan, local)
    yield from _unused(spec)
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
    """Yield one note for each group with the fields that were given and that nothing here reads."""
    given = spec.model_dump(mode="json", exclude_unset=True)
    for group, reason in _REASONS.items():
        if group not in given:
            continue
        fields = dict(_flat(group, given[group]))
        named = [f"{path.removeprefix(f'{group}.')} {text}" for path, text in fields.items() if path not in HONOURED]
        if fields == {group: fields.get(group)}:
            named = [fields[group]]
        if named:
            yield Note("info", group, f"not used on this machine, {reason}: {', '.join(named)}")


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
