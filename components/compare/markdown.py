"""What `berth compare --markdown` prints: one table for a pull request, the long sentences folded away below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.compare.comparison import TARGET_NAMES
from components.compare.remarks import remarks
from components.compare.sheet import headline, load_line, sections

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from components.compare.comparison import Comparison
    from components.compare.rows import Row

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_[]|~#!"})
_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


def comparison_markdown(comparison: Comparison) -> str:
    """Return a comparison as GitHub's Markdown; nothing of the spec can become markup."""
    return "\n".join(_lines(comparison)) + "\n"


def _lines(comparison: Comparison) -> Iterator[str]:
    yield f"### {escaped(headline(comparison))}"
    yield ""
    yield escaped(load_line(comparison))
    yield ""
    yield f"**Recommended:** {escaped(comparison.recommendation.text)}"
    if comparison.recommendation.changes:
        yield ""
        yield from (f"- {escaped(change)}" for change in comparison.recommendation.changes)
    table = sections(comparison)
    if table:
        yield ""
        yield cells(["", *(TARGET_NAMES[column.target] for column in comparison.columns)])
        yield cells(["---"] * (1 + len(comparison.columns)))
    for section in table:
        for row in section.rows:
            yield cells([_label(section.title, row), *_values(row)])
    for remark in remarks(comparison):
        yield ""
        yield f"<details><summary>{escaped(remark.title)}</summary>"
        yield ""
        yield from (f"- {escaped(line)}" for line in remark.lines)
        yield ""
        yield "</details>"


def _label(title: str, row: Row) -> str:
    return escaped(f"{title}, {row.label}" if title else row.label)


def _values(row: Row) -> Iterator[str]:
    for index, cell in enumerate(row.cells):
        yield f"**{escaped(cell)}**" if index == row.best else escaped(cell)


def cells(written: Sequence[str]) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(written)} |"


def escaped(text: str) -> str:
    r"""Return a text on one line that Markdown prints as it is.

    >>> escaped("a|b <i>*c*")
    'a\\|b &lt;i&gt;\\*c\\*'
    """
    for character, entity in _ENTITIES:
        text = text.replace(character, entity)
    return " ".join(text.split()).translate(_SPECIAL)
