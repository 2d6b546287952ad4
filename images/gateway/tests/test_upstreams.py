"""Are all kinds of upstreams reached, each at its address and with the gateway's own key?"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from fake_engine import FakeEngine, events, whole
from fake_runpod import KEY, FakeRunPod
from gateway.config.load import ConfigError, load_config
from gateway.config.secret import REREAD_SECONDS, MountedSecret
from gateway.upstreams.fleet import Fleet
from running_gateway import configured_gateway, environment, running_gateway

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = [b'data: {"n":1}\n\n', b"data: [DONE]\n\n"]
HOSTED_KEY = "sk-hosted-1"


def test_an_engine_on_a_unix_socket_is_served(tmp_path: Path):
    """Requests, streams and the health probe cross a socket file as they cross a port."""

    async def run() -> None:
        engine = FakeEngine(events(EVENTS), socket_path=str(tmp_path / "vllm.sock"))
        async with engine.running(), running_gateway(engine.url) as gateway:
            async with gateway.client.post(gateway.url + "/v1/completions?x=1", data=b"{}") as got:
                assert await got.read() == b"".join(EVENTS)
            async with gateway.client.get(gateway.url + "/readyz") as got:
                assert got.status == 200
        assert (engine.seen[0].target, engine.health_probes) == ("/v1/completions?x=1", 1)

    asyncio.run(run())


def test_a_hosted_api_gets_its_own_key_and_never_the_clients(tmp_path: Path):
    """The base URL's path stands for /v1; a rotated key file is used without a restart; nothing is probed."""
    key_file = tmp_path / "key"
    key_file.write_text(HOSTED_KEY + "\n")

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"), base_path="/openai/v1")
        async with engine.running():
            hosted = {
                "name": "hosted",
                "url": engine.url + "/openai/v1",
                "key": {"file": str(key_file)},
                "headers": {"modal-key": {"env": "PROXY_KEY"}},
            }
            async with configured_gateway({"upstreams": [hosted]}, PROXY_KEY="proxy-1") as gateway:
                headers = {"authorization": "Bearer the-clients-own", "modal-key": "spoofed"}
                url = gateway.url + "/v1/chat/completions?x=1"
                await (await gateway.client.post(url, data=b"{}", headers=headers)).read()
                async with gateway.client.get(gateway.url + "/readyz") as got:
                    assert got.status == 200
        (seen,) = engine.seen
        assert seen.target == "/openai/v1/chat/completions?x=1"
        assert (seen.headers["authorization"], seen.headers["modal-key"]) == (f"Bearer {HOSTED_KEY}", "proxy-1")
        assert engine.health_probes == 0

    asyncio.run(run())


def test_a_mounted_secret_is_read_again_and_survives_a_bad_moment(tmp_path: Path):
    """Looked at every ten seconds; while the file is missing or empty the last good value goes on."""
    now = 0.0
    path = tmp_path / "key"
    path.write_text("one")
    secret = MountedSecret(path, clock=lambda: now)
    assert secret() == "one"
    path.write_text("two")
    now = REREAD_SECONDS - 1
    assert secret() == "one"
    now = REREAD_SECONDS
    assert secret() == "two"
    for spoil in (path.unlink, lambda: path.write_text("")):
        spoil()
        now += REREAD_SECONDS
        assert secret() == "two"


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_of_the_gateway_that_is_refused_is_no_fault_of_the_client(status: int):
    """The hosted API's 401 would make the client doubt its own key: it hears 502, and a fallback is asked first."""

    async def run() -> None:
        hosted = FakeEngine(whole(b'{"error":{"message":"Incorrect API key provided: sk-hosted-1"}}', status))
        backup = FakeEngine(whole(b'{"from":"backup"}'))
        async with hosted.running(), backup.running():
            upstreams = [
                {"name": "hosted", "url": hosted.url, "key": {"env": "HOSTED_KEY"}},
                {"name": "backup", "url": backup.url},
            ]
            document = {"upstreams": upstreams, "routes": [{"upstreams": ["hosted"], "fallback": ["backup"]}]}
            async with configured_gateway(document, HOSTED_KEY=HOSTED_KEY) as gateway:
                got = await gateway.client.post(gateway.url + "/v1/completions", data=b"{}")
                assert await got.json() == {"from": "backup"}
            async with configured_gateway({"upstreams": upstreams[:1]}, HOSTED_KEY=HOSTED_KEY) as gateway:
                got = await gateway.client.post(gateway.url + "/v1/completions", data=b"{}")
                text = await got.text()
                assert (got.status, json.loads(text)["error"]["code"]) == (502, "upstream_credentials")
                assert HOSTED_KEY not in text

    asyncio.run(run())


def test_a_secret_that_is_not_there_is_found_out_at_start(tmp_path: Path):
    """A missing variable, a missing file and an empty one are named with the setting, all at once."""
    empty = tmp_path / "empty"
    empty.write_text(" \n")
    sources = [{"env": "NOT_SET"}, {"file": str(tmp_path / "gone")}, {"file": str(empty)}]
    upstreams = [{"name": str(n), "url": "http://h", "key": source} for n, source in enumerate(sources)]
    plain = environment()
    del plain["BERTH_UPSTREAM_URL"]
    with pytest.raises(ConfigError) as caught:
        load_config(plain | {"BERTH_CONFIG": json.dumps({"upstreams": upstreams})})
    assert caught.value.problems == [
        "BERTH_CONFIG: upstreams[0].key: the environment variable NOT_SET is not set; put the secret there",
        f"BERTH_CONFIG: upstreams[1].key: {tmp_path}/gone cannot be read (FileNotFoundError); put the secret there",
        f"BERTH_CONFIG: upstreams[2].key: {empty} is empty; put the secret there",
    ]


