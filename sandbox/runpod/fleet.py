"""The workers of one endpoint and the jobs that wait for them, as a sequence of events in time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sandbox.runpod.job import Job, Part
from sandbox.runpod.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.runpod.fleet_contract import Limits, Surroundings


class Fleet:
    def __init__(self, limits: Limits, surroundings: Surroundings, now: float) -> None:
        self.limits = limits
        self.workers: list[Worker] = []
        self.jobs: dict[str, Job] = {}
        """Those that can still be asked for, in the order in which they came."""
        self.completed = self.failed = self.retried = 0
        self._around = surroundings
        self._at = now

    def advance(self, now: float) -> None:
        """Let everything happen that is due by `now`."""
        while (at := self.next_event()) is not None and at <= now:
            self._settle(at)
        self._settle(max(now, self._at))

    def next_event(self) -> float | None:
        """When something will change next, if nobody asks for anything."""
        return min((at for at in self._events() if at > self._at), default=None)

    def submit(self, job: Job, now: float) -> None:
        job.queued_at = now
        self.jobs[job.id] = job
        self.advance(now)

    def cancel(self, job: Job, now: float) -> None:
        """A job that has ended stays as it is."""
        if not job.final:
            self._end(job, "CANCELLED", now)
            self.advance(now)

    def retry(self, job: Job, now: float) -> None:
        job.status, job.started_at, job.ends_at, job.worker_id = "IN_QUEUE", None, None, None
        job.parts, job.outcome, job.error, job.refusal, job.delivered = [], "COMPLETED", None, None, 0
        job.retries += 1
        self.retried += 1
        self.submit(job, now)

    def purge(self, now: float) -> int:
        """Remove what waits; how many those were."""
        waiting = self.queue
        for job in waiting:
            del self.jobs[job.id]
        self.advance(now)
        return len(waiting)

    def stop_all(self, now: float) -> None:
        """The endpoint is deleted: its jobs are cancelled, its workers end."""
        for job in self.jobs.values():
            if not job.final:
                self._end(job, "CANCELLED", now)
        for worker in list(self.workers):
            self._stop(worker, now)
        self.jobs.clear()

    @property
    def queue(self) -> list[Job]:
        return sorted((job for job in self.jobs.values() if job.status == "IN_QUEUE"), key=lambda job: job.queued_at)

    @property
    def running(self) -> list[Job]:
        return [job for job in self.jobs.values() if job.status == "IN_PROGRESS"]

    def _events(self) -> Iterator[float]:
        for job in self.jobs.values():
            yield job.forgotten_at
            if job.status == "IN_PROGRESS" and job.ends_at is not None:
                yield job.ends_at
        for worker in self.workers:
            if not worker.ready and worker.ready_at is not None:
                yield worker.ready_at
            if worker.idle_since is not None:
                yield worker.idle_since + self.limits.idle_seconds
        if self.queue and self.limits.queue_delay is not None:
            yield self.queue[0].queued_at + self.limits.queue_delay

    def _settle(self, now: float) -> None:
        self._at = now
        self._forget_old_jobs(now)
        changed = True
        while changed:
            changed = self._finish(now) or self._become_ready(now) or self._take(now)
            changed = changed or self._scale_in(now) or self._scale_out(now)

    def _forget_old_jobs(self, now: float) -> None:
        for job in [job for job in self.jobs.values() if job.forgotten_at <= now]:
            self._leave(job, now)
            del self.jobs[job.id]

    def _finish(self, now: float) -> bool:
        ended = [job for job in self.running if job.ends_at is not None and job.ends_at <= now]
        for job in ended:
            self._end(job, job.outcome, now)
        return bool(ended)

    def _end(self, job: Job, status: str, now: float) -> None:
        self._leave(job, now)
        job.status, job.ends_at = status, now
        job.parts = [part for part in job.parts if part.at <= now]
        self.completed += status == "COMPLETED"
        self.failed += status in {"FAILED", "TIMED_OUT"}

    def _leave(self, job: Job, now: float) -> None:
        for worker in self.workers:
            if job.id in worker.jobs:
                worker.jobs.remove(job.id)
                if not worker.jobs:
                    worker.idle_since = now

    def _become_ready(self, now: float) -> bool:
        due = [w for w in self.workers if not w.ready and w.ready_at is not None and w.ready_at <= now]
        for worker in due:
            worker.ready, worker.idle_since = True, now
            self._around.started(worker, now)
        return bool(due) or self._place_those_that_wait(now)

    def _place_those_that_wait(self, now: float) -> bool:
        placed = False
        for worker in [worker for worker in self.workers if worker.gpu_type is None]:
            placed = self._place(worker, now) or placed
        return placed

    def _place(self, worker: Worker, now: float) -> bool:
        place = self._around.place()
        if place is None:
            return False
        worker.gpu_type, worker.data_center = place
        worker.ready_at = now + self._around.cold_start_seconds
        return True

    def _take(self, now: float) -> bool:
        free = [w for w in self.workers if w.ready and not self._leaves(w) and len(w.jobs) < self.limits.concurrency]
        waiting = self.queue
        if not free or not waiting:
            return False
        self._start(waiting[0], min(free, key=lambda worker: len(worker.jobs)), now)
        return True

    def _start(self, job: Job, worker: Worker, now: float) -> None:
        reply = self._around.reply(job, now)
        pace = self._around.token_seconds
        job.status, job.started_at, job.worker_id = "IN_PROGRESS", now, worker.id
        job.parts = [Part(now + pace * number, output) for number, output in enumerate(reply.parts, start=1)]
        job.ends_at = now + pace * len(reply.parts)
        job.outcome, job.error, job.refusal = ("FAILED" if reply.error else "COMPLETED"), reply.error, reply.refusal
        limit = now + (job.timeout_seconds or self.limits.timeout_seconds)
        if job.ends_at > limit:
            job.ends_at, job.outcome, job.error = limit, "TIMED_OUT", "job timed out: it ran into executionTimeout"
        worker.jobs.add(job.id)
        worker.idle_since = None

    def _leaves(self, worker: Worker) -> bool:
        """Whether it takes no more jobs: it runs old settings, or is over the maximum."""
        return worker.version != self.limits.version or self.workers.index(worker) >= self.limits.max

    def _scale_in(self, now: float) -> bool:
        for worker in reversed(self.workers):
            idle = worker.idle_since is not None and worker.idle_since + self.limits.idle_seconds <= now
            spare = idle and len(self.workers) > self._wanted(now)
            if not worker.jobs and (spare or self._leaves(worker)):
                self._stop(worker, now)
                return True
        return False

    def _stop(self, worker: Worker, now: float) -> None:
        self.workers.remove(worker)
        if worker.ready:
            self._around.stopped(worker, now)

    def _scale_out(self, now: float) -> bool:
        if len(self.workers) >= self._wanted(now):
            return False
        limits = self.limits
        worker = Worker(self._around.new_worker_id(), limits.version, limits.image, limits.gpu_count)
        self.workers.append(worker)
        self._place(worker, now)
        return True

    def _wanted(self, now: float) -> int:
        """How many workers there should be."""
        limits, waiting, present = self.limits, self.queue, len(self.workers)
        if limits.queue_delay is None:
            wanted = math.ceil((len(waiting) + len(self.running)) / limits.request_count)
        elif waiting and (
            not present
            or (now >= waiting[0].queued_at + limits.queue_delay and all(worker.ready for worker in self.workers))
        ):
            wanted = present + 1
        else:
            wanted = 0
        return max(limits.min, min(wanted, limits.max))
