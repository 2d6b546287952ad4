"""How a page of 100 columns is set: rows with a label, lists under a title, tables of three numbers."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WIDTH = 100
_LABEL = 12
_NAME = 26
_NUMBER = 10
_ABOUT = _NAME + 3 * _NUMBER + 3


def row(label: str, text: str) -> list[str]:
    """Return a text beside its label, folded."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"{label:<{_LABEL}}",
        subsequent_indent=" " * _LABEL,
        break_on_hyphens=False,
        break_long_words=False,
    )


def listed(title: str, entries: Iterable[str]) -> Iterator[str]:
    """Yield a title and its entries, nothing where there are none."""
    found = list(entries)
    if found:
        yield title
    for entry in found:
        yield from textwrap.wrap(entry, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def numbers(name: str, values: Iterable[str], about: str = "") -> list[str]:
    """Return a line of three numbers, with what is to be said of them folded behind."""
    first = f"{name:<{_NAME}}" + "".join(f"{value:>{_NUMBER}}" for value in values)
    if not about:
        return [first]
    folded = textwrap.wrap(about, WIDTH - _ABOUT, break_on_hyphens=False)
    return [f"{first}   {folded[0]}", *(" " * _ABOUT + more for more in folded[1:])]
