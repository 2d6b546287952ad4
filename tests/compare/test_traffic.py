"""The loads at which targets are compared, and a spec under another load."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.compare.traffic import spec_at, traffics_of
from components.spec import parse_spec
from components.spec.document import merged


def test_a_declared_load_is_taken_a_third_once_and_three_times(llama: dict[str, Any]) -> None:
    """1,200 requests per hour of 1,500 + 300 tokens."""
    first, middle, last = traffics_of(parse_spec(llama, "chat.yaml"))
    assert [round(one.requests_per_hour) for one in (first, middle, last)] == [400, 1200, 3600]
    assert (middle.name, middle.input_tokens, middle.output_tokens) == ("as declared", 1500, 300)
    assert middle.million_tokens_per_month == pytest.approx(1200 * 730 * 1800 / 1e6)


def test_without_a_load_one_is_assumed(llama: dict[str, Any]) -> None:
    """100, 1,000 and 10,000 requests per hour, named as assumed."""
    spec = parse_spec({**llama, "load": None}, "chat.yaml")
    assert [(one.name, one.requests_per_hour) for one in traffics_of(spec)] == [
        ("assumed", 100.0),
        ("assumed", 1000.0),
        ("assumed", 10000.0),
    ]


def test_an_assumed_request_fits_a_short_context(llama: dict[str, Any]) -> None:
    """A context of 600 tokens cannot take a prompt of 1,500."""
    spec = parse_spec(merged({**llama, "load": None}, {"model": {"max_context_tokens": 600}}), "chat.yaml")
    assert [(one.input_tokens, one.output_tokens) for one in traffics_of(spec)] == [(500, 100)] * 3


@given(st.floats(min_value=1, max_value=1e9))
def test_any_mean_is_reached_and_the_shape_of_the_week_stays(rate: float) -> None:
    """Windows grow by the same factor, so each keeps its share; the peak grows with them and is never 0."""
    load = {
        "requests_per_hour": {"Mon-Fri 08:00-20:00": 3000, "otherwise": 200},
        "input_tokens": 100,
        "output_tokens": 50,
        "peak_concurrency": 7,
    }
    spec = parse_spec({"name": "chat", "model": {"id": "Qwen/Qwen2.5-7B-Instruct"}, "load": load}, "chat.yaml")
    scaled = spec_at(spec, rate).load
    assert scaled is not None
    assert scaled.peak_concurrency is not None
    assert scaled.peak_concurrency >= 1
    assert scaled.mean_requests_per_hour == pytest.approx(rate, rel=1e-5)
    assert isinstance(scaled.requests_per_hour, dict)
    assert scaled.requests_per_hour["Mon-Fri 08:00-20:00"] == pytest.approx(scaled.requests_per_hour["otherwise"] * 15)


def test_the_declared_load_is_the_spec_itself(llama: dict[str, Any]) -> None:
    """A factor of one changes nothing."""
    spec = parse_spec(llama, "chat.yaml")
    assert spec_at(spec, 1200) == spec
