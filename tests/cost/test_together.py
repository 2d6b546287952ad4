"""What is shared between services is paid for once."""

from __future__ import annotations

from dataclasses import replace

from components.cost.estimate import CostEstimate, CostLine, OneOffCost, total
from components.cost.together import together


def _estimate(*lines: CostLine) -> CostEstimate:
    def of(name: str) -> float | None:
        return total([getattr(line, name) for line in lines])

    return CostEstimate(of("floor"), of("expected"), of("max"), None, lines, (), "2026-07-06", ())


NAT = CostLine("NAT gateway", 36.5, 36.5, 36.5, "", shared=True)
ONE = _estimate(CostLine("GPU instances", 100.0, 200.0, 300.0, ""), NAT)
OTHER = _estimate(CostLine("GPU instances", 10.0, 20.0, 30.0, ""), NAT)


def test_a_shared_line_counts_once() -> None:
    """100 + 10 and one NAT gateway, not two."""
    both = together([ONE, OTHER])
    assert (both.floor, both.expected, both.max) == (146.5, 256.5, 366.5)
    assert both.shared == ("NAT gateway",)


def test_what_is_paid_once_is_added_up() -> None:
    """Each service has a first start of its own."""
    first, other = (replace(ONE, one_off=(OneOffCost("EFS traffic", usd, ""),)) for usd in (1.5, 2.0))
    assert together([first, other, OTHER]).once == 3.5
    assert together([first, replace(ONE, one_off=(OneOffCost("EFS traffic", None, ""),))]).once is None


def test_what_one_service_has_alone_is_not_said_to_be_shared() -> None:
    """Its line is in the total all the same."""
    lonely = together([ONE, _estimate(CostLine("GPU workers", 0.0, 5.0, 9.0, ""))])
    assert (lonely.floor, lonely.expected, lonely.max) == (136.5, 241.5, 345.5)
    assert lonely.shared == ()


def test_of_different_amounts_the_largest_counts() -> None:
    """Whoever has more of it brings what the others use as well."""
    larger = _estimate(CostLine("NAT gateway", 40.0, 40.0, 40.0, "", shared=True))
    assert together([ONE, larger]).floor == 140.0


def test_an_unknown_amount_leaves_the_total_open() -> None:
    """In a line of one service, or in one that is shared."""
    unknown = _estimate(CostLine("GPU instances", 1.0, None, 1.0, ""))
    assert (together([ONE, unknown]).floor, together([ONE, unknown]).expected) == (137.5, None)
    shared = _estimate(CostLine("NAT gateway", None, 36.5, 36.5, "", shared=True))
    assert (together([ONE, shared]).floor, together([ONE, shared]).max) == (None, 336.5)
