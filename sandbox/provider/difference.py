"""What changes between two versions of a resource's inputs, and must it be replaced for that?

Walks to the leaf, as the official provider decides: a flag on a block counts only when the block is added or removed as a whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sandbox.provider.comparison import is_empty, same, unmatched
from sandbox.provider.contract import Property, block_fields
from sandbox.provider.values import UNKNOWN, Props

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.provider.resource import Resource

Kind = Literal["add", "delete", "update"]


@dataclass(frozen=True)
class Change:
    """One changed leaf: its property path, what happens to it, and whether that replaces the resource."""

    path: str
    kind: Kind
    replaces: bool


def changes(resource: Resource, old_inputs: Props, state: Props, news: Props) -> list[Change]:
    """Return the changed leaves from `old_inputs` to `news`; `state` tells what AWS chose where an input was left out."""
    return list(_Walk(resource).block(resource.contract.inputs, old_inputs, state, news, "", ""))


def top_level(path: str) -> str:
    """Return the property that a path begins with."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


@dataclass(frozen=True)
class _Walk:
    resource: Resource

    def block(
        self, fields: Mapping[str, Property], old: Props, state: Props, new: Props, path: str, plain: str
    ) -> Iterator[Change]:
        for name in sorted(old.keys() | new.keys()):
            if name.startswith("__"):
                continue
            prop = fields.get(name, {})
            here, flat = f"{path}{name}", f"{plain}{name}"
            before, after = old.get(name, state.get(name) if name in new else None), new.get(name)
            if after is None:
                if not is_empty(before) and flat not in self.resource.computed:
                    yield Change(here, "delete", _flagged(prop, before))
            elif before is None:
                if not is_empty(after):
                    yield Change(here, "add", _flagged(prop, after))
            elif not self._same(flat, before, after):
                yield from self.value(prop, before, state.get(name), after, here, flat)

    def value(self, prop: Property, old: Any, state: Any, new: Any, path: str, plain: str) -> Iterator[Change]:
        fields = block_fields(prop)
        if new is UNKNOWN or plain in self.resource.canonical:
            yield Change(path, "update", _flagged(prop, old))
        elif fields is not None and isinstance(old, dict) and isinstance(new, dict):
            yield from self.block(fields, old, state if isinstance(state, dict) else {}, new, f"{path}.", f"{plain}.")
        elif isinstance(old, list) and isinstance(new, list):
            yield from self._items(prop, old, new, path, plain)
        elif isinstance(old, dict) and isinstance(new, dict):
            yield from self._entries(prop, old, new, path)
        else:
            yield Change(path, "update", bool(prop.get("replaces")))

    def _items(self, prop: Property, old: list[Any], new: list[Any], path: str, plain: str) -> Iterator[Change]:
        if plain in self.resource.sets:
            only_old, only_new = unmatched(plain, old, new, self.resource.sets, dict(self.resource.canonical))
        else:
            common = range(min(len(old), len(new)))
            changed = [index for index in common if not self._same(plain, old[index], new[index])]
            only_old = [*changed, *range(len(common), len(old))]
            only_new = [*changed, *range(len(common), len(new))]
        item = prop.get("items", {})
        flag = {"replaces": True} if prop.get("replaces") else {}
        for before, after in zip(only_old, only_new, strict=False):
            yield from self.value({**item, **flag}, old[before], {}, new[after], f"{path}[{after}]", plain)
        for index in only_old[len(only_new) :]:
            yield Change(f"{path}[{index}]", "delete", _flagged({**item, **flag}, old[index]))
        for index in only_new[len(only_old) :]:
            yield Change(f"{path}[{index}]", "add", _flagged({**item, **flag}, new[index]))

    def _entries(self, prop: Property, old: Props, new: Props, path: str) -> Iterator[Change]:
        replaces = bool(prop.get("replaces"))
        for key in sorted(old.keys() | new.keys()):
            here = f"{path}.{key}" if key.replace("_", "").isalnum() else f'{path}["{key}"]'
            if key not in new:
                yield Change(here, "delete", replaces)
            elif key not in old:
                yield Change(here, "add", replaces)
            elif old[key] != new[key]:
                yield Change(here, "update", replaces)

    def _same(self, plain: str, old: Any, new: Any) -> bool:
        return same(plain, old, new, self.resource.sets, dict(self.resource.canonical))


def _flagged(prop: Property, value: Any) -> bool:
    if prop.get("replaces"):
        return True
    fields = block_fields(prop)
    if fields is not None and isinstance(value, dict):
        return any(_flagged(fields[name], item) for name, item in value.items() if name in fields)
    if isinstance(value, list) and "items" in prop:
        return any(_flagged(prop["items"], item) for item in value)
    return False
