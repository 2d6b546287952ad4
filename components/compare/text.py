"""What `berth compare` prints in a terminal of 120 columns."""

from __future__ import annotations

import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING

from components.compare.comparison import TARGET_NAMES
from components.compare.remarks import remarks
from components.compare.sheet import headline, load_line, sections

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from components.compare.comparison import Comparison
    from components.compare.rows import Section

WIDTH = 120
_LABEL = 18
_GAP = 2


def comparison_text(comparison: Comparison) -> str:
    """Return a comparison as text."""
    width = (WIDTH - _LABEL) // len(comparison.columns) - _GAP
    lines = [headline(comparison), *_folded(load_line(comparison), ""), ""]
    lines += _folded(f"Recommended: {comparison.recommendation.text}", "  ")
    for change in comparison.recommendation.changes:
        lines += _folded(f"- {change}", "    ", first="  ")
    table = sections(comparison)
    if table:
        lines.append("")
        lines += _line("", [TARGET_NAMES[column.target].upper() for column in comparison.columns], width)
    for section in table:
        lines += _section(section, width)
    for remark in remarks(comparison):
        lines += ["", remark.title]
        for line in remark.lines:
            lines += _folded(line, "    ", first="  ")
    return "\n".join(lines) + "\n"


def _section(section: Section, width: int) -> Iterator[str]:
    if section.title:
        yield section.title
    indent = "  " if section.title else ""
    for row in section.rows:
        yield from _line(f"{indent}{row.label}", row.cells, width)


def _line(label: str, cells: Sequence[str], width: int) -> Iterator[str]:
    """Yield the lines of one row: each cell is folded in its own column."""
    folded = [textwrap.wrap(cell, width, break_on_hyphens=False) for cell in cells]
    for index, parts in enumerate(zip_longest(*folded, fillvalue="")):
        head = label if index == 0 else ""
        yield (f"{head:<{_LABEL}}" + (" " * _GAP).join(f"{part:<{width}}" for part in parts)).rstrip()


def _folded(text: str, indent: str, first: str = "") -> list[str]:
    return [
        line
        for part in text.splitlines()
        for line in textwrap.wrap(
            part, WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
        )
    ]
