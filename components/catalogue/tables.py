"""How the packaged tables are read: one CSV per kind of fact, each row with its source and date."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from components.errors import CatalogueError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

_Row = TypeVar("_Row")
_DATA = Path(__file__).parent / "data"


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of `data/<name>.csv` as text; `CatalogueError` when the table cannot be read."""
    path = _DATA / f"{name}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise CatalogueError(f"{path}: the packaged table cannot be read ({error}); reinstall berth") from error


def row_of(rows: Mapping[str, _Row], name: str, table: str) -> _Row:
    """Return the row of a name; `CatalogueError` with the nearest name when the table has none.

    >>> row_of({"L4": 24, "L40S": 48}, "L4", "gpus")
    24
    """
    found = rows.get(name)
    if found is None:
        near = nearest(name, rows)
        fix = f"did you mean {near}?" if near else "`berth catalogue list` shows what it has"
        raise CatalogueError(f"{table}.csv has no {name!r}; {fix}")
    return found


def optional_float(text: str) -> float | None:
    """Return the number, or None for an empty cell: unknown is not zero.

    >>> optional_float("") is None
    True
    >>> optional_float("0.5")
    0.5
    """
    return float(text) if text else None


def as_of_date(text: str) -> date:
    """Return the day a row was true; a month counts from its first day.

    >>> as_of_date("2026-07")
    datetime.date(2026, 7, 1)
    """
    parts = text.split("-")
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2]) if len(parts) > 2 else 1)  # noqa: PLR2004
    except (IndexError, ValueError) as error:
        raise CatalogueError(f"as_of {text!r} is not a date; write 2026-07 or 2026-07-06") from error
