"""When are two values of a property the same, although they are written differently?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.provider.values import UNKNOWN, contains_unknown

if TYPE_CHECKING:
    from collections.abc import Callable

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


def same(path: str, old: Any, new: Any, sets: tuple[str, ...], canonical: dict[str, Callable[[Any], Any]]) -> bool:
    """Tell whether two values are equal; nothing, "", 0, false, [] and {} are equal inside a block."""
    if contains_unknown(old) or contains_unknown(new):
        return False
    form = canonical.get(path)
    if form is not None:
        return form(old) == form(new)
    if isinstance(old, dict) and isinstance(new, dict):
        return all(
            same(f"{path}.{key}", old.get(key), new.get(key), sets, canonical)
            for key in old.keys() | new.keys()
            if not key.startswith("__")
        )
    if isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            return False
        if path in sets:
            return not unmatched(path, old, new, sets, canonical)[0]
        return all(same(path, one, other, sets, canonical) for one, other in zip(old, new, strict=True))
    return old == new or (is_empty(old) and is_empty(new))


def unmatched(
    path: str, old: list[Any], new: list[Any], sets: tuple[str, ...], canonical: dict[str, Callable[[Any], Any]]
) -> tuple[list[int], list[int]]:
    """Return the indexes of the items that have no equal item on the other side."""
    free = list(range(len(new)))
    only_old: list[int] = []
    for index, item in enumerate(old):
        partner = next((other for other in free if same(path, item, new[other], sets, canonical)), None)
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
