"""Does ECS leave a task alone while it answers, and only then?"""

from __future__ import annotations

import asyncio

import pytest
from fake_clock import FakeClock
from fake_ecs_agent import FakeEcsAgent
from gateway.task_protection import EcsAgent, TaskProtection, task_protection

MINUTE = 60.0


class ScriptedAgent:
    """Remembers what was asked, at which second, and grants it or not."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.grants = True
        self.asked: list[tuple[float, int | None]] = []

    async def protect(self, minutes: int | None) -> bool:
        self.asked.append((self._clock.now, minutes))
        return self.grants


class Task:
    """A task under protection, looked at every 5 s of a clock of its own."""

    def __init__(self, max_request_seconds: float = 600) -> None:
        self.clock = FakeClock(0.0)
        self.agent = ScriptedAgent(self.clock)
        self.busy = False
        self.protection = TaskProtection(self.agent, lambda: self.busy, max_request_seconds, self.clock)

    def run(self, seconds: float, *, busy: bool) -> None:
        self.busy = busy
        end = self.clock.now + seconds

        async def look() -> None:
            while self.clock.now < end:
                self.clock.now += 5
                await self.protection.look()

        asyncio.run(look())


def test_an_idle_task_asks_for_nothing():
    """Scale-in takes it first."""
    task = Task()
    task.run(MINUTE, busy=False)
    assert (task.agent.asked, task.protection.protected) == ([], False)


def test_a_busy_task_is_protected_renewed_and_given_back():
    """Five minutes at once, again at half of them, and 15 s after the last request never again."""
    task = Task()
    task.run(4 * MINUTE, busy=True)
    assert task.agent.asked == [(5, 5), (160, 5)]
    assert task.protection.protected
    task.run(MINUTE, busy=False)
    assert task.agent.asked[2:] == [(260, None)]
    assert not task.protection.protected


def test_a_short_gap_between_requests_asks_for_nothing():
    """Ten idle seconds neither end the protection nor begin a new one."""
    task = Task()
    for _ in range(4):
        task.run(10, busy=True)
        task.run(10, busy=False)
    assert task.agent.asked == [(5, 5)]


def test_a_task_that_is_never_idle_lets_go_for_a_minute_in_eleven():
    """Otherwise a deployment would wait for ever: a pause after each longest request, or ten minutes."""
    task = Task(max_request_seconds=60)
    task.run(22 * MINUTE, busy=True)
    released = [seconds for seconds, minutes in task.agent.asked if minutes is None]
    assert released == [605, 1265]
    assert [minutes for _, minutes in task.agent.asked if minutes] == [1] * (len(task.agent.asked) - 2)
    after = [seconds for seconds, minutes in task.agent.asked if minutes and 605 < seconds < 700]
    assert after[0] == 665


@pytest.mark.parametrize(("max_request_seconds", "minutes"), [(30, 1), (90, 2), (7200, 5)])
def test_no_longer_than_a_request_may_take(max_request_seconds: float, minutes: int):
    """A gateway that dies while it answers keeps its task for five minutes at most."""
    task = Task(max_request_seconds)
    task.run(5, busy=True)
    assert task.agent.asked == [(5, minutes)]


def test_a_refusal_is_logged_once_counted_and_tried_again_each_minute(caplog):
    """No permission, no protection, no harm: one warning, one attempt a minute, and a word when it is granted."""
    caplog.set_level("INFO", "gateway")
    task = Task()
    task.agent.grants = False
    task.run(2 * MINUTE, busy=True)
    assert task.agent.asked == [(5, 5), (65, 5)]
    assert (task.protection.failures, task.protection.protected) == (2, False)
    task.agent.grants = True
    task.run(10, busy=True)
    assert task.protection.protected
    assert [record.getMessage() for record in caplog.records] == [
        "ECS does not protect this task while it answers; may its role ecs:UpdateTaskProtection?",
        "ECS protects this task while it answers again",
    ]


def test_the_agent_is_asked_as_aws_describes_it():
    """PUT with ProtectionEnabled and ExpiresInMinutes; what it does not confirm as protection was not granted."""

    async def run() -> None:
        async with FakeEcsAgent().running() as fake:
            agent = EcsAgent(fake.url)
            assert (await agent.protect(5), await agent.protect(None)) == (True, True)
            assert fake.asked == [{"ProtectionEnabled": True, "ExpiresInMinutes": 5}, {"ProtectionEnabled": False}]
            for fake.failure, fake.status in (
                ({"Reason": "DEPLOYMENT_BLOCKED"}, 200),
                ({"Reason": "AccessDeniedException"}, 400),
            ):
                assert not await agent.protect(5)
        assert not await agent.protect(5)

    asyncio.run(run())


def test_there_is_none_outside_of_ecs():
    """Only ECS sets the agent's address."""
    assert task_protection({}, lambda: True, 60) is None
    assert task_protection({"ECS_AGENT_URI": "http://169.254.170.2/api/0123"}, lambda: True, 60) is not None
