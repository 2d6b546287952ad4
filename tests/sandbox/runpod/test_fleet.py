"""Workers and jobs of one endpoint, second by second, without a server and without waiting."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from sandbox.runpod.fleet import Fleet
from sandbox.runpod.fleet_contract import Limits
from sandbox.runpod.job import Job
from sandbox.runpod.worker_script import Reply

DELAY = Limits(
    version=1,
    image="acme/worker:1",
    gpu_count=1,
    min=0,
    max=3,
    idle_seconds=5,
    timeout_seconds=300,
    concurrency=1,
    queue_delay=4,
)
COUNT = replace(DELAY, queue_delay=None, request_count=2)


@dataclass
class Town:
    """Machines without end, unless they are sold out; a job takes a second for each of its parts."""

    cold_start_seconds: float = 10
    token_seconds: float = 1
    parts: int = 3
    stock: bool = True
    billed: list[tuple[str, str, float]] = field(default_factory=list)
    _workers: int = 0

    def new_worker_id(self) -> str:
        self._workers += 1
        return f"w{self._workers}"

    def place(self) -> tuple[str, str] | None:
        return ("NVIDIA L4", "EU-RO-1") if self.stock else None

    def reply(self, job: Job, _now: float, /) -> Reply:
        return Reply(error="broken") if job.input == "break" else Reply(tuple(f"p{n}" for n in range(self.parts)))

    def started(self, worker, now: float) -> None:
        self.billed.append((worker.id, "from", now))

    def stopped(self, worker, now: float) -> None:
        self.billed.append((worker.id, "to", now))


def job(name: str, at: float, **more) -> Job:
    return Job(name, more.pop("given", "work"), at, **more)


def states(fleet: Fleet, now: float) -> dict[str, int]:
    fleet.advance(now)
    counts: dict[str, int] = {}
    for worker in fleet.workers:
        counts[worker.status] = counts.get(worker.status, 0) + 1
    return counts


@pytest.fixture
def town() -> Town:
    return Town()


def test_from_zero_and_back(town: Town):
    """Cold start, work, idle timeout; billed from ready to stopped and not before."""
    fleet = Fleet(DELAY, town, 0)
    only = job("a", 100)
    fleet.submit(only, 100)
    assert states(fleet, 109.9) == {"INITIALIZING": 1}
    assert states(fleet, 110) == {"RUNNING": 1}
    assert only.parts_by(111) == ["p0"]
    assert states(fleet, 113) == {"IDLE": 1}
    assert only.to_json() == {
        "id": "a",
        "status": "COMPLETED",
        "delayTime": 10_000,
        "executionTime": 3_000,
        "workerId": "w1",
        "output": ["p0", "p1", "p2"],
    }
    assert states(fleet, 117.9) == {"IDLE": 1}
    assert states(fleet, 118) == {}
    assert town.billed == [("w1", "from", 110), ("w1", "to", 118)]


def test_a_job_that_waits_too_long_gets_another_worker(town: Town):
    """One at a time, up to the maximum."""
    town.parts = 100
    fleet = Fleet(DELAY, town, 0)
    for number in range(5):
        fleet.submit(job(str(number), 0), 0)
    assert states(fleet, 9) == {"INITIALIZING": 1}
    assert states(fleet, 10) == {"RUNNING": 1, "INITIALIZING": 1}
    assert states(fleet, 20) == {"RUNNING": 2, "INITIALIZING": 1}
    assert states(fleet, 60) == {"RUNNING": 3}
    assert len(fleet.queue) == 2


def test_within_the_delay_one_worker_is_enough(town: Town):
    """A second job that is done in time starts nobody."""
    fleet = Fleet(DELAY, town, 0)
    fleet.submit(job("a", 0), 0)
    fleet.advance(10)
    fleet.submit(job("b", 12), 12)
    assert states(fleet, 15) == {"RUNNING": 1}


@pytest.mark.parametrize(("jobs", "workers"), [(1, 1), (2, 1), (3, 2), (6, 3), (20, 3)])
def test_counted_requests_decide_the_number_of_workers(town: Town, jobs: int, workers: int):
    """The quotient, rounded up, within the bounds."""
    fleet = Fleet(COUNT, town, 0)
    for number in range(jobs):
        fleet.submit(job(str(number), 0), 0)
    assert states(fleet, 1) == {"INITIALIZING": workers}


def test_a_worker_takes_as_many_jobs_as_it_can(town: Town):
    """All at once, and it is running until the last one ends."""
    fleet = Fleet(replace(DELAY, concurrency=2), town, 0)
    for name in "abc":
        fleet.submit(job(name, 0), 0)
    fleet.advance(10)
    assert (len(fleet.running), len(fleet.queue)) == (2, 1)


def test_the_minimum_is_there_from_the_start_and_stays(town: Town):
    """Idle for ever; a lower one lets it go after its timeout."""
    fleet = Fleet(replace(DELAY, min=1), town, 0)
    assert states(fleet, 0) == {"INITIALIZING": 1}
    assert states(fleet, 100_000) == {"IDLE": 1}
    fleet.limits = DELAY
    assert states(fleet, 100_000) == {}


def test_without_workers_jobs_wait_until_they_expire(town: Town):
    """A maximum of 0 takes jobs in and starts nobody; after its time to live a job is unknown."""
    fleet = Fleet(replace(DELAY, max=0), town, 0)
    fleet.submit(job("a", 0, ttl_seconds=60), 0)
    assert states(fleet, 59) == {}
    assert fleet.jobs["a"].status == "IN_QUEUE"
    fleet.advance(60)
    assert fleet.jobs == {}


def test_a_maximum_of_0_lets_running_jobs_finish(town: Town):
    """Idle workers go at once, busy ones after their last job."""
    fleet = Fleet(replace(DELAY, min=2), town, 0)
    assert states(fleet, 0) == {"INITIALIZING": 2}
    fleet.submit(job("a", 10), 10)
    fleet.limits = replace(DELAY, max=0)
    assert states(fleet, 11) == {"RUNNING": 1}
    assert states(fleet, 13) == {}
    assert fleet.jobs["a"].status == "COMPLETED"


def test_new_settings_replace_workers_when_they_are_free(town: Town):
    """A rolling release: the old one finishes, the new one takes what comes."""
    fleet = Fleet(replace(DELAY, min=1), town, 0)
    fleet.advance(0)
    fleet.submit(job("a", 10), 10)
    fleet.limits = replace(fleet.limits, version=2, image="acme/worker:2")
    fleet.advance(12)
    assert [(worker.version, worker.status) for worker in fleet.workers] == [(1, "RUNNING")]
    fleet.advance(13)
    assert [(worker.version, worker.status) for worker in fleet.workers] == [(2, "INITIALIZING")]


def test_a_job_that_takes_too_long_is_stopped(town: Town):
    """By its own limit, else by the endpoint's; what it had said by then remains."""
    town.parts = 1000
    fleet = Fleet(DELAY, town, 0)
    own, common = job("own", 0, timeout_seconds=5), job("common", 0)
    fleet.submit(own, 0)
    fleet.submit(common, 0)
    fleet.advance(1000)
    assert (own.status, own.ends_at - own.started_at) == ("TIMED_OUT", 5)
    assert (common.status, common.ends_at - common.started_at) == ("TIMED_OUT", 300)
    assert "output" not in own.to_json()
    assert len(own.parts) == 5


