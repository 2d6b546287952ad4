"""Who is asked for a request, and who when that one fails?"""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

import pytest
from fake_engine import FakeEngine, Script, broken, events, gated, whole
from raw_upstream import RawUpstream
from running_gateway import CLOSED_PORT_URL, RunningGateway, configured_gateway

EVENT = b'data: {"n":1}\n\n'
Route = dict[str, Any]


def upstream(name: str, url: str, **settings: Any) -> dict[str, Any]:
    return {"name": name, "url": url, **settings}


async def ask(gateway: RunningGateway, model: str | None = "m", path: str = "/v1/completions") -> tuple[int, Any]:
    body = json.dumps({"model": model} if model is not None else {})
    async with gateway.client.post(gateway.url + path, data=body) as got:
        text = await got.read()
        return got.status, json.loads(text) if text.startswith(b"{") else text


async def engines(stack: AsyncExitStack, *scripts: Script) -> list[FakeEngine]:
    return [await stack.enter_async_context(FakeEngine(script).running()) for script in scripts]


def test_round_robin_takes_turns():
    """Six requests over three upstreams are two for each, in turn."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            found = await engines(stack, *[whole(b'{"from":%d}' % number) for number in range(3)])
            document = {
                "upstreams": [upstream(str(number), engine.url) for number, engine in enumerate(found)],
                "routes": [{"upstreams": ["0", "1", "2"], "balance": "round_robin"}],
            }
            gateway = await stack.enter_async_context(configured_gateway(document))
            order = [(await ask(gateway))[1]["from"] for _ in range(6)]
            assert sorted(order[:3]) == [0, 1, 2]
            assert order[:3] == order[3:]

    asyncio.run(run())


def test_least_loaded_avoids_the_busy_upstream():
    """While one upstream streams, all further requests go to the other; without routes this is what happens."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            script, gate = gated(EVENT, [])
            found = await engines(stack, script, script)
            document = {"upstreams": [upstream("a", found[0].url), upstream("b", found[1].url)]}
            gateway = await stack.enter_async_context(configured_gateway(document))
            stream = await gateway.client.post(gateway.url + "/v1/completions", data=b"{}")
            await stream.content.readany()
            busy, free = sorted(found, key=lambda engine: -len(engine.seen))
            free.script = whole(b"{}")
            for _ in range(5):
                assert (await ask(gateway))[0] == 200
            assert (len(busy.seen), len(free.seen)) == (1, 5)
            gate.set()
            await stream.read()

    asyncio.run(run())


def test_a_model_goes_to_the_upstreams_of_its_route():
    """Each model to its own; an unknown one to the route for all; what names none to the first route."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            found = await engines(stack, whole(b'{"from":"a"}'), whole(b'{"from":"b"}'), whole(b'{"from":"any"}'))
            names = ["a", "b", "any"]
            document = {
                "upstreams": [upstream(name, engine.url) for name, engine in zip(names, found, strict=True)],
                "routes": [
                    {"models": ["m/a", "m/a-2"], "upstreams": ["a"]},
                    {"models": ["m/b"], "upstreams": ["b"]},
                    {"upstreams": ["any"]},
                ],
            }
            gateway = await stack.enter_async_context(configured_gateway(document))
            asked = ["m/a", "m/a-2", "m/b", "m/c", None]
            assert [(await ask(gateway, model))[1]["from"] for model in asked] == ["a", "a", "b", "any", "a"]
            async with gateway.client.get(gateway.url + "/v1/files") as got:
                assert (await got.json())["from"] == "a"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("body", "status", "message", "param"),
    [
        (b'{"model":"x"}', 404, "the model 'x' does not exist here; use one of: m", "model"),
        (b'{"model":7}', 400, "model is not a string; send a JSON object as OpenAI's API describes it", "model"),
        (b'{"model":', 400, "the body is not a JSON object; send a JSON object as OpenAI's API describes it", None),
        (b"\xff", 400, "the body is not UTF-8; send a JSON object as OpenAI's API describes it", None),
    ],
)
def test_a_model_that_no_route_takes_is_refused(body: bytes, status: int, message: str, param: str | None):
    """Where every route names its models, what names none of them is 404 or 400 and reaches no upstream."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            (engine,) = await engines(stack, whole(b"{}"))
            document = {"upstreams": [upstream("a", engine.url)], "routes": [{"models": ["m"], "upstreams": ["a"]}]}
            gateway = await stack.enter_async_context(configured_gateway(document))
            async with gateway.client.post(gateway.url + "/v1/completions", data=body) as got:
                error = (await got.json())["error"]
                assert (got.status, error["message"], error["param"]) == (status, message, param)
            assert engine.seen == []

    asyncio.run(run())


