"""Was the estimate right? What was estimated, what the keeper metered, and what AWS billed, side by side."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from components.ci.escaped import code, text
from components.cost.estimate import HOURS_PER_MONTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_OFF_BY = 0.25
_COVERED = 0.95


@dataclass(frozen=True, slots=True)
class Metered:
    """What the keeper saw: USD in the hours of which it knows; an hour without a figure is not one without costs."""

    usd: float
    hours: int


@dataclass(frozen=True, slots=True)
class Compared:
    """One service over the days of a report; USD, None where nobody knows."""

    stack: str
    service: str
    target: str
    estimated: float | None
    metered: float | None
    metered_hours: int
    billed: float | None
    remark: str = ""


def compared(
    stack: str,
    resources: Sequence[Mapping[str, Any]],
    hours: int,
    metered: Mapping[str, Metered],
    billed: Mapping[str, float] | None,
) -> list[Compared]:
    """Return a line for each service of a state; `billed` is by the tag of costs, None where it was not asked."""
    found: list[Compared] = []
    for one in resources:
        if one["type"] != "berth:index:ModelService":
            continue
        name = str(one["urn"]).rpartition("::")[2]
        inputs = one.get("inputs") or {}
        expected = (inputs.get("costEstimate") or {}).get("expected")
        estimated = None if expected is None else round(expected * hours / HOURS_PER_MONTH, 2)
        meter = metered.get(name)
        target = str(inputs.get("target", ""))
        # RunPod has a bill of its own, in which AWS has no part.
        bill = None if billed is None or target == "runpod" else round(billed.get(f"{stack}/{name}", 0.0), 2)
        found.append(
            Compared(
                stack,
                name,
                target,
                estimated,
                None if meter is None else round(meter.usd, 2),
                0 if meter is None else meter.hours,
                bill,
                "; ".join(_remarks(estimated, meter, bill, hours)),
            )
        )
    return found


def _remarks(estimated: float | None, meter: Metered | None, billed: float | None, hours: int) -> Iterator[str]:
    if estimated is None:
        yield "the estimate is unknown, because a price is"
    if meter is None:
        yield "not metered: no keeper, or it did not run"
    elif meter.hours < hours * _COVERED:
        yield f"metered in {meter.hours} of {hours} hours"
    elif estimated and abs(meter.usd - estimated) > estimated * _OFF_BY:
        yield f"metered {meter.usd / estimated - 1:+.0%} against the estimate: correct the load of the spec"
    if billed == 0 and meter is not None and meter.usd >= 1:
        yield "nothing is billed under its tag: activate the cost-allocation tag `berth`, which takes up to 24 hours"


def untagged(billed: Mapping[str, float]) -> float:
    """Return what was billed and belongs to no service: the tag is not there, or the cost cannot have one."""
    return round(billed.get("", 0.0), 2)


def page(found: Sequence[Compared], days: int, billed: Mapping[str, float] | None, until: str) -> str:
    """Return the report as Markdown."""
    lines = [
        f"## Berth: costs of {days} days until {until}",
        "",
        "| stack | service | target | estimated | metered | billed | |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [f"| {' | '.join(_cells(one))} |" for one in found]
    lines += ["", "USD. Estimated: the recorded monthly estimate at the expected load, for as many hours."]
    if billed is not None:
        lines.append(
            f"Billed under no service's tag: {untagged(billed):,.2f}. Bills are up to a day late, and may change."
        )
    return "\n".join(lines) + "\n"


def rows(found: Sequence[Compared]) -> list[dict[str, Any]]:
    """Return the lines as JSON."""
    return [asdict(one) for one in found]


def _cells(one: Compared) -> list[str]:
    amounts = [_usd(usd) for usd in (one.estimated, one.metered, one.billed)]
    return [code(one.stack), code(one.service), text(one.target), *amounts, text(one.remark)]


def _usd(amount: float | None) -> str:
    return "-" if amount is None else f"{amount:,.2f}"
