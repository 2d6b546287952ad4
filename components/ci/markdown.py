"""What does a person read about a change: the comment, and the step summary?"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from components.ci.changes import MEANINGS
from components.ci.escaped import code, text
from components.ci.exit_codes import COST, COULD_NOT_RUN, POLICY, PROGRAM, PROVIDER
from components.cost.estimate import HOURS_PER_MONTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from components.ci.changes import Class
    from components.ci.money import CostChange
    from components.ci.report import PolicyReport, Report, ServiceReport, StackReport

MARKER = "<!-- berth-ci-preview -->"
GITHUB_LIMIT = 65_536
GITLAB_LIMIT = 1_000_000
_MOST_NAMED = 3
_SPARE = 512
"""Left for what a forge adds, and for what is said of what was left out."""
_VERDICTS = {
    PROGRAM: "the program or a file is wrong",
    PROVIDER: "a provider refused",
    POLICY: "a policy is violated",
    COULD_NOT_RUN: "a mandatory policy could not be run",
    COST: "the cost rises above the tolerance, which needs approval",
}
_OPS = {
    "create": "+",
    "update": "~",
    "replace": "+-",
    "delete": "-",
    "import": "=",
}
_STATUS = {"violation": "violated", "could-not-run": "could not be run", "exempted": "exempt"}


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the page; of those that are too much, the one with the highest rank is left out first."""

    rank: int
    lines: tuple[str, ...]
    title: str = ""


def markdown(report: Report, limit: int = GITHUB_LIMIT) -> str:
    """Return the page, of at most `limit` bytes; what is left out is said, and is in the artifact."""
    blocks = list(_blocks(report))
    left_out: list[str] = []
    while len(blocks) > 1 and _size(_page(blocks, left_out)) > limit - _SPARE:
        worst = max(range(len(blocks)), key=lambda at: (blocks[at].rank, at))
        left_out.append(blocks.pop(worst).title)
    page = _page(blocks, left_out)
    return cut(page, limit)


def cut(page: str, limit: int) -> str:
    """Return a page of at most `limit` bytes; what is too long ends with a whole line, and says so."""
    if _size(page) <= limit:
        return page
    end = "\n\nCut here, as the page is too long; the artifact has all of it.\n"
    kept = page.encode()[: limit - _SPARE].decode(errors="ignore")
    return kept[: kept.rfind("\n")] + end


def _blocks(report: Report) -> Iterator[Block]:
    yield Block(0, tuple(_head(report)))
    for stack in report.stacks:
        yield from _stack(stack)
    yield Block(1, tuple(_foot(report)))


def _head(report: Report) -> Iterator[str]:
    yield MARKER
    yield f"<!-- berth-digests {' '.join(f'{one.stack}={one.digest}' for one in report.stacks if one.digest)} -->"
    stops = [text(_VERDICTS[one]) for one in _VERDICTS if any(one in stack.codes for stack in report.stacks)]
    names = ", ".join(code(one.stack) for one in report.stacks) or "no stack"
    yield f"## Berth: {names}"
    yield ""
    if not report.stacks:
        yield "This change touches no stack."
    elif stops:
        yield f"**Stopped:** {'; '.join(stops)}."
    elif not report.changes_something:
        yield "Nothing changes."
    else:
        yield "**Nothing stops it.**"
    rows = [row for row in map(_summary_row, report.stacks) if row]
    if rows:
        yield ""
        yield from _table(
            ["stack", "USD a month, before", "after", "difference", "by specs", "by prices", "services"], rows
        )


def _summary_row(stack: StackReport) -> list[str]:
    cost = stack.cost
    if cost is None:
        return [code(stack.stack), "", "", "", "", "", "not previewed"]
    kinds: dict[str, int] = {}
    for one in stack.services:
        kinds[one.kind] = kinds.get(one.kind, 0) + 1
    said = ", ".join(f"{count} {'unchanged' if kind == 'none' else kind}" for kind, count in kinds.items())
    before = cost.before.expected if cost.before else None
    return [
        code(stack.stack),
        _usd(before) if cost.before else "-",
        _usd(cost.after.expected),
        _signed(cost.difference, before) if cost.before else "-",
        _signed(cost.by_change) if cost.before else "-",
        _signed(cost.by_prices) if cost.before else "-",
        said,
    ]


