"""Of which shape must a property be? Small questions that the checks of all resources ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Failure = tuple[str, str]
"""A property and what is wrong with it."""


def unknown_fields(place: str, given: Mapping[str, Any], allowed: Iterable[str]) -> Iterator[Failure]:
    """Yield a failure for each field that RunPod would refuse."""
    for field in given:
        if field not in allowed:
            yield place + field, f"is no field of RunPod's; use one of: {', '.join(sorted(allowed))}"


def is_texts(value: Any) -> bool:
    """Tell whether a value is a list of texts.

    >>> is_texts(["a"]), is_texts([""]), is_texts("a")
    (True, False, False)
    """
    return isinstance(value, list) and all(isinstance(one, str) and one for one in value)


def is_number(value: Any) -> bool:
    """Tell whether a value is a number; true is none.

    >>> is_number(0.5), is_number(True)
    (True, False)
    """
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: Any, least: int) -> bool:
    """Tell whether a value is a whole number that is large enough.

    >>> is_whole(0, 0), is_whole(0, 1), is_whole(1.5, 1)
    (True, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
