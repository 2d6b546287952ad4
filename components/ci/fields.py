"""Which fields of a spec differ between what is deployed and what is declared?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.ci.hidden import shown_value
from components.ci.report import FieldChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def field_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Return each field that differs, with both values as a report may show them.

    >>> field_changes({"scaling": {"max_replicas": 3.0}}, {"scaling": {"max_replicas": 2}})
    (FieldChange(path='scaling.max_replicas', before='3', after='2'),)
    """
    return tuple(
        FieldChange(path, shown_value(path, old), shown_value(path, new))
        for path, old, new in _differ("", before, after)
    )


def _differ(path: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            yield from _differ(f"{path}.{name}" if path else name, before.get(name), after.get(name))
    elif isinstance(after, dict) and before is None:
        for name, value in after.items():
            yield from _differ(f"{path}.{name}", None, value)
    elif before != after:
        yield path, before, after
