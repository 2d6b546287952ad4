from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import components.catalogue
from components.catalogue.tables import as_of_date, optional_float, read_table
from components.errors import CatalogueError

DATA = Path(components.catalogue.__file__).parent / "data"
TABLES = sorted(path.stem for path in DATA.glob("*.csv"))


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_a_source_and_a_date(name: str) -> None:
    """No fact without where it is from and when it was true."""
    rows = read_table(name)
    assert rows
    assert [row for row in rows if not row["source"].strip()] == []
    assert [row for row in rows if as_of_date(row["as_of"]) > date(2026, 12, 31)] == []


@pytest.mark.parametrize("name", TABLES)
def test_no_row_is_given_twice(name: str) -> None:
    """A table has one row for each key."""
    two = ("api_prices", "aws_availability", "aws_region_multipliers", "aws_region_prices", "aws_spot")
    keys = {"images": 3, "aws_commitments": 3, **dict.fromkeys(two, 2)}
    rows = [tuple(row.values())[: keys.get(name, 1)] for row in read_table(name)]
    assert len(set(rows)) == len(rows)


def test_an_empty_cell_is_unknown_and_not_zero() -> None:
    """Empty is None; a written zero is zero."""
    assert optional_float("") is None
    assert optional_float("0") == 0.0


@pytest.mark.parametrize("text", ["", "2026", "undated", "2026-13"])
def test_a_broken_date_is_named(text: str) -> None:
    """A row without a usable date is a defect of the catalogue."""
    with pytest.raises(CatalogueError, match="is not a date; write 2026-07 or 2026-07-06"):
        as_of_date(text)


def test_a_missing_table_is_named() -> None:
    """A package without its tables says what to do."""
    with pytest.raises(CatalogueError, match=r"none\.csv: the packaged table cannot be read .*; reinstall berth"):
        read_table("none")
