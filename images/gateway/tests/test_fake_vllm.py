"""Is the double what tests take it for?"""

from __future__ import annotations

import asyncio

import aiohttp
from fake_vllm import FakeVllm
from gateway.metrics.engine_watch import EngineWatch
from running_gateway import fleet_of


def test_its_metrics_have_vllms_names_and_follow_what_it_does():
    """Running, waiting, sleep and token counters, as vLLM 0.33 exposes them; the gateway reads its queue from there."""

    async def run() -> None:
        vllm = FakeVllm(waiting=3)
        async with vllm.engine.running(), aiohttp.ClientSession() as client, fleet_of(vllm.engine.url) as fleet:
            watch = EngineWatch(fleet)
            await watch.look()
            assert watch.take_queued() == 3
            url = vllm.engine.url
            async with client.post(url + "/v1/completions", json={"model": "org/model"}) as got:
                assert got.status == 200
            await client.post(url + "/sleep")
            async with client.post(url + "/v1/completions", json={"model": "org/model"}) as got:
                assert got.status == 503
            async with client.get(url + "/metrics") as got:
                lines = (await got.text()).splitlines()
            label = '{engine="0",model_name="org/model"}'
            for expected in (
                f"vllm:num_requests_running{label} 0.0",
                f"vllm:num_requests_waiting{label} 3.0",
                f"vllm:engine_sleep_state{label} 1.0",
                f"vllm:prompt_tokens_total{label} 7.0",
                f"vllm:generation_tokens_total{label} 4.0",
                f"vllm:time_to_first_token_seconds_count{label} 1.0",
            ):
                assert expected in lines
            await client.post(url + "/wake_up")
            async with client.get(url + "/is_sleeping") as got:
                assert await got.json() == {"is_sleeping": False}

    asyncio.run(run())
