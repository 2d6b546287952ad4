"""What does a front do while its service sleeps: answer, wake once, hold within bounds, and never for a probe?"""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import openai
import pytest
from fake_engine import FakeEngine, whole
from fake_keeper import FakeKeeper
from running_gateway import RunningGateway, configured_gateway

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KEY, OTHER = "sk-may-wake", "sk-may-not"
CHAT = "/v1/chat/completions"


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


KEYS = json.dumps({"team": {"sha256": digest(KEY), "may_wake": True}, "other": digest(OTHER)})


@asynccontextmanager
async def front(
    keeper: FakeKeeper, engine: FakeEngine, *, others: tuple[FakeEngine, ...] = (), **sleep: Any
) -> AsyncIterator[RunningGateway]:
    """A front before one service, with other upstreams as fallbacks."""
    names = [f"other{number}" for number in range(len(others))]
    document = {
        "upstreams": [
            {"name": "service", "url": engine.url},
            *({"name": name, "url": other.url} for name, other in zip(names, others, strict=True)),
        ],
        "routes": [{"upstreams": ["service"], "fallback": names}],
        "sleep": {
            "upstreams": ["service"],
            "document": {"url": keeper.url + "/state"},
            "poll_seconds": 0.02,
            "wake_url": keeper.url + "/wake",
            **sleep,
        },
    }
    async with configured_gateway(document, BERTH_CLIENT_KEYS=KEYS) as gateway:
        yield gateway


async def post(gateway: RunningGateway, key: str = KEY) -> tuple[int, dict[str, str], Any]:
    headers = {"authorization": f"Bearer {key}"}
    async with gateway.client.post(gateway.url + CHAT, data=b"{}", headers=headers) as got:
        return got.status, {name.lower(): value for name, value in got.headers.items()}, json.loads(await got.read())


async def until(condition: Any) -> None:
    """Look round until something is so."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 there is nothing to wait for but what others see
            await asyncio.sleep(0.005)


def test_a_sleeping_service_is_answered_for_with_its_next_wake():
    """503 with Retry-After, OpenAI's error and the time for programs; the engine is not asked."""

    async def run() -> None:
        in_an_hour = datetime.fromtimestamp(int(datetime.now(UTC).timestamp()) + 3600, UTC)
        keeper = FakeKeeper(state={"state": "asleep", "next_wake": in_an_hour.isoformat(), "why": "night"})
        engine = FakeEngine(whole(b"{}"))
        async with keeper.running(), engine.running(), front(keeper, engine) as gateway:
            status, headers, body = await post(gateway, OTHER)
            assert status == 503
            assert 3590 <= int(headers["retry-after"]) <= 3600
            assert headers["x-should-retry"] == "false"
            assert body["wake"] == {
                "state": "asleep",
                "next_wake": in_an_hour.isoformat(),
                "retry_after_seconds": int(headers["retry-after"]),
            }
            error = body["error"]
            assert (error["type"], error["code"]) == ("server_error", "service_asleep")
            assert error["message"].startswith(f"the service is asleep and wakes at {in_an_hour.isoformat()}; try")
            assert (engine.seen, keeper.woken) == ([], [])
            keeper.state = {"state": "awake"}
            await until(lambda: keeper.looked > 3)
            assert (await post(gateway, OTHER))[0] == 200

    asyncio.run(run())


def test_probes_and_lists_are_no_traffic():
    """However often they are asked while the service sleeps, nothing is woken, asked or counted."""

    async def run() -> None:
        keeper, engine = FakeKeeper(), FakeEngine(whole(b"{}"))
        async with keeper.running(), engine.running(), front(keeper, engine, hold_seconds=5) as gateway:
            engine.health_probes = 0
            headers = {"authorization": f"Bearer {KEY}"}
            statuses = {}
            for path in ("/healthz", "/readyz", "/metrics", "/v1/models", "/v1/models/org/model", "/v1/responses/1"):
                async with gateway.client.get(gateway.url + path, headers=headers) as got:
                    statuses[path] = got.status
                    text = await got.text()
                if path == "/metrics":
                    assert 'berth_requests_total{stack="local",service="chat"' not in text
            assert statuses == {
                "/healthz": 200,
                "/readyz": 200,
                "/metrics": 200,
                "/v1/models": 200,
                "/v1/models/org/model": 200,
                "/v1/responses/1": 503,
            }
            assert (keeper.woken, engine.seen, engine.health_probes) == ([], [], 0)

    asyncio.run(run())


def test_a_burst_wakes_the_service_once():
    """Fifty requests, one POST with the service's name and the key's; all hear when to come back."""

    async def run() -> None:
        keeper, engine = FakeKeeper(), FakeEngine(whole(b"{}"))
        async with keeper.running(), engine.running(), front(keeper, engine) as gateway:
            answers = await asyncio.gather(*(post(gateway) for _ in range(50)))
            assert keeper.woken == [{"service": "chat", "key_id": "team"}]
            assert {status for status, _, _ in answers} == {503}
            for _, headers, body in answers:
                assert 415 <= int(headers["retry-after"]) <= 420
                assert body["error"]["code"] == "service_waking"
                assert body["wake"]["state"] == "waking"
            assert (await post(gateway, OTHER))[2]["wake"]["state"] == "waking"
            assert len(keeper.woken) == 1

    asyncio.run(run())


def test_a_key_that_may_not_wake_wakes_nothing():
    """Its requests hear when the service wakes by itself."""

    async def run() -> None:
        keeper, engine = FakeKeeper(), FakeEngine(whole(b"{}"))
        async with keeper.running(), engine.running(), front(keeper, engine, hold_seconds=5) as gateway:
            _, headers, body = await post(gateway, OTHER)
            assert (headers["retry-after"], body["wake"]["next_wake"]) == ("600", None)
            assert keeper.woken == []

    asyncio.run(run())


