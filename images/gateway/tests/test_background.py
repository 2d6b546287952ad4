"""Does what runs beside requests end with the process, and is a defect of it seen?"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from finished import finished
from gateway.background import background
from gateway.metrics.recorder import Recorder
from gateway.metrics.reporter import Reporter
from gateway.task_protection import TaskProtection
from sources import sources


class Traces:
    """Knows whether it was closed."""

    def __init__(self) -> None:
        self.closed = False

    def begin(self, exchange: Any) -> Any:
        raise AssertionError(f"{exchange} begins, and here only the end of the traces is looked at")

    async def close(self) -> None:
        self.closed = True


class BrokenProtection(TaskProtection):
    """Fails at once."""

    def __init__(self) -> None:
        """It needs nothing."""

    async def run(self, every_seconds: float = 0) -> None:
        del every_seconds
        raise RuntimeError("a defect")


def test_at_the_end_the_rest_is_reported_and_traces_are_closed():
    """What was counted since the last report is not lost, and no task is left."""

    async def run() -> None:
        recorder, lines, traces = Recorder("org/model"), list[str](), Traces()
        all_sources = sources(recorder)
        async with background(all_sources, Reporter(all_sources, lines.append), traces):
            recorder.settle(finished())
            assert len(asyncio.all_tasks()) == 3
        assert (len(lines), traces.closed, len(asyncio.all_tasks())) == (1, True, 1)

    asyncio.run(run())


def test_a_task_that_fails_is_logged_and_takes_nothing_else_along(caplog):
    """The gateway goes on to serve and to report; the log has the defect."""

    async def run() -> None:
        all_sources = replace(sources(), protection=BrokenProtection())
        async with background(all_sources, Reporter(all_sources, list[str]().append), None):
            await asyncio.sleep(0.01)
            assert len(asyncio.all_tasks()) == 2

    asyncio.run(run())
    assert [record.getMessage() for record in caplog.records] == ["a background task failed by a defect"]
