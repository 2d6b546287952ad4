"""Which pages may call from a browser?"""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import pytest
from fake_engine import FakeEngine, whole
from gateway.config.load import ConfigError, load_config
from running_gateway import environment, running_gateway

KEY = "sk-page"
KEYS = json.dumps({"page": hashlib.sha256(KEY.encode()).hexdigest()})
PAGE = "https://app.example.com"
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}


def test_pages_of_named_origins_may_call_and_others_may_not():
    """A preflight needs no key and reaches no engine; a refused call can still be read by the page."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}", headers={"access-control-allow-origin": "*"}))
        config = json.dumps({"cors_origins": [PAGE]})
        variables = {"BERTH_CLIENT_KEYS": KEYS, "BERTH_CONFIG": config}
        async with engine.running(), running_gateway(engine.url, **variables) as gateway:
            url = gateway.url + "/v1/chat/completions"

            async def ask(method: str, origin: str, **headers: str) -> tuple[int, Any]:
                headers = {"origin": origin, **headers}
                async with gateway.client.request(method, url, headers=headers, data=b"{}") as got:
                    return got.status, got.headers

            status, headers = await ask("OPTIONS", PAGE, **PREFLIGHT)
            assert (status, headers["access-control-allow-origin"]) == (200, PAGE)
            assert headers["access-control-allow-headers"] == "authorization"
            assert (await ask("OPTIONS", "https://other.example.com", **PREFLIGHT))[0] == 400
            assert engine.seen == []
            status, headers = await ask("POST", PAGE, authorization=f"Bearer {KEY}")
            assert (status, headers["access-control-allow-origin"]) == (200, PAGE)
            assert "x-ratelimit-remaining-tokens" in headers["access-control-expose-headers"]
            assert "origin" not in engine.seen[0].headers
            status, headers = await ask("POST", PAGE)
            assert (status, headers["access-control-allow-origin"]) == (401, PAGE)

    asyncio.run(run())


def test_without_the_setting_nothing_is_said_about_pages():
    """An OPTIONS is a request as any other, and needs a key."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), running_gateway(engine.url, BERTH_CLIENT_KEYS=KEYS) as gateway:
            headers = {"origin": PAGE, **PREFLIGHT}
            async with gateway.client.options(gateway.url + "/v1/models", headers=headers) as got:
                assert got.status == 401
                assert "access-control-allow-origin" not in got.headers

    asyncio.run(run())


@pytest.mark.parametrize("origin", ["app.example.com", "https://app.example.com/", "https://a b", ""])
def test_what_is_no_origin_is_refused_at_the_start(origin: str):
    """A browser would never send it."""
    with pytest.raises(ConfigError, match=r"cors_origins\[0\]: .* is not allowed; set it to a list of origins such as"):
        load_config(environment(BERTH_CONFIG=json.dumps({"cors_origins": [origin]})))