def test_a_held_request_is_answered_when_the_service_is_awake():
    """The caller waits a little longer and never knows; the log has one ordinary line."""

    async def run() -> None:
        keeper, engine = FakeKeeper(wakes_at_once=True), FakeEngine(whole(b'{"ok":true}'))
        async with keeper.running(), engine.running(), front(keeper, engine, hold_seconds=8) as gateway:
            answers = await asyncio.gather(*(post(gateway) for _ in range(20)))
            assert [(status, body) for status, _, body in answers] == [(200, {"ok": True})] * 20
            assert len(keeper.woken) == 1
        assert {line["outcome"] for line in gateway.requests} == {"complete"}

    asyncio.run(run())


def test_no_more_are_held_than_allowed_and_none_longer():
    """Beyond `max_held` the answer comes at once, for the others after `hold_seconds`."""

    async def run() -> None:
        keeper, engine = FakeKeeper(state={"state": "waking"}), FakeEngine(whole(b"{}"))
        async with (
            keeper.running(),
            engine.running(),
            front(keeper, engine, hold_seconds=0.5, max_held=3, wake_seconds=30) as gateway,
        ):
            held = [asyncio.create_task(post(gateway)) for _ in range(3)]
            await asyncio.sleep(0.1)
            headers = {"authorization": f"Bearer {KEY}"}
            async with gateway.client.get(gateway.url + "/metrics", headers=headers) as got:
                assert 'berth_requests_held{stack="local",service="chat"} 3' in await got.text()
            assert not any(task.done() for task in held)
            status, answered, _ = await post(gateway)
            assert (status, answered["retry-after"]) == (503, "30")
            assert not any(task.done() for task in held)
            assert [status for status, _, _ in await asyncio.gather(*held)] == [503] * 3
            assert keeper.woken == []

    asyncio.run(run())


def test_a_client_that_leaves_is_held_no_longer():
    """Its place is free at once."""

    async def run() -> None:
        keeper, engine = FakeKeeper(state={"state": "waking"}), FakeEngine(whole(b"{}"))
        async with keeper.running(), engine.running(), front(keeper, engine, hold_seconds=8) as gateway:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await post(gateway)
            await until(lambda: gateway.requests)
            assert [line["outcome"] for line in gateway.requests] == ["client left"]

    asyncio.run(run())


def test_held_requests_do_not_hold_up_a_shutdown():
    """They are sent to another replica within a second of the signal."""

    async def run() -> None:
        keeper, engine = FakeKeeper(state={"state": "waking"}), FakeEngine(whole(b"{}"))
        async with keeper.running(), engine.running(), front(keeper, engine, hold_seconds=9) as gateway:
            held = asyncio.create_task(post(gateway))
            await asyncio.sleep(0.05)
            gateway.server.handle_exit(15, None)
            status, _, body = await held
            assert (status, body["error"]["code"]) == (503, "shutting_down")

    asyncio.run(run())


def test_another_upstream_serves_meanwhile():
    """A fallback that does not sleep answers, and the service is woken for the next ones."""

    async def run() -> None:
        keeper, engine, other = FakeKeeper(), FakeEngine(whole(b"{}")), FakeEngine(whole(b'{"other":true}'))
        async with (
            keeper.running(),
            engine.running(),
            other.running(),
            front(keeper, engine, others=(other,), hold_seconds=5) as gateway,
        ):
            assert (await post(gateway, OTHER))[2] == {"other": True}
            assert keeper.woken == []
            assert (await post(gateway))[2] == {"other": True}
            await until(lambda: keeper.woken)
            assert engine.seen == []

    asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "answer", "headers", "state", "retry_after"),
    [
        (202, {}, {}, "waking", "300"),
        (202, None, {"retry-after": "90"}, "waking", "90"),
        (429, {"expected_seconds": 60}, {}, "waking", "60"),
        (429, {"expected_seconds": -1}, {}, "waking", "300"),
        (409, {}, {}, "asleep", "600"),
        (500, {"expected_seconds": 5}, {}, "asleep", "600"),
        (302, {}, {"location": "/"}, "asleep", "600"),
    ],
)
def test_what_the_hook_says_is_what_the_client_hears(
    status: int, answer: Any, headers: dict[str, str], state: str, retry_after: str
):
    """Accepted and under way mean waking, with the expected seconds; outside of hours and failures mean asleep."""

    async def run() -> None:
        keeper = FakeKeeper(status=status, answer=answer, headers=headers)
        engine = FakeEngine(whole(b"{}"))
        async with keeper.running(), engine.running(), front(keeper, engine) as gateway:
            for _ in range(3):
                _, answered, body = await post(gateway)
                assert (body["wake"]["state"], answered["retry-after"]) == (state, retry_after)
            assert len(keeper.woken) == 1

    asyncio.run(run())


def test_openais_sdk_gives_up_at_once_where_waiting_is_pointless():
    """The service sleeps for longer than the SDK waits: one request, one error, no retries."""

    async def run() -> None:
        keeper, engine = FakeKeeper(), FakeEngine(whole(b"{}"))
        async with (
            keeper.running(),
            engine.running(),
            front(keeper, engine) as gateway,
            openai.AsyncOpenAI(base_url=gateway.url + "/v1", api_key=OTHER, max_retries=2) as client,
        ):
            with pytest.raises(openai.InternalServerError) as caught:
                await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
            assert caught.value.code == "service_asleep"
            assert len(gateway.requests) == 1

    asyncio.run(run())
