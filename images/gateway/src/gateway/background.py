"""What does the process do beside requests? Reports, looks at the engines, and keeps its task from being stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.metrics.reporter import Reporter
    from gateway.metrics.sources import Sources
    from gateway.traces.spans import Traces

log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def background(sources: Sources, reporter: Reporter, traces: Traces | None) -> AsyncIterator[None]:
    """All of it for the time of the block; at its end, what was counted and traced last is sent."""
    running = [asyncio.create_task(reporter.run()), asyncio.create_task(sources.engines.run())]
    if sources.protection is not None:
        running.append(asyncio.create_task(sources.protection.run()))
    for task in running:
        task.add_done_callback(_tell_of_defect)
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        reporter.report_rest()
        if traces is not None:
            await traces.close()


def _tell_of_defect(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a background task failed by a defect", exc_info=error)
