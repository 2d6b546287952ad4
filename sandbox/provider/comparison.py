"""When are two values of a property the same, although they are written differently?"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.provider.values import UNKNOWN, contains_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_UNORDERED_CONTAINER_LISTS = ("environment", "secrets", "portMappings", "dependsOn")
_CONTAINER_DEFAULTS = {"cpu": 0, "essential": True}
_PORT_DEFAULTS = {"protocol": "tcp", "hostPort": 0}


def json_form(value: Any) -> Any:
    """Return the document that a JSON text holds."""
    return _loaded(value)


def policy_form(value: Any) -> Any:
    """Return a policy document in which order, and one item as text or list, make no difference."""
    return _unordered(_loaded(value))


def containers_form(value: Any) -> Any:
    """Return container definitions without defaults, nulls and empty lists; containers and environment have no order.

    Port mappings to the same host port equal those that leave it out (awsvpc).
    """
    document = _loaded(value)
    if not isinstance(document, list):
        return document
    return sorted((_container(item) for item in document), key=_sort_key)


@dataclass(frozen=True)
class Comparison:
    """How the values of one resource type compare: lists without order, texts that say the same in several forms."""

    sets: tuple[str, ...] = ()
    canonical: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)

    def same(self, path: str, old: Any, new: Any) -> bool:
        """Tell whether two values are equal; nothing, "", 0, false, [] and {} are equal. What is unknown never is."""
        if contains_unknown(old) or contains_unknown(new):
            return False
        form = self.canonical.get(path)
        if form is not None:
            return form(old) == form(new)
        if isinstance(old, dict) and isinstance(new, dict):
            names = [name for name in old.keys() | new.keys() if not name.startswith("__")]
            return all(self.same(f"{path}.{name}", old.get(name), new.get(name)) for name in names)
        if isinstance(old, list) and isinstance(new, list):
            return len(old) == len(new) and not self.unmatched(path, old, new)[0]
        return old == new or (is_empty(old) and is_empty(new))

    def unmatched(self, path: str, old: list[Any], new: list[Any]) -> tuple[list[int], list[int]]:
        """Return the indexes of the items without an equal one on the other side: anywhere in a set, else in place."""
        if path not in self.sets:
            common = range(min(len(old), len(new)))
            changed = [index for index in common if not self.same(path, old[index], new[index])]
            return [*changed, *range(len(common), len(old))], [*changed, *range(len(common), len(new))]
        free = list(range(len(new)))
        only_old: list[int] = []
        for index, item in enumerate(old):
            partner = next((other for other in free if self.same(path, item, new[other])), None)
            if partner is None:
                only_old.append(index)
            else:
                free.remove(partner)
        return only_old, free


def is_empty(value: Any) -> bool:
    """Tell whether a value says nothing.

    >>> is_empty({"tags": {}}), is_empty("x")
    (True, False)
    """
    if isinstance(value, dict):
        return all(is_empty(item) for item in value.values())
    return value is not UNKNOWN and not value


def _loaded(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _unordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unordered(item) for key, item in value.items()}
    if isinstance(value, list):
        items = sorted((_unordered(item) for item in value), key=_sort_key)
        return items[0] if len(items) == 1 else items
    return str(value).lower() if isinstance(value, bool) else value


def _container(definition: Any) -> Any:
    if not isinstance(definition, dict):
        return definition
    form = {key: item for key, item in definition.items() if item is not None and item not in ([], {})}
    for key, default in _CONTAINER_DEFAULTS.items():
        form.setdefault(key, default)
    if "portMappings" in form:
        form["portMappings"] = [_port(mapping) for mapping in form["portMappings"]]
    for key in _UNORDERED_CONTAINER_LISTS:
        if key in form:
            form[key] = sorted(form[key], key=_sort_key)
    return form


def _port(mapping: Any) -> Any:
    if not isinstance(mapping, dict):
        return mapping
    form = {**_PORT_DEFAULTS, **mapping}
    if form["hostPort"] == form.get("containerPort"):
        form["hostPort"] = 0
    return form


def _sort_key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
