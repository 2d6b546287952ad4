"""Where jobs are handed in and waited for. The account is held by the caller; a wait lets go of it meanwhile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sandbox.runpod.ids import new_job_id
from sandbox.runpod.job import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.runpod.account import Account
    from sandbox.runpod.fleet import Fleet
    from sandbox.runpod.job_body import JobBody

# A wait is cut into pieces, since another call may change what it waits for.
LONGEST_PAUSE = 0.5
# Past the moment of an event, so that one look is enough.
_MARGIN = 0.0005


class JobDesk:
    def __init__(self, account: Account) -> None:
        self.account = account

    def fleet(self, endpoint_id: str) -> Fleet:
        return self.account.fleets[endpoint_id]

    def submit(self, endpoint_id: str, body: JobBody, *, synchronous: bool) -> Job:
        """Put a job into the queue of an endpoint."""
        self.account.used(endpoint_id)
        job = Job(
            id=new_job_id(synchronous=synchronous),
            input=body.input,
            submitted_at=self.account.advance(),
            ttl_seconds=body.ttl_seconds,
            timeout_seconds=body.timeout_seconds,
            synchronous=synchronous,
        )
        self.fleet(endpoint_id).submit(job, job.submitted_at)
        self.account.changed.notify_all()
        return job

    def cancel(self, fleet: Fleet, job: Job) -> None:
        fleet.cancel(job, self.account.advance())
        self.account.changed.notify_all()

    def wait(self, fleet: Fleet, ready: Callable[[], bool], seconds: float) -> bool:
        """Until something is so, or for so many seconds of real time; whether it came to be."""
        deadline = time.perf_counter() + seconds
        while True:
            now = self.account.advance()
            if ready():
                return True
            left = deadline - time.perf_counter()
            if left <= 0:
                return False
            event = fleet.next_event()
            due = LONGEST_PAUSE if event is None else max(event - now, 0.0) + _MARGIN
            self.account.changed.wait(min(left, due, LONGEST_PAUSE))
