"""What changes between two versions of a resource's inputs, and must it be replaced for that?

Walks to the leaf, as the official provider decides: a flag on a block counts only when the block is added or removed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from sandbox.provider.comparison import is_empty
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
    """Return the changed leaves from `old_inputs` to `news`; `state` has what AWS chose where an input was left out."""
    found = list(_Walk(resource).block(resource.contract.inputs, old_inputs, news, state, _Place()))
    forced = set(resource.forced(old_inputs, news)) if resource.forced else set()
    return [replace(change, replaces=True) if change.path in forced else change for change in found]


def top_level(path: str) -> str:
    """Return the property that a path begins with."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


@dataclass(frozen=True)
class _Place:
    """Where the walk is: the path that is shown, and the same path without list indexes."""

    shown: str = ""
    plain: str = ""

    def of(self, name: str) -> _Place:
        dot = "." if self.shown else ""
        return _Place(f"{self.shown}{dot}{name}", f"{self.plain}{dot}{name}")

    def at(self, index: int) -> _Place:
        return _Place(f"{self.shown}[{index}]", self.plain)


@dataclass(frozen=True)
class _Walk:
    resource: Resource

    def block(
        self, fields: Mapping[str, Property], old: Props, new: Props, state: Props, place: _Place
    ) -> Iterator[Change]:
        for name in sorted(old.keys() | new.keys()):
            if name.startswith("__"):
                continue
            prop, here = fields.get(name, {}), place.of(name)
            before, after = old.get(name, state.get(name) if name in new else None), new.get(name)
            if after is None:
                if not is_empty(before) and here.plain not in self.resource.computed:
                    yield Change(here.shown, "delete", _flagged(prop, before))
            elif before is None:
                if not is_empty(after):
                    yield Change(here.shown, "add", _flagged(prop, after))
            elif not self.resource.comparison.same(here.plain, before, after):
                yield from self.value(prop, before, after, state.get(name), here)

    def value(self, prop: Property, old: Any, new: Any, state: Any, place: _Place) -> Iterator[Change]:
        fields = block_fields(prop)
        if new is UNKNOWN or place.plain in self.resource.comparison.canonical:
            yield Change(place.shown, "update", _flagged(prop, old))
        elif fields is not None and isinstance(old, dict) and isinstance(new, dict):
            yield from self.block(fields, old, new, state if isinstance(state, dict) else {}, place)
        elif isinstance(old, list) and isinstance(new, list):
            yield from self._items(prop, old, new, place)
        elif isinstance(old, dict) and isinstance(new, dict):
            yield from self._entries(prop, old, new, place)
        else:
            yield Change(place.shown, "update", bool(prop.get("replaces")))

    def _items(self, prop: Property, old: list[Any], new: list[Any], place: _Place) -> Iterator[Change]:
        only_old, only_new = self.resource.comparison.unmatched(place.plain, old, new)
        item = {**prop.get("items", {}), **({"replaces": True} if prop.get("replaces") else {})}
        for before, after in zip(only_old, only_new, strict=False):
            yield from self.value(item, old[before], new[after], {}, place.at(after))
        for index in only_old[len(only_new) :]:
            yield Change(place.at(index).shown, "delete", _flagged(item, old[index]))
        for index in only_new[len(only_old) :]:
            yield Change(place.at(index).shown, "add", _flagged(item, new[index]))

    def _entries(self, prop: Property, old: Props, new: Props, place: _Place) -> Iterator[Change]:
        replaces = bool(prop.get("replaces"))
        for key in sorted(old.keys() | new.keys()):
            plain = key.replace("_", "").isalnum()
            here = f"{place.shown}.{key}" if plain else f'{place.shown}["{key}"]'
            if key not in new:
                yield Change(here, "delete", replaces)
            elif key not in old:
                yield Change(here, "add", replaces)
            elif old[key] != new[key]:
                yield Change(here, "update", replaces)


def _flagged(prop: Property, value: Any) -> bool:
    if prop.get("replaces"):
        return True
    fields = block_fields(prop)
    if fields is not None and isinstance(value, dict):
        return any(_flagged(fields[name], item) for name, item in value.items() if name in fields)
    if isinstance(value, list) and "items" in prop:
        return any(_flagged(prop["items"], item) for item in value)
    return False