def test_models_are_listed_where_routes_name_them():
    """GET /v1/models lists the names of all routes, /v1/models/<name> one of them, however its slash is written."""

    async def run() -> None:
        document = {
            "upstreams": [upstream("a", CLOSED_PORT_URL)],
            "routes": [{"models": ["org/a", "b"], "upstreams": ["a"]}, {"models": ["c"], "upstreams": ["a"]}],
        }
        async with configured_gateway(document) as gateway:
            async with gateway.client.get(gateway.url + "/v1/models") as got:
                listed = await got.json()
                assert got.headers["content-type"] == "application/json"
            assert listed["object"] == "list"
            assert [model["id"] for model in listed["data"]] == ["org/a", "b", "c"]
            for path in ("org/a", "org%2Fa"):
                async with gateway.client.get(f"{gateway.url}/v1/models/{path}") as got:
                    assert (got.status, (await got.json())["id"]) == (200, "org/a")
            async with gateway.client.get(gateway.url + "/v1/models/x") as got:
                assert (got.status, (await got.json())["error"]["code"]) == (404, "model_not_found")
            async with gateway.client.delete(gateway.url + "/v1/models/b") as got:
                assert (got.status, (await got.json())["error"]["code"]) == (405, "method_not_allowed")

    asyncio.run(run())


def test_an_upstream_hears_its_own_name_of_the_model():
    """`model` is rewritten for the upstream that calls it otherwise; the rest of the body keeps its bytes."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            (engine,) = await engines(stack, whole(b"{}"))
            document = {"upstreams": [upstream("a", engine.url, model="served")]}
            gateway = await stack.enter_async_context(configured_gateway(document))
            for body in (b'{ "model" : "m" , "x":1.0}', b'{"x":1}'):
                await (await gateway.client.post(gateway.url + "/v1/completions", data=body)).read()
            await (await gateway.client.get(gateway.url + "/v1/models")).read()
            assert [seen.body for seen in engine.seen] == [b'{ "model" : "served" , "x":1.0}', b'{"x":1}', b""]

    asyncio.run(run())


def test_a_replica_that_is_not_there_is_replaced_without_the_client_noticing():
    """Nothing was sent to the closed port, so the next upstream gets the request, each time."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            (engine,) = await engines(stack, whole(b"{}"))
            document = {
                "upstreams": [upstream("gone", CLOSED_PORT_URL), upstream("here", engine.url)],
                "routes": [{"upstreams": ["gone", "here"], "balance": "round_robin"}],
            }
            gateway = await stack.enter_async_context(configured_gateway(document))
            assert [(await ask(gateway))[0] for _ in range(6)] == [200] * 6
            assert {line["upstream"] for line in gateway.requests} == {"here"}
            assert len(engine.seen) == 6

    asyncio.run(run())


@pytest.mark.parametrize("script", [broken("application/json", b"{", 100), whole(b"{}", 500)])
def test_a_request_that_was_sent_is_not_sent_to_another_replica(script: Script):
    """A generation that broke off may have cost GPU time: it is not started again behind the client's back."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            found = await engines(stack, script, script)
            document = {"upstreams": [upstream("a", found[0].url), upstream("b", found[1].url)]}
            gateway = await stack.enter_async_context(configured_gateway(document))
            assert (await ask(gateway))[0] in {500, 502}
            assert sum(len(engine.seen) for engine in found) == 1

    asyncio.run(run())


FAILURES = {
    "closed port": None,
    "broken document": broken("application/json", b"{", 100),
    "a stream without its first byte": broken("text/event-stream", b""),
    "429": whole(b"{}", 429),
    "500": whole(b"{}", 500),
    "503": whole(b"<html>", 503),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_fallback_takes_over_before_the_first_byte(failure: str):
    """Whatever keeps the first upstream from beginning to answer, the client gets the fallback's answer."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            script = FAILURES[failure]
            (backup,) = await engines(stack, whole(b'{"from":"backup"}'))
            url = CLOSED_PORT_URL if script is None else (await engines(stack, script))[0].url
            document = {
                "upstreams": [
                    upstream("engine", url),
                    upstream("away", CLOSED_PORT_URL),
                    upstream("backup", backup.url, model="hosted-model"),
                ],
                "routes": [{"upstreams": ["engine"], "fallback": ["away", "backup"]}],
            }
            gateway = await stack.enter_async_context(configured_gateway(document))
            assert await ask(gateway) == (200, {"from": "backup"})
            assert backup.seen[0].body == b'{"model": "hosted-model"}'
            (line,) = gateway.requests
            assert (line["upstream"], line["outcome"]) == ("backup", "complete")

    asyncio.run(run())


