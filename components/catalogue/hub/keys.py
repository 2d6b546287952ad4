"""How numbers are read from a `config.json`: by any of their names, with everything missing or wrong told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from components.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

COPY = "copy the whole config.json of the model; what transformers takes from its own defaults must be written down"


class Keys:
    """Reads one mapping; `finish` raises for all that was missing or wrong. Null is as good as missing."""

    def __init__(self, config: Mapping[str, object]) -> None:
        """Read nothing yet."""
        self._config = config
        self._missing: list[str] = []
        self._wrong: list[str] = []

    def whole(self, *names: str) -> int:
        """Return the number under the first of the names that is there; 1 for one that `finish` will complain about."""
        found = self.optional_whole(*names)
        if found is None:
            self._missing += [name for name in names[:1] if not self._is_wrong(names)]
            return 1
        return found

    def optional_whole(self, *names: str) -> int | None:
        """Return the number under the first of the names that is there, None when there is none."""
        for name in names:
            value = self._config.get(name)
            if value is None:
                continue
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
                return value
            self._wrong.append(f"{name} {value!r} is not a whole number")
            return None
        return None

    def flag(self, name: str, default: bool) -> bool:
        """Return a switch."""
        value = self._config.get(name)
        return value if isinstance(value, bool) else default

    def text(self, *names: str) -> str | None:
        """Return the text under the first of the names that is there."""
        return next((value for name in names if isinstance(value := self._config.get(name), str)), None)

    def required_text(self, *names: str) -> str:
        """Return the text under the first of the names; an empty one that `finish` will complain about."""
        found = self.text(*names)
        if found is None:
            self._missing.append(names[0])
        return found or ""

    def texts(self, name: str) -> list[str] | None:
        """Return a list of texts, None when there is none, or an empty one."""
        return [str(part) for part in list_of(self._config.get(name))] or None

    def finish(self) -> None:
        """Raise `ConfigError` when anything was missing or wrong."""
        lacks = [f"lacks {', '.join(dict.fromkeys(self._missing))}"] if self._missing else []
        said = [*lacks, *dict.fromkeys(self._wrong)]
        if said:
            raise ConfigError("; ".join(said), COPY)

    def _is_wrong(self, names: tuple[str, ...]) -> bool:
        return any(wrong.split(" ", 1)[0] in names for wrong in self._wrong)


def mapping_of(value: object) -> Mapping[str, object] | None:
    """Return a JSON object with its keys as text, None for anything else.

    >>> mapping_of({"a": 1}), mapping_of([1])
    ({'a': 1}, None)
    """
    return cast("dict[str, object]", value) if isinstance(value, dict) else None


def list_of(value: object) -> list[object]:
    """Return a JSON list, an empty one for anything else.

    >>> list_of([1, "a"]), list_of({"a": 1})
    ([1, 'a'], [])
    """
    return cast("list[object]", value) if isinstance(value, list) else []
