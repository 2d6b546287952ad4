"""What a page says about hosting a model oneself: both verdicts, the conditions and the bill."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from components.compare.advice_text import BILL_HEADS, SAID, bill_rows, rule_line, volume_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.compare.advice import Advice


def advice_part(advice: Advice) -> Iterator[str]:
    """Yield the section as HTML."""
    yield '<section aria-labelledby="advice">'
    yield '<h2 id="advice">Host it yourself, or use an API?</h2>'
    yield f'<p class="soft">{escape(volume_line(advice))}</p>'
    yield '<div class="verdicts">'
    yield from _verdict("Our arithmetic", SAID[advice.verdict], advice.text)
    yield from _verdict("The guide's rule", SAID[advice.guide_verdict], rule_line(advice))
    yield "</div>"
    yield from _list([f"They differ: {reason}" for reason in advice.reasons])
    yield from _table(
        ("Condition", "The guide asks", "This spec", "Met", "But"),
        ((one.name, one.asks, one.has, "yes" if one.is_met else "no", one.remark) for one in advice.conditions),
    )
    yield from _table(BILL_HEADS, bill_rows(advice.bill), kind="numbers")
    yield from _list(list(advice.findings))
    yield "</section>"


def _verdict(who: str, said: str, why: str) -> Iterator[str]:
    yield f'<div class="verdict"><h3>{escape(who)}</h3><p class="said">{escape(said)}</p><p>{escape(why)}</p></div>'


def _list(lines: list[str]) -> Iterator[str]:
    if lines:
        yield '<ul class="soft">'
        yield from (f"<li>{escape(line)}</li>" for line in lines)
        yield "</ul>"


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]], kind: str = "words") -> Iterator[str]:
    yield f'<div class="scroll" tabindex="0"><table class="{kind}"><thead><tr>'
    yield from (f'<th scope="col">{escape(head)}</th>' for head in heads)
    yield "</tr></thead><tbody>"
    for label, *cells in rows:
        found = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        yield f'<tr><th scope="row">{escape(label)}</th>{found}</tr>'
    yield "</tbody></table></div>"
