"""What do values of Pulumi's wire look like to us: whole numbers as integers, and some not known yet?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi.output import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping


def plain(value: Any) -> Any:
    """Return a value with every whole float as an integer: the wire has floats alone, RunPod refuses `3.0`.

    >>> plain({"workers": {"min": 0.0, "max": 3.0}, "scaling": {"queueDelay": 0.5}})
    {'workers': {'min': 0, 'max': 3}, 'scaling': {'queueDelay': 0.5}}
    """
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def properties(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource's properties without what is empty or the engine's own.

    >>> properties({"name": "chat", "disk": 50.0, "registry": None, "__provider": "..."})
    {'name': 'chat', 'disk': 50}
    """
    return {key: plain(value) for key, value in bag.items() if value is not None and not key.startswith("__")}


def known(value: Any) -> bool:
    """Tell whether a value, and all that is in it, is known: in a preview an id of what is not made yet is not."""
    if isinstance(value, Unknown):
        return False
    if isinstance(value, dict):
        return all(known(item) for item in value.values())
    if isinstance(value, list):
        return all(known(item) for item in value)
    return True


def same(old: Any, new: Any, *, ordered: bool = True) -> bool:
    """Tell whether two values mean the same; what is not known is taken for a change.

    >>> same(["a", "b"], ["b", "a"]), same(["a", "b"], ["b", "a"], ordered=False)
    (False, True)
    """
    if not known(old) or not known(new):
        return False
    if not ordered and isinstance(old, list) and isinstance(new, list):
        return sorted(old) == sorted(new)
    return old == new
