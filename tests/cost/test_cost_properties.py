"""What must be true of every estimate, whatever runs and whatever it costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from components.cost import EcsCostInputs, SagemakerCostInputs, ecs_estimate, sagemaker_estimate
from components.cost.compute import Fleet, InstancePrice
from components.cost.runpod import PoolUse, RunpodCostInputs, runpod_estimate
from components.cost.traffic import Traffic
from components.cost.usage import Starts, Usage

if TYPE_CHECKING:
    from components.cost import CostEstimate

HOURS = 730
cents = st.floats(0.01, 200)
factors = st.floats(0.05, 1)
shares = st.lists(st.floats(0, 1), min_size=2, max_size=2).map(sorted)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    """A month whose parts are in order: the fewest, what is expected, the most."""
    least, span = draw(st.integers(0, 20)), draw(st.integers(0, 30))
    awake, used = draw(st.floats(0, 1)), draw(st.floats(0, 1))
    spot, committed = draw(st.floats(0, 1)), draw(st.integers(0, least))
    counts = (least * awake, (least + used * span) * awake, float(least + span))
    floor, expected, most = (
        Fleet(max(0.0, count * (1 - spot) - committed), count * spot, float(committed)) for count in counts
    )
    requests = draw(st.floats(0, 1e7))
    return Usage(
        replicas=counts,
        fleets=(floor, expected, most),
        starts=Starts(counts[0], 8 * counts[1], 60 * counts[2]),
        traffic=Traffic(requests, requests * 1500, requests * 300),
        most_traffic=Traffic(2 * requests, requests * 3000, requests * 600),
        awake_hours=awake * HOURS if draw(st.booleans()) else None,
    )


def _ecs(usage: Usage, price: InstancePrice, *, public: bool) -> CostEstimate:
    return ecs_estimate(
        EcsCostInputs(
            region="us-east-1",
            price=price,
            usage=usage,
            root_volume_gib=100,
            root_volume_throughput_mib_s=500,
            checkpoint_gib=14.96,
            image_gb=9.6,
            public=public,
            makes_network=True,
            from_hub=True,
            log_retention_days=30,
        )
    )


def _sagemaker(usage: Usage, price: InstancePrice) -> CostEstimate:
    return sagemaker_estimate(
        SagemakerCostInputs(
            region="us-east-1",
            price=price,
            usage=usage,
            in_vpc=False,
            from_hub=True,
            log_retention_days=30,
            tracks="concurrency",
        )
    )


def _runpod(usage: Usage, usd: tuple[float, float], hours: tuple[float, float], least: int, span: int) -> CostEstimate:
    return runpod_estimate(
        RunpodCostInputs(
            pools=(PoolUse("AMPERE_24", usd[0], hours[0]), PoolUse("ADA_24", usd[1], hours[1])),
            gpu_count=2,
            least_hours=float(least * HOURS),
            workers_max=least + span,
            disk_gb=60,
            volume_gb=100,
            volume_is_standard=True,
            traffic=usage.traffic,
            awake_hours=usage.awake_hours,
        )
    )


def _in_order(estimate: CostEstimate) -> bool:
    """Tell whether each line, and the total, is least at the floor and most at the maximum."""
    amounts = [(line.floor, line.expected, line.max) for line in estimate.lines]
    amounts.append((estimate.floor, estimate.expected, estimate.max))
    return all(
        floor is not None and expected is not None and most is not None and floor <= expected <= most
        for floor, expected, most in amounts
    )


def _adds_up(estimate: CostEstimate) -> bool:
    """Tell whether the printed lines add up to the printed totals, to the cent."""
    sums = [
        round(sum(line.floor or 0 for line in estimate.lines), 2),
        round(sum(line.expected or 0 for line in estimate.lines), 2),
        round(sum(line.max or 0 for line in estimate.lines), 2),
    ]
    in_cents = all(round(line.max or 0, 2) == line.max for line in estimate.lines)
    return in_cents and sums == [estimate.floor, estimate.expected, estimate.max]


def _at_most(cheap: CostEstimate, dear: CostEstimate) -> bool:
    pairs = ((cheap.floor, dear.floor), (cheap.expected, dear.expected), (cheap.max, dear.max))
    return all(one is not None and other is not None and one <= other for one, other in pairs)


@given(usages(), cents, factors, factors, st.booleans())
def test_on_ecs_amounts_are_in_order_and_add_up(
    usage: Usage, usd: float, spot: float, committed: float, public: bool
) -> None:
    """Floor, expected and maximum of each line and of the total, with every way of paying at once."""
    estimate = _ecs(usage, InstancePrice("g5.xlarge", usd, "1y_no_upfront", committed, 50, spot), public=public)
    assert _in_order(estimate)
    assert _adds_up(estimate)


@given(usages(), cents, cents, factors)
def test_on_sagemaker_amounts_are_in_order_and_add_up(usage: Usage, usd: float, more: float, committed: float) -> None:
    """The same, with a fallback that is dearer than the first type."""
    dearest = ("ml.p5.4xlarge", usd + more)
    estimate = _sagemaker(usage, InstancePrice("ml.g5.xlarge", usd, "1y_no_upfront", committed, dearest=dearest))
    assert _in_order(estimate)
    assert _adds_up(estimate)


@given(usages(), st.tuples(cents, cents), st.integers(0, 3), st.integers(1, 5), shares)
def test_on_runpod_amounts_are_in_order_and_add_up(
    usage: Usage, usd: tuple[float, float], least: int, span: int, used: list[float]
) -> None:
    """The same, whichever of two pools is the dearer one."""
    hours = ((least + used[0] * span) * HOURS, (least + used[1] * span) * HOURS)
    estimate = _runpod(usage, usd, hours, least, span)
    assert _in_order(estimate)
    assert _adds_up(estimate)


@given(usages(), st.tuples(cents, cents), factors, factors)
def test_a_cheaper_instance_never_raises_a_total(
    usage: Usage, usd: tuple[float, float], spot: float, committed: float
) -> None:
    """Each total with the cheaper price is at most the one with the dearer, on ECS and on SageMaker."""
    cheap, dear = (InstancePrice("g5.xlarge", one, "1y_no_upfront", committed, 50, spot) for one in sorted(usd))
    assert _at_most(_ecs(usage, cheap, public=True), _ecs(usage, dear, public=True))
    cheap, dear = (replace(price, spot_percent=0, dearest=("ml.p5", 500.0)) for price in (cheap, dear))
    assert _at_most(_sagemaker(usage, cheap), _sagemaker(usage, dear))


@given(usages(), cents, shares, shares)
def test_a_larger_discount_never_raises_a_total(
    usage: Usage, usd: float, spot: list[float], committed: list[float]
) -> None:
    """Spare capacity and commitments at a lower factor cost less, or the same."""
    cheap, dear = (
        InstancePrice("g5.xlarge", usd, "1y_no_upfront", committed[index], 50, spot[index]) for index in (0, 1)
    )
    assert _at_most(_ecs(usage, cheap, public=False), _ecs(usage, dear, public=False))


@given(usages(), cents, st.tuples(cents, cents), st.integers(0, 3), st.integers(1, 5))
def test_a_cheaper_pool_never_raises_a_total(
    usage: Usage, other: float, usd: tuple[float, float], least: int, span: int
) -> None:
    """Whatever the pool beside it costs."""
    hours = ((least + span) * HOURS / 2, (least + span) * HOURS / 3)
    hours = (max(hours[0], least * HOURS), max(hours[1], least * HOURS))
    cheap, dear = (_runpod(usage, (one, other), hours, least, span) for one in sorted(usd))
    assert _at_most(cheap, dear)
