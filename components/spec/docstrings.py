"""What do the docstrings under the fields of a group say? Read from the source when somebody asks for the schema.

Pydantic can read them too, but whenever a group is imported: a tenth of the time of `berth plan`.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel


def field_docstrings(group: type[BaseModel]) -> dict[str, str]:
    """Return the docstring under each field of a group that has one, its bases' fields included."""
    found: dict[str, str] = {}
    for base in reversed(group.__mro__):
        if set(group.model_fields) & set(vars(base).get("__annotations__", {})):
            found |= _docstrings(base)
    return {name: text for name, text in found.items() if name in group.model_fields}


def _docstrings(group: type) -> dict[str, str]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(group))).body
    if not isinstance(definition, ast.ClassDef):
        return {}
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(definition.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
