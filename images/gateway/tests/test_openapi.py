"""Does the gateway keep to its own description, whatever is sent? No 500, no other status, no other shape."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
import schemathesis
from background import in_background
from fake_vllm import FakeVllm
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from running_gateway import running_gateway
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

KEY = "sk-client-1"
KEYS = json.dumps({"team-a": hashlib.sha256(KEY.encode()).hexdigest()})
MODELS = ["org/model", "org/other"]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# Requests are made from a schema and sent over a socket: slower than what Hypothesis is used to.
UNUSUAL = [
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
]
OPERATIONS = [
    ("GET", "/healthz"),
    ("GET", "/metrics"),
    ("GET", "/readyz"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/{model}"),
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/completions"),
    ("POST", "/v1/embeddings"),
    ("POST", "/v1/responses"),
]


@asynccontextmanager
async def before_an_engine() -> AsyncIterator[str]:
    vllm = FakeVllm()
    async with vllm.engine.running(), running_gateway(vllm.engine.url, BERTH_CLIENT_KEYS=KEYS) as gateway:
        yield gateway.url


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with in_background(before_an_engine) as found:
        yield found


@pytest.fixture(scope="module")
def described(url: str) -> Any:
    with urlopen(url + "/openapi.json", timeout=10) as answer:  # noqa: S310 our own address
        return json.load(answer)


def test_every_route_is_described(described: Any):
    """The gateway's own and OpenAI's, and no route that would describe the description."""
    found = [(method.upper(), path) for path, methods in described["paths"].items() for method in methods]
    assert sorted(found) == OPERATIONS


@pytest.mark.parametrize("key", [KEY, None], ids=["with a key", "without"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_the_document_allows_and_what_it_forbids_is_answered_as_it_says(
    url: str, described: Any, method: str, path: str, key: str | None
):
    """Generated requests, right and wrong ones: each answer's status, type and shape are among those described."""
    for one in described["paths"].values():
        if "post" in one:
            # Of any text, hardly one would be the model that the engine has.
            asked = one["post"]["requestBody"]["content"]["application/json"]["schema"]
            asked["properties"]["model"] = {"enum": MODELS}
    operation = schemathesis.openapi.from_dict(described)[path][method]
    wrong = [operation.as_strategy(GenerationMode.NEGATIVE)] if method == "POST" else []
    headers = {"authorization": f"Bearer {key}"} if key else {}
    seen = Counter[int]()

    @settings(max_examples=40, deadline=None, suppress_health_check=UNUSUAL, phases=[Phase.generate])
    @given(st.one_of(operation.as_strategy(), *wrong))
    def ask(case: Any) -> None:
        answer = case.call_and_validate(base_url=url, headers=headers, checks=CHECKS)
        seen[answer.status_code] += 1

    ask()
    open_to_all = path in {"/healthz", "/readyz"}
    # Some of the generated requests have an authorization of their own, which is wrong.
    assert set(seen) <= ({200, 400, 401, 404} if key else {200} if open_to_all else {401})
    # The checks have had something to look at: right requests pass, and wrong ones come as well.
    assert key is None or 200 in seen or path == "/v1/models/{model}"
    assert key is None or method == "GET" or {400, 404} & set(seen)
