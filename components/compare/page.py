"""What `berth compare --html` writes: one page that needs nothing else, with charts, for screen, paper and phone."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from components.compare.advice_part import advice_part
from components.compare.comparison import TARGET_NAMES
from components.compare.figures import figures
from components.compare.remarks import remarks
from components.compare.rows import NONE
from components.compare.sheet import headline, load_line, sections

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from components.compare.advice import Advice
    from components.compare.comparison import Column, Comparison
    from components.compare.curve import ApiLine, Curve
    from components.compare.rows import Row, Section

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The page itself forbids that anything is loaded."""


def comparison_page(
    comparison: Comparison, curves: Sequence[Curve], apis: Sequence[ApiLine], advice: Advice | None = None
) -> str:
    """Return a comparison as HTML, with an advice where there is one; every text of the spec is escaped."""
    style = files("components.compare").joinpath("page.css").read_text(encoding="utf-8")
    body = [
        *_header(comparison),
        *_cards(comparison),
        *(advice_part(advice) if advice else ()),
        *figures(comparison, curves, apis),
        *(_table(comparison) if comparison.planned else ()),
        *_remarks(comparison),
    ]
    title = escape(f"{comparison.service} on {len(comparison.columns)} targets")
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{title}</title>",
        f"<style>\n{style}</style>",
        "</head>",
        "<body>",
        "<main>",
        *body,
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _header(comparison: Comparison) -> Iterator[str]:
    recommendation = comparison.recommendation
    yield "<header>"
    yield '<p class="eyebrow">berth compare</p>'
    yield f"<h1>{escape(comparison.service)}</h1>"
    yield f"<p>{escape(headline(comparison).partition(': ')[2])}</p>"
    yield f"<p>{escape(load_line(comparison))}</p>"
    yield "</header>"
    yield f'<section class="answer {recommendation.target or "none"}" aria-label="Recommendation">'
    yield f"<p><strong>Recommended:</strong> {escape(recommendation.text)}</p>"
    if recommendation.changes:
        yield "<ul>"
        yield from (f"<li>{escape(change)}</li>" for change in recommendation.changes)
        yield "</ul>"
    yield "</section>"


def _cards(comparison: Comparison) -> Iterator[str]:
    yield '<section class="cards" aria-label="The targets in short">'
    for column in comparison.columns:
        yield from _card(column)
    yield "</section>"


def _card(column: Column) -> Iterator[str]:
    at, plan = column.expected, column.plan
    yield f'<article class="card {column.target}">'
    yield f"<h2>{TARGET_NAMES[column.target]}</h2>"
    if plan is None or at is None:
        yield '<p class="amount refused">refused</p>'
        yield f"<p>{escape(_shortened(column.refusal[0]))}</p>"
    else:
        amount = "unknown" if at.usd_per_month is None else f"{at.usd_per_month:,.0f}"
        yield f'<p class="amount">{amount} <small>USD a month</small></p>'
        hardware = f"{plan.hardware.gpu_count} x {plan.hardware.gpu}, {plan.hardware.instance_type}"
        yield f"<p>{escape(hardware)}</p>"
        million = at.usd_per_million_tokens
        per_million = "price unknown" if million is None else f"{million:,.2f} USD per million tokens"
        short = "" if at.served_share is None or at.is_served else f"; serves {at.served_share:.0%} of the load"
        yield f"<p>{per_million}{short}</p>"
    yield "</article>"


def _shortened(reason: str) -> str:
    """Return the beginning of a refusal: the place and what is wrong; the whole stands below."""
    return reason.partition("; ")[0]


def _table(comparison: Comparison) -> Iterator[str]:
    columns = comparison.columns
    yield '<section aria-labelledby="side-by-side">'
    yield '<h2 id="side-by-side">Side by side</h2>'
    yield '<div class="scroll" tabindex="0" role="region" aria-labelledby="side-by-side">'
    yield '<table class="side">'
    yield '<thead><tr><td class="label"></td>'
    yield from (f'<th scope="col" class="{column.target}">{TARGET_NAMES[column.target]}</th>' for column in columns)
    yield "</tr></thead>"
    for section in sections(comparison):
        yield from _section(section, len(columns))
    yield "</table>"
    yield "</div>"
    yield "</section>"


def _section(section: Section, columns: int) -> Iterator[str]:
    yield "<tbody>"
    if section.title:
        yield f'<tr class="group"><th scope="rowgroup" colspan="{columns + 1}">{escape(section.title)}</th></tr>'
    yield from (_row(row) for row in section.rows)
    yield "</tbody>"


def _row(row: Row) -> str:
    cells = "".join(
        f"<td{_kind(cell, best=index == row.best)}>{escape(cell)}</td>" for index, cell in enumerate(row.cells)
    )
    return f'<tr><th scope="row">{escape(row.label)}</th>{cells}</tr>'


def _kind(cell: str, *, best: bool) -> str:
    return ' class="best"' if best else ' class="nothing"' if cell == NONE else ""


def _remarks(comparison: Comparison) -> Iterator[str]:
    yield '<section aria-labelledby="remarks">'
    yield '<h2 id="remarks">What to know</h2>'
    for remark in remarks(comparison):
        yield f"<h3>{escape(remark.title)}</h3>"
        yield "<ul>"
        yield from (f"<li>{escape(line)}</li>" for line in remark.lines)
        yield "</ul>"
    yield "</section>"