def _stack(stack: StackReport) -> Iterator[Block]:
    name = stack.stack
    yield Block(0, tuple(_stack_head(stack)))
    errors = [
        *_errors("The program is wrong", stack.program_errors),
        *_errors("A provider refused", stack.provider_errors),
    ]
    if errors:
        yield Block(2, tuple(errors), f"errors of {name}")
    blocking = [one for one in stack.policies if one.blocks]
    if blocking:
        yield Block(3, tuple(_policies("Policies that stop it", blocking)), f"policies of {name}")
    changed = [one for one in stack.services if one.kind != "none"]
    if changed:
        yield Block(4, tuple(_services(changed)), f"services of {name}")
    sleeping = [one for one in stack.services if one.sleeping]
    if sleeping:
        lines = ("**Asleep**", "", *(f"- {code(one.name)}: {text(one.sleeping or '')}" for one in sleeping), "")
        yield Block(5, lines, f"sleeping services of {name}")
    others = [one for one in stack.policies if not one.blocks]
    if others:
        yield Block(6, tuple(_policies("Advice and exemptions", others)), f"advice and exemptions of {name}")
    for one in changed:
        yield Block(7, tuple(_details(one)), f"details of {name}/{one.name}")
    resources = [(op, f"{one.name}: {what}") for one in stack.services for op, what in one.resources]
    resources += [(op, f"shared: {what}") for op, what in stack.shared]
    if resources:
        yield Block(8, tuple(_folded(f"{len(resources)} resources", _resources(resources))), f"resources of {name}")


def _stack_head(stack: StackReport) -> Iterator[str]:
    environment = f", environment {code(stack.environment)}" if stack.environment else ""
    yield f"### Stack {code(stack.stack)}{environment}"
    yield ""
    said = [f"compared with {text(stack.compared_with)}"] if stack.compared_with else []
    if not stack.deployed and not stack.compared_with and stack.environment:
        said.append("not deployed yet: nothing to compare with, only the ceilings of the policies hold")
    if stack.reasons:
        said.append(f"touched by {', '.join(code(one) for one in stack.reasons)}")
    if said:
        yield f"{'; '.join(said)[:1].upper()}{'; '.join(said)[1:]}."
        yield ""
    if stack.rise:
        approved = f" Approved by {text(stack.approved_by)}." if stack.approved_by else " Nobody approved it."
        yield f"**Cost:** {text(stack.rise)}.{approved}"
        yield ""
    if stack.cost and stack.cost.before and stack.cost.by_prices is None and stack.cost.difference:
        yield "How much of it is from price tables is unknown: a deployed spec is not understood any more."
        yield ""


def _services(services: Sequence[ServiceReport]) -> Iterator[str]:
    rows = [
        [
            code(one.name),
            text(one.target),
            f"**{one.kind}**",
            _arrow(*(code(kind) if kind else "-" for kind in one.hardware)),
            _change(one.cost, "floor"),
            _change(one.cost, "expected"),
            _change(one.cost, "max"),
        ]
        for one in services
    ]
    yield from _table(["service", "target", "change", "hardware", "floor", "expected", "max"], rows)
    yield ""
    kinds: dict[Class, None] = dict.fromkeys(one.kind for one in services)
    yield " ".join(f"*{kind}*: {MEANINGS[kind]}." for kind in kinds)
    yield ""


