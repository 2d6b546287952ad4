"""How cost reads in a terminal: the lines of an estimate, and the comparison with APIs."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from components.cost.apis import ApiComparison, ApiRow
    from components.cost.estimate import CostEstimate

WIDTH = 100
_NAME = 20
_API = 54
_NAMED = _API - 3


def cost_text(cost: CostEstimate) -> Iterator[str]:
    """Yield the table of an estimate, its totals, the price of a million tokens, what is unknown, what is paid once."""
    yield f"{'Cost, USD per month':<22}{'floor':>11}{'expected':>11}{'max':>11}"
    for line in cost.lines:
        yield from _row(line.name, (line.floor, line.expected, line.max), line.basis)
    yield from _row("total", (cost.floor, cost.expected, cost.max), f"prices of {cost.price_table_date}")
    if cost.usd_per_million_tokens is not None:
        yield f"  {cost.usd_per_million_tokens:.2f} USD per million tokens, in and out, at the expected load"
    yield from (f"  unknown: {unknown}" for unknown in cost.unknowns)
    if cost.one_off:
        yield "One-off, in the first month, USD"
        for once in cost.one_off:
            yield from _row(once.name, (once.usd,), once.basis)


def api_text(apis: ApiComparison | None) -> Iterator[str]:
    """Yield the comparison with APIs; nothing where no load is expected."""
    if apis is None:
        return
    tokens = apis.million_input_tokens + apis.million_output_tokens
    yield (
        f"Against APIs, at {tokens:,.1f} million tokens a month ({apis.million_input_tokens:,.1f} in, "
        f"{apis.million_output_tokens:,.1f} out)"
    )
    yield from verdict_text(apis)
    yield f"  {'':<{_API}}{'USD/month':>11}{'USD/million':>13}{'own cheaper from':>20}"
    own = f"{_usd(apis.own_usd_per_month):>11}{_usd(apis.own_usd_per_million_tokens):>13}"
    yield f"  {'this deployment':<{_API}}{own}"
    copies = apis.hosted_copies
    for title, rows in (("same model", copies), ("other models", apis.rows[len(copies) :])):
        if rows:
            yield f"  {title}"
        for row in rows:
            numbers = f"{row.usd_per_month:>11,.2f}{row.usd_per_million_tokens:>13,.2f}{_break_even(row, apis):>20}"
            first, *more = _named(row)
            yield f"    {first:<{_API - 2}}{numbers}"
            yield from (f"    {part}" for part in more)
    if apis.capacity_million_tokens is not None:
        yield from _folded(
            "million tokens a month, in this mix and shape; never: not even at the "
            f"{apis.capacity_million_tokens:,.1f} million that the most replicas can answer"
        )
    for caveat in apis.caveats:
        yield from _folded(caveat)


def verdict_text(apis: ApiComparison | None) -> Iterator[str]:
    """Yield who is cheaper."""
    if apis is not None:
        yield from _folded(apis.verdict)


def warning_text(warnings: Iterable[str]) -> Iterator[str]:
    """Yield what speaks against relying on the amounts."""
    for warning in warnings:
        yield from _folded(f"warning: {warning}")


def assumption_text(cost: CostEstimate) -> Iterator[str]:
    """Yield what the amounts rest on."""
    yield "Cost assumes"
    for assumption in cost.assumptions:
        yield from _folded(assumption)


def _row(name: str, amounts: tuple[float | None, ...], basis: str) -> Iterator[str]:
    numbers = "".join(f"{_usd(usd):>11}" for usd in amounts)
    head = f"  {name:<{_NAME}}{numbers}   "
    yield from textwrap.wrap(
        basis, WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False
    ) or [head.rstrip()]


def _named(row: ApiRow) -> list[str]:
    """Return provider and model in as many lines as they take; the folders before a model's name say nothing here."""
    name = f"{row.provider} {row.model.rpartition('/')[2]}"
    until = f"(until {row.retires})" if row.retires else ""
    both = f"{name} {until}".rstrip()
    if len(both) <= _NAMED:
        return [both]
    return [*textwrap.wrap(name, _NAMED, subsequent_indent="  "), *([f"  {until}"] if until else [])]


def _break_even(row: ApiRow, apis: ApiComparison) -> str:
    if row.break_even_million_tokens is not None:
        return f"{row.break_even_million_tokens:,.1f}"
    return "unknown" if apis.capacity_million_tokens is None else "never"


def _folded(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def _usd(usd: float | None) -> str:
    return "unknown" if usd is None else f"{usd:,.2f}"