def runpod_document(**settings: str) -> dict:
    return {
        "upstreams": [
            {"name": "rp", "kind": "runpod", "endpoint_id": "abc123", "key": {"env": "RUNPOD_API_KEY"}, **settings}
        ]
    }


def test_runpods_queue_is_called_on_its_openai_route():
    """The endpoint's id and the RunPod key are put in; streams pass; the queue is what the platform says."""

    async def run() -> None:
        runpod = FakeRunPod(script=events(EVENTS), in_queue=3)
        async with runpod.engine.running():
            variables = {"RUNPOD_ENDPOINT_BASE_URL": runpod.base_url, "RUNPOD_API_KEY": KEY}
            async with configured_gateway(runpod_document(), **variables) as gateway:
                got = await gateway.client.post(gateway.url + "/v1/chat/completions", data=b"{}")
                assert await got.read() == b"".join(EVENTS)
            assert runpod.engine.seen[0].target == "/v2/abc123/openai/v1/chat/completions"
            assert (runpod.jobs, runpod.workers_awake) == (1, 1)

    asyncio.run(run())


def test_asking_runpod_how_it_is_wakes_no_worker():
    """Readiness and queue come from the platform's health route, which is neither a job nor billed."""

    async def run() -> None:
        runpod = FakeRunPod(in_queue=3)
        async with runpod.engine.running():
            variables = environment() | {"RUNPOD_ENDPOINT_BASE_URL": runpod.base_url, "RUNPOD_API_KEY": KEY}
            del variables["BERTH_UPSTREAM_URL"]
            variables["BERTH_CONFIG"] = json.dumps(runpod_document())
            async with Fleet.of(load_config(variables), variables) as fleet:
                assert await fleet.healthy()
                assert [tuple(each) for each in await fleet.members["rp"].upstream.readings() or ()] == [
                    ("requests_waiting", "inQueue", 3),
                    ("requests_running", "inProgress", 0),
                ]
            variables["RUNPOD_API_KEY"] = "wrong"
            async with Fleet.of(load_config(variables), variables) as fleet:
                assert not await fleet.healthy()
                assert await fleet.members["rp"].upstream.readings() is None
        assert (runpod.jobs, runpod.workers_awake) == (0, 0)

    asyncio.run(run())


def test_runpods_load_balancer_is_called_directly_and_never_probed():
    """Requests go to /v1 of the endpoint's own host; a probe there would wake a worker, so there is none."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        async with engine.running():
            document = runpod_document(mode="load_balancer", url=engine.url)
            async with configured_gateway(document, RUNPOD_API_KEY=KEY) as gateway:
                async with gateway.client.get(gateway.url + "/readyz") as got:
                    assert got.status == 200
                async with gateway.client.post(gateway.url + "/v1/completions", data=b"{}") as got:
                    assert got.status == 200
        assert engine.seen[0].headers["authorization"] == f"Bearer {KEY}"
        assert engine.health_probes == 0

    asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "said", "heard"),
    [
        (400, b'{"error":"no workers available"}', (503, "upstream_unavailable")),
        (400, b'{"error":{"message":"messages is missing","code":"bad"}}', (400, "bad")),
        (400, b'{"error":"the prompt is empty"}', (400, "bad_request")),
        (400, b"no JSON", (400, "bad_request")),
    ],
)
def test_a_load_balancer_without_a_worker_is_one_that_was_not_reached(status: int, said: bytes, heard: tuple[int, str]):
    """400 is what RunPod says then, which no SDK tries again: it becomes 503 with Retry-After; other 400s stay."""

    async def run() -> None:
        engine = FakeEngine(whole(said, status=status))
        async with engine.running():
            document = runpod_document(mode="load_balancer", url=engine.url)
            async with configured_gateway(document, RUNPOD_API_KEY=KEY) as gateway:
                got = await gateway.client.post(gateway.url + "/v1/completions", data=b"{}")
                assert (got.status, (await got.json())["error"]["code"]) == heard
                assert ("Retry-After" in got.headers) == (got.status == 503)

    asyncio.run(run())


def test_a_fallback_takes_over_from_a_load_balancer_without_a_worker():
    """Nothing has seen the request, so another may have it."""

    async def run() -> None:
        cold, other = FakeEngine(whole(b'{"error":"no workers available"}', status=400)), FakeEngine(whole(b'{"ok":1}'))
        async with cold.running(), other.running():
            document = runpod_document(mode="load_balancer", url=cold.url)
            document["upstreams"].append({"name": "other", "url": other.url})
            document["routes"] = [{"upstreams": ["rp"], "fallback": ["other"]}]
            async with configured_gateway(document, RUNPOD_API_KEY=KEY) as gateway:
                got = await gateway.client.post(gateway.url + "/v1/completions", data=b"{}")
                assert (got.status, await got.read()) == (200, b'{"ok":1}')
        assert (len(cold.seen), len(other.seen)) == (1, 1)

    asyncio.run(run())
