"""Of what is the table of a comparison made: rows with one cell for each target, in sections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.compare.comparison import Column
    from components.plan.model import Plan

NONE = "-"
"""The cell of a target that refuses the spec."""


@dataclass(frozen=True, slots=True)
class Row:
    """A label and one cell for each column; `best` is the column with the lowest amount, None where none is."""

    label: str
    cells: tuple[str, ...]
    best: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that belong together, under a title."""

    title: str
    rows: tuple[Row, ...]


def plan_row(columns: tuple[Column, ...], label: str, text: Callable[[Plan], str]) -> Row:
    """Return a row whose cells follow from the plans."""
    return Row(label, tuple(NONE if column.plan is None else text(column.plan) for column in columns))


def lowest(amounts: list[float | None]) -> int | None:
    """Return which amount is the lowest, None where fewer than two are known or two are equally low.

    >>> lowest([3.0, None, 2.0]), lowest([3.0, None]), lowest([2.0, 2.0])
    (2, None, None)
    """
    known = sorted((usd, index) for index, usd in enumerate(amounts) if usd is not None)
    return known[0][1] if known[1:] and known[0][0] < known[1][0] else None


def money(usd: float | None, digits: int = 2) -> str:
    """Return an amount, or the word that it is not known.

    >>> money(1234.5), money(None)
    ('1,234.50', 'unknown')
    """
    return "unknown" if usd is None else f"{usd:,.{digits}f}"
