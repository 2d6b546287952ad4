"""When does CloudWatch hear from this replica? Once a minute, and once more at its end."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from gateway.metrics.emf import Report, emf_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.metrics.series import Series
    from gateway.metrics.sources import Sources

REPORT_SECONDS = 60.0
NOTHING = (0, 0, 0, 0.0)

log = logging.getLogger(__name__)


class Reporter:
    """Writes one line per interval, also while nothing happens."""

    def __init__(
        self, sources: Sources, write_line: Callable[[str], None], clock: Callable[[], float] = time.time
    ) -> None:
        self._sources = sources
        self._write_line = write_line
        self._clock = clock
        self._told: dict[Series, tuple[int, int, int, float]] = {}

    async def run(self, every_seconds: float = REPORT_SECONDS) -> None:
        """Report for ever, without drift."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += every_seconds
            await asyncio.sleep(due - loop.time())
            try:
                self.report()
            except Exception:  # autoscaling hangs on these lines: one bad minute must not end them
                log.exception("a metrics report failed")

    def report(self) -> None:
        self._write(self._taken())

    def report_rest(self) -> None:
        """At the end: what was counted since the last report, if anything was."""
        report = self._taken()
        interval = report.interval
        if interval.requests or interval.tokens_in or interval.tokens_out or report.usage:
            self._write(report)

    def _write(self, report: Report) -> None:
        self._write_line(emf_line(self._sources.config, report, self._clock()))

    def _taken(self) -> Report:
        sources = self._sources
        recorder = sources.recorder
        usage, cost_usd = self._usage()
        return Report(
            recorder.traffic.take_interval(),
            self._queued(),
            recorder.first_token_ms.take(),
            recorder.output_token_ms.take(),
            usage,
            cost_usd,
            {
                member.name: {"in_flight": member.in_flight, "breaker_open": member.breaker.open}
                for member in sources.members
            },
        )

    def _queued(self) -> float | None:
        """Inside the engines and here; None where nobody knows of any."""
        waiting, held = self._sources.engines.take_queued(), self._sources.held()
        return held or None if waiting is None else waiting + held

    def _usage(self) -> tuple[list[dict[str, Any]], float]:
        """What each key did with each model since the last report."""
        found: list[dict[str, Any]] = []
        total_usd = 0.0
        for series in self._sources.recorder.series:
            now = (series.requests, series.tokens_in, series.tokens_out, series.cost_usd)
            requests, tokens_in, tokens_out, cost_usd = (
                later - before for later, before in zip(now, self._told.get(series, NOTHING), strict=True)
            )
            if requests:
                self._told[series] = now
                total_usd += cost_usd
                entry = {"key": series.key, "model": series.model, "requests": requests}
                entry |= {"tokens_in": tokens_in, "tokens_out": tokens_out, "cost_usd": round(cost_usd, 6)}
                found.append(entry)
        return found, total_usd
