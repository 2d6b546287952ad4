"""The weekly report: estimate, meter and bill side by side, and what their difference means."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from components.ci.cost_report import Metered, compared, page
from components.ci.cost_sources import billed, metered

START, END = datetime(2026, 11, 14, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)


def service(name: str, expected: float | None, target: str = "ecs") -> dict[str, Any]:
    return {
        "type": "berth:index:ModelService",
        "urn": f"urn:pulumi:prod::berth::berth:index:ModelService::{name}",
        "inputs": {"target": target, "costEstimate": {"expected": expected}},
    }


@pytest.mark.parametrize(
    ("expected", "meter", "bill", "remark"),
    [
        (730.0, Metered(168.0, 168), {"prod/chat": 170.0}, ""),
        (
            730.0,
            Metered(252.0, 168),
            {"prod/chat": 250.0},
            "metered +50% against the estimate: correct the load of the spec",
        ),
        (730.0, Metered(80.0, 80), {"prod/chat": 168.0}, "metered in 80 of 168 hours"),
        (730.0, None, {"prod/chat": 168.0}, "not metered: no keeper, or it did not run"),
        (
            730.0,
            Metered(168.0, 168),
            {},
            "nothing is billed under its tag: activate the cost-allocation tag `berth`, which takes up to 24 hours",
        ),
        (None, Metered(168.0, 168), {"prod/chat": 168.0}, "the estimate is unknown, because a price is"),
    ],
)
def test_a_difference_is_explained(
    expected: float | None, meter: Metered | None, bill: dict[str, float], remark: str
) -> None:
    """Hours without a figure are said; they are not hours without costs."""
    (one,) = compared("prod", [service("chat", expected)], 168, {"chat": meter} if meter else {}, bill)
    assert one.remark == remark
    assert one.estimated == (None if expected is None else 168.0)


def test_runpod_is_not_on_the_bill_of_aws() -> None:
    """A zero there would say that it is free."""
    (one,) = compared("prod", [service("chat", 730.0, "runpod")], 168, {}, {"": 3.0})
    assert one.billed is None


def test_the_page_has_a_row_for_each_service_and_what_has_no_tag() -> None:
    """Costs without a tag belong to nobody, and are told all the same."""
    found = compared("prod", [service("chat", 730.0), {"type": "x"}], 168, {}, {"prod/chat": 1.5, "": 12.0})
    told = page(found, 7, {"": 12.0}, "2026-11-21")
    assert "| `prod` | `chat` | ecs | 168.00 | - | 1.50 | not metered: no keeper, or it did not run |" in told
    assert "Billed under no service's tag: 12.00." in told


class Metrics:
    """CloudWatch, as far as it is asked."""

    def __init__(self, averages: list[float]) -> None:
        self.averages, self.asked = averages, [dict[str, Any]()]

    def get_metric_statistics(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        return {"Datapoints": [{"Average": one} for one in self.averages]}


def test_the_meter_is_summed_hour_by_hour() -> None:
    """Nothing at all is unknown, and not free."""
    metrics = Metrics([1.0, 2.5])
    assert metered(metrics, "prod", "chat", START, END) == Metered(3.5, 2)
    assert metrics.asked[-1]["MetricName"] == "BurnRateUsdPerHour"
    assert metrics.asked[-1]["Dimensions"] == [{"Name": "Stack", "Value": "prod"}, {"Name": "Service", "Value": "chat"}]
    assert metered(Metrics([]), "prod", "chat", START, END) is None


class Bills:
    """Cost Explorer in two pages."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def get_cost_and_usage(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        groups = [
            {"Keys": ["berth$prod/chat"], "Metrics": {"UnblendedCost": {"Amount": "1.25"}}},
            {"Keys": ["berth$"], "Metrics": {"UnblendedCost": {"Amount": "0.5"}}},
        ]
        more = {} if "NextPageToken" in request else {"NextPageToken": "next"}
        return {"ResultsByTime": [{"Groups": groups}], **more}


def test_the_bill_is_summed_over_all_pages_by_the_tag_of_costs() -> None:
    """The end of the time is the first day that is not in it."""
    bills = Bills()
    assert billed(bills, START, END) == {"prod/chat": 2.5, "": 1.0}
    assert bills.asked[0]["TimePeriod"] == {"Start": "2026-11-14", "End": "2026-11-21"}
    assert bills.asked[0]["GroupBy"] == [{"Type": "TAG", "Key": "berth"}]
    assert bills.asked[1]["NextPageToken"] == "next"
