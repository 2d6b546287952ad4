"""What do the metrics look like outside? A CloudWatch EMF line each minute, and Prometheus text on request."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.config import GatewayConfig
    from gateway.traffic import Interval, Traffic
    from gateway.upstream import Upstream

REPORT_SECONDS = 60.0
DIMENSIONS = ("Stack", "Service")
METRICS = ("InFlight", "Queued", "Requests", "TokensIn", "TokensOut")

log = logging.getLogger(__name__)


class Reporter:
    """Writes one EMF line per interval, zeros included: silence must mean a dead gateway, never an idle one."""

    def __init__(
        self, config: GatewayConfig, traffic: Traffic, upstream: Upstream, write_line: Callable[[str], None]
    ) -> None:
        self._config = config
        self._traffic = traffic
        self._upstream = upstream
        self._write_line = write_line

    async def run(self, every_seconds: float = REPORT_SECONDS) -> None:
        """Report for ever, without drift."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += every_seconds
            await asyncio.sleep(due - loop.time())
            try:
                self.report(await self._upstream.queued())
            except Exception:  # autoscaling hangs on these lines: one bad minute must not end them
                log.exception("a metrics report failed")

    def report(self, queued: int) -> None:
        self._write_line(emf_line(self._config, self._traffic.take_interval(), queued, time.time()))

    def report_rest(self) -> None:
        """At the end: what was counted since the last report, if anything was."""
        interval = self._traffic.take_interval()
        if interval.requests or interval.tokens_in or interval.tokens_out:
            self._write_line(emf_line(self._config, interval, 0, time.time()))


def emf_line(config: GatewayConfig, interval: Interval, queued: int, now: float) -> str:
    """One line of CloudWatch's embedded metric format; `now` in seconds since the epoch."""
    values = (interval.in_flight, queued, interval.requests, interval.tokens_in, interval.tokens_out)
    document = {
        "_aws": {
            "Timestamp": int(now * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": config.metrics_namespace,
                    "Dimensions": [list(DIMENSIONS)],
                    "Metrics": [{"Name": name, "Unit": "Count"} for name in METRICS],
                }
            ],
        },
        "Stack": config.stack,
        "Service": config.service,
        "Model": config.model_name,
        **dict(zip(METRICS, values, strict=True)),
    }
    return json.dumps(document, separators=(",", ":"))


def prometheus_text(config: GatewayConfig, traffic: Traffic) -> str:
    """The running totals in Prometheus' text format 0.0.4."""
    labels = {"stack": config.stack, "service": config.service, "model": config.model_name}
    samples = [
        ("berth_requests_in_flight", "gauge", "Requests at the engine now.", [({}, traffic.in_flight)]),
        ("berth_requests_total", "counter", "Requests forwarded to the engine.", [({}, traffic.requests)]),
        (
            "berth_answers_total",
            "counter",
            "Answers to forwarded requests, by status.",
            [({"status": str(status)}, count) for status, count in sorted(traffic.answers.items())],
        ),
        ("berth_tokens_in_total", "counter", "Prompt tokens that answers reported.", [({}, traffic.tokens_in)]),
        ("berth_tokens_out_total", "counter", "Generated tokens that answers reported.", [({}, traffic.tokens_out)]),
    ]
    lines: list[str] = []
    for name, kind, meaning, values in samples:
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
        lines += [f"{name}{_label_text(labels | extra)} {value}" for extra, value in values]
    return "\n".join(lines) + "\n"


def _label_text(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
