"""What may be declared as load, and what its hours are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.spec.traffic import LoadSpec

Problems = "Callable[..., list[str]]"

TOKENS: dict[str, Any] = {"input_tokens": 1500, "output_tokens": 300}


def _load(requests: object, **changes: Any) -> LoadSpec:
    return LoadSpec(requests_per_hour=requests, **{**TOKENS, **changes})  # type: ignore[arg-type]


def test_a_number_is_the_mean_over_all_hours() -> None:
    """It is the same in each of 168 hours."""
    load = _load(1200)
    assert load.hourly == (1200.0,) * 168
    assert (load.mean_requests_per_hour, load.busiest_requests_per_hour) == (1200.0, 1200.0)


def test_windows_have_a_number_each() -> None:
    """60 hours at 3,000 and 108 at 200: 1,200 on average; Monday at eight is the ninth hour."""
    load = _load({"Mon-Fri 08:00-20:00": 3000, "otherwise": 200})
    assert load.hourly[7:9] == (200.0, 3000.0)
    assert (load.mean_requests_per_hour, load.busiest_requests_per_hour) == (1200.0, 3000.0)


def test_outside_of_the_windows_nobody_comes() -> None:
    """Without `otherwise`; a window over midnight goes on in the next day."""
    load = _load({"Sun 22:00-02:00": 60})
    assert [hour for hour in range(168) if load.hourly[hour]] == [0, 1, 166, 167]


def test_a_window_that_is_part_of_an_hour_counts_for_that_part() -> None:
    """A quarter of an hour at 100, the rest of it at 20."""
    load = _load({"Mon 08:45-09:00": 100, "otherwise": 20})
    assert (load.hourly[8], load.hourly[9]) == (40.0, 20.0)


@given(st.floats(0.001, 1e6), st.floats(0, 1e6))
def test_the_mean_is_between_the_windows(one: float, other: float) -> None:
    """Whatever they are, and the busiest hour is the largest of them."""
    load = _load({"Mon-Fri 08:00-20:00": one, "otherwise": other}, peak_concurrency=None)
    assert min(one, other) - 1e-5 <= load.mean_requests_per_hour <= max(one, other) + 1e-5
    assert load.busiest_requests_per_hour == pytest.approx(max(one, other), abs=1e-5)


@pytest.mark.parametrize(
    ("requests", "message"),
    [
        (0, "requests_per_hour: 0 is not above 0; use a number above 0"),
        (-5, "requests_per_hour: -5 is not above 0; use a number above 0"),
        ("many", "requests_per_hour: many has the wrong type; write a number"),
        (float("nan"), "requests_per_hour: .nan has the wrong type; write a number"),
        ([1, 2], "requests_per_hour: [1, 2] has the wrong type; write a number"),
        (
            {},
            (
                'requests_per_hour: is 0 in every hour; write what you expect, as {"Mon-Fri 08:00-20:00": 3000, '
                "otherwise: "
                "200}, or remove load"
            ),
        ),
        (
            {"Mon-Fri 08:00-20:00": 0, "otherwise": 0},
            (
                'requests_per_hour: is 0 in every hour; write what you expect, as {"Mon-Fri 08:00-20:00": 3000, '
                "otherwise: "
                "200}, or remove load"
            ),
        ),
        (
            {"always": 0, "otherwise": 5},
            (
                'requests_per_hour: is 0 in every hour; write what you expect, as {"Mon-Fri 08:00-20:00": 3000, '
                "otherwise: "
                "200}, or remove load"
            ),
        ),
        (
            {"Mon-Fri 08:00-20:00": -1},
            "requests_per_hour.Mon-Fri 08:00-20:00: -1 is less than 0; use 0 or more",
        ),
        (
            {"Mon-Fri 08:00-20:00": float("inf")},
            "requests_per_hour.Mon-Fri 08:00-20:00: .inf has the wrong type; write a number",
        ),
        (
            {"Mon-Fri 08:00-20:00": "x"},
            "requests_per_hour.Mon-Fri 08:00-20:00: x has the wrong type; write a number",
        ),
        (
            {"Mon-Wed 08:00-20:00": 1, "Wed-Fri 19:00-21:00": 2},
            (
                "requests_per_hour: has windows that overlap on Wed 19:00: 'Mon-Wed 08:00-20:00' and 'Wed-Fri "
                "19:00-21:00'"
                "; end one where the other starts"
            ),
        ),
        (
            {"Mon-Fri 08:00-20:00 Europe/Berlin": 1},
            (
                "requests_per_hour: has the window 'Mon-Fri 08:00-20:00 Europe/Berlin': Europe/Berlin is a time "
                "zone, and "
                "none is asked for here; leave it out"
            ),
        ),
        (
            {"weekdays": 1},
            (
                "requests_per_hour: has the window 'weekdays': window 1: weekdays is not days and times; write it as "
                "Mon-Fri 08:00-20:00, without other spaces"
            ),
        ),
        (
            {"never": 3, "otherwise": 1},
            "requests_per_hour: has the window 'never', which is no time at all; remove it",
        ),
        (
            {8: 3},
            "requests_per_hour[8]: 8 has the wrong type; write a text; put it in quotes",
        ),
    ],
)
def test_nonsense_is_refused_with_place_and_fix(
    base: dict[str, Any], problems: Problems, requests: object, message: str
) -> None:
    """Each with what is allowed, and what to write instead."""
    assert problems({**base, "load": {"requests_per_hour": requests, **TOKENS}}) == [f"chat.yaml: load.{message}"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"requests_per_hour": {"Mon 08:00-20:00": 1}, "time_zone": "CET"},
            (
                "load.time_zone: CET is an abbreviation, not the time zone of a place; write the zone of a place, as "
                "Europe/Berlin, or UTC"
            ),
        ),
        (
            {"requests_per_hour": {"Mon 08:00-20:00": 1}, "time_zone": "Europe/Berln"},
            "load.time_zone: Europe/Berln is not a time zone; did you mean Europe/Berlin?",
        ),
        (
            {"requests_per_hour": 1, "time_zone": "UTC"},
            (
                "load: has time_zone UTC, and requests_per_hour is the same in every hour; remove time_zone, or write "
                'windows: requests_per_hour: {"Mon-Fri 08:00-20:00": 3000, otherwise: 200}'
            ),
        ),
        (
            {"requests_per_hour": 1_000_000, "output_tokens": 1000, "peak_concurrency": 100},
            (
                "load: has peak_concurrency 100, and 1,000,000 requests of 1,000 tokens in an hour keep 277.8 in "
                "flight all the time, even at 1,000 tokens a second each; raise peak_concurrency to 278 or more, or "
                "correct "
                "requests_per_hour"
            ),
        ),
    ],
)
def test_what_contradicts_itself_is_refused(
    base: dict[str, Any], problems: Problems, change: dict[str, Any], message: str
) -> None:
    """A zone without windows, one that is none, a peak below what is in flight whatever the GPU."""
    assert problems({**base, "load": {**TOKENS, **change}}) == [f"chat.yaml: {message}"]


def test_how_instances_are_paid_for_is_checked(base: dict[str, Any], problems: Problems) -> None:
    """The terms that AWS sells, and a share between none and all."""
    found = problems({**base, "pricing": {"commitment": "1y", "spot_percent": 101}})
    assert found == [
        (
            "chat.yaml: pricing.commitment: 1y is not allowed; use one of: 1y_all_upfront, 1y_no_upfront, "
            "1y_partial_upfront, 3y_all_upfront, 3y_no_upfront, 3y_partial_upfront, on_demand"
        ),
        "chat.yaml: pricing.spot_percent: 101 is more than 100; use 100 or less",
    ]