def test_results_are_kept_for_their_time(town: Town):
    """Half an hour of `run`, a minute of `runsync`; cancelled jobs too."""
    fleet = Fleet(DELAY, town, 0)
    later, now = job("later", 0), job("now", 0, synchronous=True)
    fleet.submit(later, 0)
    fleet.submit(now, 0)
    fleet.cancel(now, 5)
    assert now.status == "CANCELLED"
    fleet.advance(13)
    fleet.advance(64.9)
    assert set(fleet.jobs) == {"later", "now"}
    fleet.advance(65)
    assert set(fleet.jobs) == {"later"}
    fleet.advance(13 + 1800)
    assert fleet.jobs == {}


def test_failed_jobs_can_be_tried_again(town: Town):
    """The queue has it anew, and counts it."""
    fleet = Fleet(DELAY, town, 0)
    broken = job("a", 0, given="break")
    fleet.submit(broken, 0)
    fleet.advance(10)
    assert (broken.status, broken.to_json()["error"]) == ("FAILED", "broken")
    broken.input = "work"
    fleet.retry(broken, 11)
    fleet.advance(20)
    assert (broken.status, broken.retries, fleet.failed, fleet.completed, fleet.retried) == ("COMPLETED", 1, 1, 1, 1)


def test_sold_out_machines_are_waited_for(town: Town):
    """Throttled, unbilled, and placed when there is room."""
    town.stock = False
    fleet = Fleet(DELAY, town, 0)
    fleet.submit(job("a", 0), 0)
    assert states(fleet, 50) == {"THROTTLED": 1}
    town.stock = True
    assert states(fleet, 51) == {"INITIALIZING": 1}
    assert states(fleet, 61) == {"RUNNING": 1}
    assert town.billed == [("w1", "from", 61)]


def test_events_happen_at_their_time_however_late_somebody_looks(town: Town):
    """A day later the same seconds are on the bill."""
    fleet = Fleet(DELAY, town, 0)
    fleet.submit(job("a", 0), 0)
    fleet.advance(86_400)
    assert town.billed == [("w1", "from", 10), ("w1", "to", 18)]


def test_purging_removes_what_waits(town: Town):
    """What runs goes on."""
    fleet = Fleet(DELAY, town, 0)
    fleet.submit(job("a", 0), 0)
    fleet.advance(10)
    fleet.submit(job("b", 10), 10)
    assert fleet.purge(10) == 1
    assert set(fleet.jobs) == {"a"}
