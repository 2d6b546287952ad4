"""How pydantic's errors become problems that name place, value, what is allowed, and a fix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from components.errors import Problem, did_you_mean
from components.spec.group import groups_in
from components.spec.secret import LOOKS_LIKE_A_VALUE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_SHOWN_CHARACTERS = 60
_BOUNDS = {
    "greater_than_equal": ("ge", "is less than {bound}", "use {bound} or more"),
    "greater_than": ("gt", "is not above {bound}", "use a number above {bound}"),
    "less_than_equal": ("le", "is more than {bound}", "use {bound} or less"),
}
_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "finite": "a number",
    "string": "a text; put it in quotes",
    "bool": "true or false",
    "dict": "a mapping",
    "tuple": "a list",
    "model": "a mapping",
}


_KEY = "[key]"
"""How pydantic marks that the key of a mapping is wrong, and not its value."""


def problems_of(error: ValidationError, root: type[BaseModel], place: Callable[[str], str]) -> list[Problem]:
    """Return the problems of a validation error in the order of the fields; `place` makes a full place of a path."""
    return [_problem(detail, root, place) for detail in error.errors(include_url=False)]


def _problem(detail: ErrorDetails, root: type[BaseModel], place: Callable[[str], str]) -> Problem:  # noqa: PLR0911 (one for each kind)
    location = [part for part in detail["loc"] if not (isinstance(part, str) and part.startswith("<"))]
    where = place(_dotted(location))
    kind = detail["type"]
    context: dict[str, Any] = detail.get("ctx") or {}
    if kind == "refused":
        whole = isinstance(detail["input"], dict | list | tuple | BaseModel)
        return Problem(where, "" if whole else shown(detail["input"]), context["message"], context["fix"])
    if kind == "extra_forbidden":
        fix = did_you_mean(str(location[-1]), _fields_at(root, location[:-1]))
        return Problem(where, "", "is an unknown field", fix)
    if kind == "invalid_key":
        allowed = ", ".join(_fields_at(root, location[:-1]))
        return Problem(where, shown(location[-1]), "is not the name of a field", f"use one of: {allowed}")
    if kind == "missing":
        field = root.model_fields.get(str(location[-1])) if len(location) == 1 else None
        fix = "describe the model with at least id: owner/name" if field and location[-1] == "model" else "add it"
        return Problem(where, "", "is missing", fix)
    value = shown(detail["input"])
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", str(context["expected"]))
        return Problem(where, value, "is not allowed", did_you_mean(str(detail["input"]), allowed))
    if kind in _BOUNDS:
        name, message, fix = _BOUNDS[kind]
        bound = number(context[name])
        return Problem(where, value, message.format(bound=bound), fix.format(bound=bound))
    if kind == "string_pattern_mismatch":
        return Problem(where, value, f"does not match {context['pattern']}", "copy the id from AWS")
    wanted = _TYPES.get(kind.partition("_")[0])
    if wanted is not None:
        return Problem(where, value, "has the wrong type", f"write {wanted}")
    return Problem(where, value, detail["msg"].lower(), "correct the value")


def _fields_at(root: type[BaseModel], location: list[str | int]) -> list[str]:
    """Return the field names of the group at a place of the spec."""
    group = root
    for part in location:
        # The index of a list and the key of a mapping lead to no other group.
        field = group.model_fields.get(str(part))
        below = groups_in(field.annotation) if field else []
        group = below[0] if below else group
    return list(group.model_fields)


def number(bound: float) -> str:
    """Return a bound as a person writes it.

    >>> number(100000.0), number(0.5)
    ('100,000', '0.5')
    """
    return f"{int(bound):,}" if bound == int(bound) else f"{bound:g}"


def shown(value: object) -> str:
    """Return a value as an error message shows it: on one line, not too long, and without a secret in it.

    >>> shown({"token": "hf_abc"}), shown(None), shown(True)
    ("{'token': 'hf_…'}", 'null', 'true')
    """
    if value is None or isinstance(value, bool):
        text = {None: "null", True: "true", False: "false"}[value]
    else:
        text = str(value) if isinstance(value, str | int | float) else repr(value)
    text = LOOKS_LIKE_A_VALUE.sub(r"\1…", " ".join(text.split()))
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"


def _dotted(location: list[str | int]) -> str:
    """Return a place as a path.

    >>> _dotted(["accelerators", 0])
    'accelerators[0]'
    """
    path = ""
    for part in location:
        if part != _KEY:
            path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path