def _details(one: ServiceReport) -> Iterator[str]:
    lines: list[str] = []
    if one.fields:
        lines += _table(
            ["field", "before", "after"],
            [[code(field.path), code(field.before), code(field.after)] for field in one.fields],
        )
        lines.append("")
    facts: list[str] = []
    if one.cost.before is not None and (one.cost.by_prices or one.cost.by_prices is None):
        prices = "unknown" if one.cost.by_prices is None else _signed(one.cost.by_prices)
        dates = f"tables of {text(one.cost.priced_before or '-')} and {text(one.cost.priced_after or '-')}"
        facts.append(f"by prices: {prices} USD a month ({dates}); by specs: {_signed(one.cost.by_change)}")
    if any(one.usd_per_million_tokens):
        before, after = (None if usd is None else f"{usd:,.4f}" for usd in one.usd_per_million_tokens)
        facts.append(f"USD per million tokens, at the expected load: {_arrow(before or '-', after or '-')}")
    if one.start:
        low, expected, high = (_minutes(part) for part in (one.start.low, one.start.expected, one.start.high))
        facts.append(f"cold start: {expected} ({low} to {high})")
    facts += [text(said) for said in one.sizing]
    facts += [f"no price is known for: {text(said)}" for said in one.unknowns]
    facts += [f"warning: {text(said)}" for said in one.notes]
    lines += [f"- {fact}" for fact in facts]
    if lines:
        yield from _folded(f"{escape(one.name)}: fields, start, sizing", lines)


def _policies(title: str, policies: Sequence[PolicyReport]) -> Iterator[str]:
    yield f"**{title}**"
    yield ""
    for one in policies:
        until = f" until {text(one.until)}" if one.until else ""
        yield f"- {code(one.rule)} ({text(one.level)}, {_STATUS[one.status]}{until}): {text(one.message)}"
    yield ""


def _errors(title: str, errors: Sequence[str]) -> Iterator[str]:
    if not errors:
        return
    yield f"**{title}**"
    yield ""
    for error in errors:
        yield f"- {text(error)}"
    yield ""


def _resources(resources: Iterable[tuple[str, str]]) -> list[str]:
    return [f"- {code(_OPS.get(op, op))} {code(name)}" for op, name in resources]


def _foot(report: Report) -> Iterator[str]:
    dated = f"prices of {text(report.price_table_date)}, " if report.price_table_date else ""
    commit = f"; commit {code(report.commit[:12])}" if report.commit else ""
    yield (
        f"<sub>List prices, {dated}a month of {HOURS_PER_MONTH} hours; floor: fewest replicas, expected: at the"
        f" declared load, max: most replicas all month{commit}.</sub>"
    )


def _folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield from lines
    yield ""
    yield "</details>"
    yield ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join(' --- ' for _ in head)}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _page(blocks: Sequence[Block], left_out: Sequence[str]) -> str:
    lines = [line for block in blocks[:-1] for line in (*block.lines, *([""] if block.rank == 0 else []))]
    if left_out:
        lines += [f"Left out, as the page is too long; the artifact has all of it: {_listed(left_out)}.", ""]
    return "\n".join([*lines, *blocks[-1].lines]) + "\n"


def _listed(titles: Sequence[str]) -> str:
    some = ", ".join(text(one, 80) for one in titles[:_MOST_NAMED])
    return some if len(titles) <= _MOST_NAMED else f"{some} and {len(titles) - _MOST_NAMED} more"


def _size(page: str) -> int:
    return len(page.encode())


def _change(cost: CostChange, which: str) -> str:
    before = _usd(getattr(cost.before, which)) if cost.before else None
    after = _usd(getattr(cost.after, which))
    return after if before in (None, after) else f"{before} → {after}"


def _arrow(before: str, after: str) -> str:
    return after if before == after else f"{before} → {after}"


def _usd(amount: float | None) -> str:
    return "unknown" if amount is None else f"{amount:,.2f}"


def _signed(amount: float | None, base: float | None = None) -> str:
    if amount is None:
        return "unknown"
    percent = f" ({amount / base:+.0%})" if base and round(amount, 2) else ""
    return f"{amount:+,.2f}{percent}" if round(amount, 2) else "0.00"


def _minutes(seconds: int) -> str:
    return f"{seconds // 60}m{seconds % 60:02d}s" if seconds >= 60 else f"{seconds}s"  # noqa: PLR2004
