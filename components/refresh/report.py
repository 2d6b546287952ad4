"""What a refresh found: for each source what it said, for each table how it would change, as a diff to review."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING

from components.errors import BerthError
from components.refresh.sources import SOURCES
from components.refresh.table import load, text_of, updated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date
    from pathlib import Path

    from components.refresh.source import Answer, Finding
    from components.refresh.sources import Access
    from components.refresh.table import Change


@dataclass(frozen=True, slots=True)
class Asked:
    """One source: its answer, or why there is none."""

    name: str
    answer: Answer | None
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """One table that a source spoke of, before and after."""

    table: str
    change: Change
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The unified diff, empty when nothing changes."""
        name = f"components/catalogue/data/{self.table}.csv"
        before, after = self.before.splitlines(keepends=True), self.after.splitlines(keepends=True)
        return "".join(unified_diff(before, after, f"a/{name}", f"b/{name}", n=0))


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a refresh found."""

    asked: tuple[Asked, ...]
    compared: tuple[Compared, ...]

    @property
    def failures(self) -> tuple[str, ...]:
        return tuple(failure for asked in self.asked for failure in asked.failures)


def refresh(
    names: Iterable[str], access: Access, data: Path, today: date, tell: Callable[[str], None] = lambda _: None
) -> Report:
    """Ask sources, one after the other, and compare what they say with the tables of a folder; write nothing.

    A source that fails is a failure of the report; the others are asked all the same.
    """
    asked: list[Asked] = []
    for name in names:
        tell(f"asking {name}: {SOURCES[name].about}")
        try:
            answer = SOURCES[name].ask(access)
        except BerthError as error:
            asked.append(Asked(name, None, (f"{name}: {error}",)))
        else:
            asked.append(Asked(name, answer, tuple(f"{name}: {failure}" for failure in answer.failures)))
    by_table: dict[str, list[Finding]] = {}
    for one in asked:
        for finding in one.answer.findings if one.answer else ():
            by_table.setdefault(finding.table, []).append(finding)
    return Report(tuple(asked), tuple(_compared(data, table, found, today) for table, found in by_table.items()))


def _compared(data: Path, table: str, found: list[Finding], today: date) -> Compared:
    header, rows = load(data, table)
    after, change = updated(table, header, rows, found, today)
    return Compared(table, change, text_of(header, rows), text_of(header, after))
