"""What `berth advise` prints: both verdicts, the conditions behind the one and the bill behind the other."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from components.compare.canonical import traffic_dict
from components.compare.comparison import TARGET_NAMES
from components.compare.markdown import cells, escaped
from components.compare.sheet import headline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.compare.advice import Advice, Bill

_WIDTH = 120
_NAME, _ASKS, _HAS = 20, 34, 46
SAID = {"self-host": "host it yourself", "api": "use an API"}


def advice_text(advice: Advice) -> str:
    """Return an advice as text of 120 columns."""
    lines = [headline(advice.comparison), *_folded(volume_line(advice)), ""]
    lines += [
        *_folded(f"Our arithmetic: {SAID[advice.verdict]}. {advice.text}"),
        *_folded(f"The guide's rule: {SAID[advice.guide_verdict]}. {rule_line(advice)}"),
        *(line for reason in advice.reasons for line in _folded(f"they differ: {reason}")),
        "",
        f"{'CONDITION':<{_NAME}}{'THE GUIDE ASKS':<{_ASKS}}{'THIS SPEC':<{_HAS}}MET",
    ]
    for one in advice.conditions:
        has = textwrap.wrap(one.has, _HAS - 2)
        lines.append(f"{one.name:<{_NAME}}{one.asks:<{_ASKS}}{has[0]:<{_HAS}}{'yes' if one.is_met else 'no'}")
        lines += [f"{'':<{_NAME + _ASKS}}{part}" for part in has[1:]]
        lines += _folded(f"the guide: {one.why}", indent=" " * 2)
        lines += _folded(f"but: {one.remark}", indent=" " * 2) if one.remark else []
    lines.append("")
    for name, *amounts in (BILL_HEADS, *bill_rows(advice.bill)):
        lines.append((f"{name:<40}" + "".join(f"{amount:>24}" for amount in amounts)).rstrip())
    if advice.findings:
        lines += ["", "What the guides' thresholds are worth here"]
        lines += [line for finding in advice.findings for line in _folded(finding, indent="  ")]
    return "\n".join(lines) + "\n"


def advice_markdown(advice: Advice) -> str:
    """Return an advice as GitHub's Markdown."""
    return "\n".join(_markdown(advice)) + "\n"


def _markdown(advice: Advice) -> Iterator[str]:
    yield f"### {escaped(headline(advice.comparison))}"
    yield ""
    yield escaped(volume_line(advice))
    yield ""
    yield f"- **Our arithmetic: {SAID[advice.verdict]}.** {escaped(advice.text)}"
    yield f"- **The guide's rule: {SAID[advice.guide_verdict]}.** {escaped(rule_line(advice))}"
    yield from (f"- They differ: {escaped(reason)}" for reason in advice.reasons)
    yield ""
    yield cells(["Condition", "The guide asks", "This spec", "Met", "But"])
    yield cells(["---"] * 5)
    for one in advice.conditions:
        met = "yes" if one.is_met else "no"
        yield cells([escaped(text) for text in (one.name, one.asks, one.has, met, one.remark)])
    yield ""
    yield cells(BILL_HEADS)
    yield cells(["---", *["---:"] * (len(BILL_HEADS) - 1)])
    yield from (cells([escaped(cell) for cell in row]) for row in bill_rows(advice.bill))
    yield ""
    yield from (f"- {escaped(line)}" for line in advice.findings)


def advice_dict(advice: Advice) -> dict[str, Any]:
    """Return an advice as plain data, under keys that stay."""
    bill = advice.bill
    return {
        "service": advice.comparison.service,
        "model": advice.comparison.model_id,
        "region": advice.comparison.region,
        "load": traffic_dict(advice.traffic),
        "load_is_assumed": advice.comparison.load_is_assumed,
        "verdict": advice.verdict,
        "text": advice.text,
        "guide_verdict": advice.guide_verdict,
        "reasons": list(advice.reasons),
        "conditions": [
            {
                "name": one.name,
                "asks": one.asks,
                "has": one.has,
                "is_met": one.is_met,
                "why": one.why,
                "but": one.remark,
            }
            for one in advice.conditions
        ],
        "bill": {
            "target": bill.target,
            "within_limits": bill.within_limits,
            "own_usd_per_month": bill.own_usd_per_month,
            "operations_usd_per_month": bill.operations_usd_per_month,
            "apis": [
                {
                    "name": api.name,
                    "usd_per_month": api.usd_per_month,
                    "break_even_requests_per_hour": _rounded(api.break_even),
                    "break_even_with_operations_requests_per_hour": _rounded(api.break_even_with_operations),
                }
                for api in bill.apis
            ],
        },
        "findings": list(advice.findings),
    }


def volume_line(advice: Advice) -> str:
    """Return the load that everything is computed for, in one line."""
    traffic = advice.traffic
    said = "assumed, for the spec declares no load" if advice.comparison.load_is_assumed else "as the spec declares"
    missed = advice.comparison.missed_share
    said += f"; {missed:.0%} of them come while it sleeps, and nobody answers those" if missed else ""
    return (
        f"{traffic.requests_per_hour:,.0f} requests per hour of {traffic.input_tokens:,} tokens in and "
        f"{traffic.output_tokens:,} out, {traffic.million_tokens_per_month:,.0f} million tokens a month, {said}"
    )


def rule_line(advice: Advice) -> str:
    """Return how the guide's rule comes to its verdict."""
    verb = "is" if advice.met == 1 else "are"
    return f"{advice.met} of {len(advice.conditions)} conditions {verb} met, two or more mean self-hosting"


BILL_HEADS = ("At the expected load", "USD per month", "GPUs cheaper from", "GPUs and people from")


def bill_rows(bill: Bill) -> Iterator[tuple[str, ...]]:
    """Yield the bill under `BILL_HEADS`: own GPUs, then each API with its break-evens."""
    where = TARGET_NAMES[bill.target] if bill.target else "no target"
    raised = "" if bill.within_limits else ", more replicas"
    yield f"own GPUs on {where}{raised}", _usd(bill.own_usd_per_month), "", ""
    yield "people who run it", _usd(bill.operations_usd_per_month), "", ""
    yield "own, together", _usd(bill.own_with_operations), "", ""
    for api in bill.apis:
        yield api.name, _usd(api.usd_per_month), _from(api.break_even), _from(api.break_even_with_operations)


def _from(rate: float | None) -> str:
    if rate is None:
        return "no break-even"
    return f"{_two_digits(rate):,.0f} requests/h" if rate else "any load"


def _two_digits(amount: float) -> float:
    return float(f"{amount:.2g}")


def _rounded(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 2)


def _usd(amount: float | None) -> str:
    return "unknown" if amount is None else f"{amount:,.2f}"


def _folded(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False)
