"""How does a rule read a property that may be missing, of another type, or not known yet, without an accident?

What cannot be told raises `CannotTell`, which is an outcome of its own: it never passes for "all right".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

SENTINELS = (
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
)
"""What the engine writes for a value that a preview does not know: one for each type."""
_SENTINEL = re.compile("|".join(SENTINELS))
_HIDDEN = "[secret]"
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - how the engine marks a secret, and none itself


class _Nothing:
    """What stands for a value that is not there to be read."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


UNKNOWN = _Nothing("UNKNOWN")
MISSING = _Nothing("MISSING")


class CannotTell(Exception):  # noqa: N818 - it is no error: a preview does not know everything
    """A property that a rule needs cannot be read; `unknown` when it only is not known yet."""

    def __init__(self, path: str, reason: str, *, unknown: bool) -> None:
        self.path = path
        self.reason = reason
        self.unknown = unknown
        super().__init__(f"{path or 'the resource'} {reason}")


def plain(data: Any) -> Any:
    """Return JSON of the engine with `UNKNOWN` in place of what it does not know, or does not show."""
    if isinstance(data, str):
        return UNKNOWN if data == _HIDDEN or _SENTINEL.search(data) else data
    if isinstance(data, Mapping):
        found = cast("Mapping[object, Any]", data)
        if _SIGNATURE in found:
            held = found.get("value", UNKNOWN) if found[_SIGNATURE] == _SECRET else UNKNOWN
            return held if held is UNKNOWN else plain(held)
        return {str(key): plain(value) for key, value in found.items()}
    if isinstance(data, Sequence):
        return [plain(value) for value in cast("Sequence[Any]", data)]
    return data if data is None or isinstance(data, bool | int | float) else UNKNOWN


@dataclass(frozen=True, slots=True)
class Value:
    """A property and where it stands."""

    data: Any
    path: str = ""

    def __getitem__(self, key: str) -> Value:
        """Return a property of a mapping; what is not there is there as a missing one."""
        path = f"{self.path}.{key}" if self.path else key
        if self.is_missing:
            return Value(MISSING, path)
        return Value(self._of(dict, "a mapping").get(key, MISSING), path)

    @property
    def is_missing(self) -> bool:
        """Whether nothing is given; what is not known yet is given."""
        return self.data is MISSING or self.data is None

    def text(self) -> str | None:
        """Return a text, None when it is missing."""
        return None if self.is_missing else self._of(str, "a text")

    def number(self) -> float | None:
        """Return a number, None when it is missing; some providers write numbers as texts."""
        if self.is_missing:
            return None
        if isinstance(self.data, str):
            try:
                value = float(self.data)
            except ValueError:
                raise self._wrong("a number") from None
        else:
            value = self._of((int, float), "a number")
        if isinstance(self.data, bool) or not math.isfinite(value):
            raise self._wrong("a number")
        return value

    def flag(self) -> bool | None:
        """Return true or false, None when it is missing; some providers write them as texts."""
        if self.is_missing:
            return None
        if self.data in ("true", "false"):
            return self.data == "true"
        return self._of(bool, "true or false")

    def each(self) -> tuple[Value, ...]:
        """Return the values of a list, none when it is missing."""
        if self.is_missing:
            return ()
        return tuple(Value(one, f"{self.path}[{index}]") for index, one in enumerate(self._of(list, "a list")))

    def texts(self) -> tuple[str, ...]:
        """Return the texts of a list; a single one stands for itself."""
        if isinstance(self.data, str):
            return (self.data,)
        return tuple(text for one in self.each() if (text := one.text()) is not None)

    def entries(self) -> tuple[tuple[str, Value], ...]:
        """Return the entries of a mapping, none when it is missing."""
        if self.is_missing:
            return ()
        return tuple((key, self[key]) for key in self._of(dict, "a mapping"))

    def document(self) -> Value:
        """Return what a text of JSON holds."""
        text = self.text()
        if text is None:
            return self
        try:
            return Value(plain(json.loads(text)), self.path)
        except (ValueError, RecursionError):
            raise self._wrong("JSON") from None

    def _of(self, kind: type | tuple[type, ...], said: str) -> Any:
        if self.data is UNKNOWN:
            raise CannotTell(self.path, "is not known yet", unknown=True)
        if not isinstance(self.data, kind):
            raise self._wrong(said)
        return self.data

    def _wrong(self, said: str) -> CannotTell:
        # What it is stays unsaid: it may be a secret.
        return CannotTell(self.path, f"is not {said}", unknown=False)
