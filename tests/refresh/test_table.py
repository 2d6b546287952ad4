"""What findings make of a table, and in which order its rows stand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import components.catalogue
from components.refresh.source import Finding, RefreshError
from components.refresh.table import FORMS, Change, load, natural, store, text_of, updated

DATA = Path(components.catalogue.__file__).parent / "data"
TODAY = date(2026, 11, 21)
HEADER = ["instance_type", "gpu", "usd_per_hour", "source", "as_of"]
ROWS = [
    {"instance_type": "g6.xlarge", "gpu": "L4", "usd_per_hour": "0.80", "source": "old", "as_of": "2026-07"},
    {"instance_type": "g6.2xlarge", "gpu": "L4", "usd_per_hour": "", "source": "old", "as_of": "2026-07"},
]


def price(name: str, usd: str, *, may_add: bool = False) -> Finding:
    return Finding("aws_instances", {"instance_type": name, "usd_per_hour": usd}, "new", may_add)


def apply(*found: Finding) -> tuple[list[dict[str, str]], Change]:
    return updated("aws_instances", HEADER, ROWS, found, TODAY)


@pytest.mark.parametrize("name", FORMS)
def test_the_packaged_tables_stand_in_their_order(name: str) -> None:
    """So a refresh that finds nothing new prints nothing, and a diff shows what changed and no more."""
    header, rows = load(DATA, name)
    after, change = updated(name, header, rows, [], TODAY)
    assert text_of(header, after) == (DATA / f"{name}.csv").read_text()
    assert change == Change(changed=0, confirmed=0, added=0, silent=len(rows))


def test_a_changed_price_takes_source_and_day_along() -> None:
    """Other columns stay."""
    rows, change = apply(price("g6.2xlarge", "0.9776"))
    assert rows[1] == {
        "instance_type": "g6.2xlarge",
        "gpu": "L4",
        "usd_per_hour": "0.9776",
        "source": "new",
        "as_of": "2026-11-21",
    }
    assert (rows[0], change) == (ROWS[0], Change(changed=1, confirmed=0, added=0, silent=1))


def test_a_confirmed_price_is_younger_and_written_as_before() -> None:
    """0.8 is 0.80: the figure stays as it was, its day is today's."""
    rows, change = apply(price("g6.xlarge", "0.8"))
    assert (rows[0]["usd_per_hour"], rows[0]["as_of"]) == ("0.80", "2026-11-21")
    assert change == Change(changed=0, confirmed=1, added=0, silent=1)


def test_a_new_row_comes_in_its_place_where_it_may_be_added() -> None:
    """What the source does not know stays empty; without leave nothing is added."""
    rows, change = apply(price("g5.xlarge", "1.006", may_add=True), price("g4dn.xlarge", "0.526"))
    assert [row["instance_type"] for row in rows] == ["g5.xlarge", "g6.xlarge", "g6.2xlarge"]
    assert rows[0]["gpu"] == ""
    assert change == Change(changed=0, confirmed=0, added=1, silent=2)


def test_two_findings_about_one_row_count_once() -> None:
    """Two sources may speak of different columns of it."""
    gpu = Finding("aws_instances", {"instance_type": "g6.xlarge", "gpu": "L4"}, "new")
    rows, change = apply(gpu, price("g6.xlarge", "0.9"))
    assert (rows[0]["gpu"], rows[0]["usd_per_hour"]) == ("L4", "0.9")
    assert change == Change(changed=1, confirmed=0, added=0, silent=1)


def test_the_rows_that_were_given_are_not_touched() -> None:
    """A report compares before and after."""
    before = [dict(row) for row in ROWS]
    apply(price("g6.xlarge", "5"))
    assert before == ROWS


@given(
    st.permutations(["g4dn.xlarge", "g5.xlarge", "g6.xlarge", "g6.2xlarge", "g6.12xlarge", "g6.metal", "p5.4xlarge"])
)
def test_instance_types_have_one_order(names: list[str]) -> None:
    """From small to large within a family, whatever order they came in."""
    assert sorted(names, key=natural) == [
        "g4dn.xlarge",
        "g5.xlarge",
        "g6.xlarge",
        "g6.2xlarge",
        "g6.12xlarge",
        "g6.metal",
        "p5.4xlarge",
    ]


def test_a_table_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """Nothing is left beside it, and its mode stays."""
    path = tmp_path / "aws_spot.csv"
    path.write_text("old\n")
    path.chmod(0o644)
    assert store(tmp_path, "aws_spot", "new\n") == path
    assert [(one.name, one.read_text(), one.stat().st_mode & 0o777) for one in tmp_path.iterdir()] == [
        ("aws_spot.csv", "new\n", 0o644)
    ]


def test_a_folder_without_the_table_is_named(tmp_path: Path) -> None:
    """Reading and writing say which file and why."""
    with pytest.raises(RefreshError, match=r"aws_spot\.csv: cannot be read \(no such file or directory\)"):
        load(tmp_path, "aws_spot")
    with pytest.raises(RefreshError, match=r"aws_spot\.csv: cannot be written \(no such file or directory\)"):
        store(tmp_path / "gone", "aws_spot", "")