@pytest.mark.parametrize("status", [400, 401, 404, 422])
def test_what_is_the_clients_fault_does_not_fall_back(status: int):
    """The fallback would refuse it too, and be paid for it."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            engine, backup = await engines(stack, whole(b'{"error":{"message":"no"}}', status), whole(b"{}"))
            document = {
                "upstreams": [upstream("engine", engine.url), upstream("backup", backup.url)],
                "routes": [{"upstreams": ["engine"], "fallback": ["backup"]}],
            }
            gateway = await stack.enter_async_context(configured_gateway(document))
            assert await ask(gateway) == (status, {"error": {"message": "no"}})
            assert backup.seen == []

    asyncio.run(run())


def test_a_started_stream_never_falls_back():
    """After the first byte a broken stream ends with an error event: two answers are never mixed."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            engine, backup = await engines(stack, broken("text/event-stream", EVENT), whole(b"{}"))
            document = {
                "upstreams": [upstream("engine", engine.url), upstream("backup", backup.url)],
                "routes": [{"upstreams": ["engine"], "fallback": ["backup"]}],
            }
            gateway = await stack.enter_async_context(configured_gateway(document))
            status, text = await ask(gateway)
            assert status == 200
            assert text.startswith(EVENT)
            assert b'"code": "upstream_error"' in text
            assert backup.seen == []

    asyncio.run(run())


def test_a_first_byte_that_is_late_goes_to_the_fallback():
    """`first_byte_seconds` ends the waiting and the work at the slow upstream; without a fallback it is 504."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            slow, backup = await engines(stack, events([EVENT], first_after_seconds=30), whole(b'{"from":"backup"}'))
            members = [upstream("slow", slow.url, first_byte_seconds=0.1), upstream("backup", backup.url)]
            route: Route = {"upstreams": ["slow"], "fallback": ["backup"]}
            gateway = await stack.enter_async_context(configured_gateway({"upstreams": members, "routes": [route]}))
            assert await ask(gateway) == (200, {"from": "backup"})
            await asyncio.wait_for(slow.left.wait(), 1)
            alone = await stack.enter_async_context(configured_gateway({"upstreams": members[:1]}))
            status, answer = await ask(alone)
            assert (status, answer["error"]["code"]) == (504, "first_byte_timeout")

    asyncio.run(run())


def test_when_everybody_fails_the_client_hears_about_the_first():
    """The engine is what it wanted; that the backup is away too does not help it."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            busy = whole(b'{"error":"too busy"}', 429, {"retry-after": "7"})
            (engine,) = await engines(stack, busy)
            document = {
                "upstreams": [upstream("engine", engine.url), upstream("backup", CLOSED_PORT_URL)],
                "routes": [{"upstreams": ["engine"], "fallback": ["backup"]}],
            }
            gateway = await stack.enter_async_context(configured_gateway(document))
            async with gateway.client.post(gateway.url + "/v1/completions", data=b"{}") as got:
                assert (got.status, got.headers["retry-after"]) == (429, "7")
                assert (await got.json())["error"]["message"] == "too busy"

    asyncio.run(run())


def test_the_breaker_spares_client_and_upstream_the_waiting():
    """After five failures the sixth request is refused at once with Retry-After, and the upstream hears nothing."""

    async def run() -> None:
        async with (
            RawUpstream(b"HTTP/1.1 200 OK\r\ncontent-le", cut=True).running() as dying,
            configured_gateway({"upstreams": [upstream("engine", dying.url, metrics_path=None)]}) as gateway,
        ):
            codes = [(await ask(gateway))[1]["error"]["code"] for _ in range(7)]
            assert codes == ["upstream_error"] * 5 + ["upstream_unavailable"] * 2
            assert dying.requests == 5
            async with gateway.client.post(gateway.url + "/v1/completions", data=b"{}") as got:
                assert (got.status, 1 <= int(got.headers["retry-after"]) <= 5) == (503, True)

    asyncio.run(run())


def test_an_engine_that_is_back_is_found_by_its_health_route():
    """After the cooldown /health is asked before any request is risked; 503 there keeps the breaker open."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            (engine,) = await engines(stack, whole(b"{}", 500))
            engine.health = 503
            document = {
                "upstreams": [upstream("engine", engine.url)],
                "breaker": {"failures": 1, "cooldown_seconds": 0.1, "longest_cooldown_seconds": 0.1},
            }
            gateway = await stack.enter_async_context(configured_gateway(document))
            assert (await ask(gateway))[0] == 500
            await asyncio.sleep(0.15)
            assert (await ask(gateway))[0] == 503
            assert (len(engine.seen), engine.health_probes) == (1, 1)
            engine.health, engine.script = 200, whole(b"{}")
            await asyncio.sleep(0.15)
            assert [(await ask(gateway))[0] for _ in range(3)] == [200] * 3
            assert engine.health_probes == 2

    asyncio.run(run())


def test_an_upstream_that_says_busy_does_not_open_its_breaker():
    """429 and 503 mean that it lives: leaving it alone would turn a full queue into an outage."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            (engine,) = await engines(stack, whole(b"{}", 503))
            gateway = await stack.enter_async_context(configured_gateway({"upstreams": [upstream("a", engine.url)]}))
            for status in (503, 429) * 4:
                engine.script = whole(b"{}", status)
                assert (await ask(gateway))[0] == status
            assert len(engine.seen) == 8

    asyncio.run(run())
