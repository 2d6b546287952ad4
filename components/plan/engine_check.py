"""Which engines a target runs, and which of their flags a spec may set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.flags import engine_flags
from components.catalogue.images import engine_kinds, engine_versions
from components.errors import Problem, nearest
from components.plan.owned_flags import OWNED_FLAGS, SIZING_FLAGS
from components.plan.runpod.mode import engines_of
from components.spec.problems import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.spec.engine import ArgumentValue
    from components.spec.service import ServiceSpec


def engine_problems(spec: ServiceSpec, target: str) -> Iterator[Problem]:
    """Yield what is wrong with the engine of a spec on a target: its kind, its version, its flags."""
    engine, source = spec.engine, engines_of(spec, target)
    kinds = engine_kinds(source)

    def place(field: str) -> str:
        return f"{spec.name}: {field}"

    kind = engine.kind or kinds[0]
    if kind not in kinds:
        yield Problem(place("engine.kind"), kind, f"does not run on {target}", f"use one of: {', '.join(kinds)}")
        return
    versions = engine_versions(source, kind)
    if engine.version is not None and engine.version not in versions:
        yield Problem(
            place("engine.version"),
            engine.version,
            f"is not a {kind} version that the catalogue knows for {target}",
            f"use one of: {', '.join(versions)}",
        )
    version = engine.version if engine.version in versions else versions[0]
    others = [(other, engine_versions(source, other)[0]) for other in kinds if other != kind]
    for name, value in sorted(engine.extra_args.items()):
        where = place(f"engine.extra_args.{name}")
        elsewhere = next((other for other, newest in others if f"--{name}" in engine_flags(other, newest)), None)
        yield from _flag_problems(kind, version, name, value, where, elsewhere)


def _flag_problems(
    kind: str, version: str, name: str, value: ArgumentValue, where: str, elsewhere: str | None
) -> Iterator[Problem]:
    """Yield what is wrong with one flag; `elsewhere` is another engine of the target that has it."""
    flags, owned = engine_flags(kind, version), OWNED_FLAGS[kind]
    # Only the switches of vLLM have a form that turns them off.
    is_off = kind == "vllm" and name.startswith("no-")
    is_switch = flags.get(f"--{name.removeprefix('no-') if is_off else name}", False)
    if name in owned:
        yield Problem(where, "", "is set by the plan", f"it follows from {owned[name]}; remove it here")
    elif name in SIZING_FLAGS[kind]:
        yield Problem(where, "", "changes the memory that the plan sizes", "remove it: the plan cannot size it yet")
    elif f"--{name}" not in flags and not (is_off and is_switch):
        near = nearest(name, [flag[2:] for flag in flags])
        fix = f"did you mean {near}?" if near else "remove it, or look it up in the engine's documentation"
        if elsewhere is not None:
            fix = f"{elsewhere} has it: set engine.kind: {elsewhere}, or override it where {kind} runs"
        yield Problem(where, "", f"is not a flag of {kind} {version}", fix)
    elif is_switch and not isinstance(value, bool):
        yield Problem(where, shown(value), "is given to a flag that takes no value", "write true or false")
    elif not is_switch and isinstance(value, bool):
        yield Problem(where, "", "needs a value", f"write {name}: VALUE")
