"""Which thresholds of the guides does our arithmetic find wrong, for this model and these prices?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.compare.thresholds import value_of
from components.cost.estimate import HOURS_PER_MONTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from components.compare.advice import ApiBill, Bill
    from components.compare.comparison import Comparison
    from components.compare.curve import Curve

_HOURS_PER_DAY = 24


def findings(comparison: Comparison, curves: Sequence[Curve], bill: Bill) -> Iterator[str]:
    """Yield a sentence for each threshold that can be checked with prices."""
    rival, traffic = bill.rival, comparison.traffics[1]
    if rival is None or bill.own_usd_per_month is None or not rival.line.answered_share:
        return
    yield from _volume(rival, (traffic.input_tokens + traffic.output_tokens) * rival.line.answered_share)
    yield from _low_volume([curve for curve in curves if curve.target == bill.target], rival)
    yield from _spend(bill)


def _volume(rival: ApiBill, tokens_per_request: float) -> Iterator[str]:
    least = value_of("volume") / 1e6
    if not rival.break_even:
        dearer = "own GPUs cost more than" if rival.break_even is None else "own GPUs cost less than"
        yield f"volume: {least:g}M tokens a day decide nothing: at every load that was looked at {dearer} {rival.name}"
        return
    per_day = rival.break_even * _HOURS_PER_DAY * tokens_per_request / 1e6
    yield (
        f"volume: against {rival.name} the break-even is {per_day:,.0f}M tokens a day, not {least:g}M: it depends on "
        "the API's price and on how full the GPUs are"
    )


def _low_volume(curves: Sequence[Curve], rival: ApiBill) -> Iterator[str]:
    """Yield what 100,000 requests a month cost; guide B says that below them own GPUs are the cheaper ones."""
    requests = value_of("low volume")
    per_hour = requests / HOURS_PER_MONTH / rival.line.answered_share
    own = min(
        (
            min(curve.points, key=lambda point: abs(point.requests_per_hour - per_hour)).usd_per_month
            for curve in curves
            if curve.points and curve.points[0].requests_per_hour <= per_hour <= curve.points[-1].requests_per_hour
        ),
        default=None,
    )
    if own is None:
        return
    api = rival.line.usd_per_month(per_hour)
    judged = "the opposite of what guide B says" if api < own else "as guide B says"
    yield (
        f"low volume: {requests:,.0f} requests a month are {api:,.0f} USD for {rival.name} and about {own:,.0f} on "
        f"own GPUs, {judged}"
    )


def _spend(bill: Bill) -> Iterator[str]:
    least = value_of("monthly API spend")
    amounts = [api.usd_per_month for api in bill.apis]
    if len(amounts) > 1:
        low, high = min(amounts), max(amounts)
        if low > 0:
            yield (
                f"monthly API spend: the same tokens cost {low:,.0f} to {high:,.0f} USD a month, by API, a factor of "
                f"{high / low:,.0f}: {least:,.0f} USD says more about the API that is used than about GPUs"
            )
