"""What does /metrics answer? Every family, with what its sources say now."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.metrics import families
from gateway.metrics.text_format import Page
from gateway.version import version

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.metrics.families import Family
    from gateway.metrics.histogram import Histogram
    from gateway.metrics.series import Series
    from gateway.metrics.sources import Sources

STATM = Path("/proc/self/statm")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
STARTED_AT = time.time()


def prometheus_text(sources: Sources) -> str:
    """One page in the text format."""
    config = sources.config
    page = Page({"stack": config.stack, "service": config.service})
    plain = page.labels()
    _one(page, families.INFO, page.labels(model=config.model_name, version=version()), 1)
    _one(page, families.DRAINING, plain, int(sources.drain.draining))
    if sources.protection is not None:
        _one(page, families.PROTECTED, plain, int(sources.protection.protected))
        _one(page, families.PROTECTION_FAILURES, plain, sources.protection.failures)
    _one(page, families.HELD, plain, sources.held())
    _users(page, sources)
    _upstreams(page, sources)
    _engines(page, sources)
    _process(page, plain)
    return page.text()


def _one(page: Page, family: Family, labels: str, value: float) -> None:
    page.head(family)
    page.sample(family.name, labels, value)


def _users(page: Page, sources: Sources) -> None:
    all_series = [(series, page.labels(key=series.key, model=series.model)) for series in sources.recorder.series]
    for family, value_of in SERIES_VALUES:
        page.head(family)
        for series, labels in all_series:
            page.sample(family.name, labels, value_of(series))
    page.head(families.REQUESTS)
    for series, labels in all_series:
        for (status, outcome), count in series.answers.items():
            page.sample(families.REQUESTS.name, f'{labels},status="{status}",outcome="{outcome}"', count)
    for family, spread_of in SERIES_SPREADS:
        page.head(family)
        for series, labels in all_series:
            page.histogram(family.name, labels, spread_of(series))


SERIES_VALUES: tuple[tuple[Family, Callable[[Series], float]], ...] = (
    (families.IN_FLIGHT, lambda series: series.in_flight),
    (families.TOKENS_IN, lambda series: series.tokens_in),
    (families.TOKENS_OUT, lambda series: series.tokens_out),
    (families.TOKENS_ESTIMATED, lambda series: series.estimated_tokens_out),
    (families.COST, lambda series: series.cost_usd),
)
SERIES_SPREADS: tuple[tuple[Family, Callable[[Series], Histogram]], ...] = (
    (families.FIRST_TOKEN, lambda series: series.first_token),
    (families.OUTPUT_TOKEN, lambda series: series.output_token),
    (families.DURATION, lambda series: series.duration),
)


def _upstreams(page: Page, sources: Sources) -> None:
    members = [(member, page.labels(upstream=member.name)) for member in sources.members]
    page.head(families.UPSTREAM_IN_FLIGHT)
    for member, labels in members:
        page.sample(families.UPSTREAM_IN_FLIGHT.name, labels, member.in_flight)
    page.head(families.UPSTREAM_ATTEMPTS)
    for member, labels in members:
        for result, count in member.results.items():
            page.sample(families.UPSTREAM_ATTEMPTS.name, f'{labels},result="{result}"', count)
    page.head(families.BREAKER_OPEN)
    for member, labels in members:
        page.sample(families.BREAKER_OPEN.name, labels, int(member.breaker.open))


def _engines(page: Page, sources: Sources) -> None:
    states = [(state, page.labels(upstream=state.name)) for state in sources.engines.states.values()]
    asked = [(state, labels) for state, labels in states if state.up is not None]
    page.head(families.ENGINE_UP)
    for state, labels in asked:
        page.sample(families.ENGINE_UP.name, labels, int(bool(state.up)))
    page.head(families.ENGINE_FAILURES)
    for state, labels in asked:
        page.sample(families.ENGINE_FAILURES.name, labels, state.failures)
    page.head(families.ENGINE_RESTARTS)
    for state, labels in asked:
        page.sample(families.ENGINE_RESTARTS.name, labels, state.restarts)
    for family in families.ENGINE:
        page.head(family)
        names = [family.name + end for end in ("_sum", "_count")] if family.kind == "summary" else [family.name]
        for state, labels in asked:
            for name in names:
                short = name.removeprefix("berth_engine_")
                value = state.gauges.get(short, state.counters.get(short))
                if value is not None:
                    page.sample(name, labels, value)


def _process(page: Page, plain: str) -> None:
    if STATM.exists():
        _one(page, families.RESIDENT, plain, int(STATM.read_text(encoding="ascii").split()[1]) * PAGE_BYTES)
    _one(page, families.CPU, plain, time.process_time())
    _one(page, families.STARTED, plain, round(STARTED_AT, 3))
