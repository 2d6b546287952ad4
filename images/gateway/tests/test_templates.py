"""What does a named template make of a request, and is every other request left as it was, byte for byte?"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from fake_engine import FakeEngine, whole
from gateway.config.load import ConfigError, load_config
from gateway.config.templates import TemplateConfig
from gateway.document import Document
from gateway.errors import RefusedError
from gateway.templates import Templates
from hypothesis import given
from hypothesis import strategies as st
from running_gateway import RunningGateway, environment, running_gateway

CHAT = "/v1/chat/completions"
SUPPORT = TemplateConfig(
    system_prefix="You help.",
    system_suffix="Be brief.",
    defaults={"temperature": 0.2, "max_tokens": 500},
    fixed={"top_p": 0.9},
    models=("chat",),
)
TEMPLATES = Templates({"support": SUPPORT, "cold": TemplateConfig(defaults={"temperature": 0})}, {"a@b"})


def filled(asked: dict[str, Any], path: str = CHAT) -> Any:
    body = TEMPLATES.filled_in(Document(json.dumps(asked).encode()), path)
    return None if body is None else json.loads(body)


def refusal(asked: dict[str, Any], path: str = CHAT) -> Any:
    with pytest.raises(RefusedError) as caught:
        filled(asked, path)
    return caught.value.error


def ask(*messages: Any, **members: Any) -> dict[str, Any]:
    return {
        "model": "chat@support",
        "messages": list(messages),
        "temperature": 1,
        "max_tokens": 5,
        "top_p": 0.9,
    } | members


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([{"role": "user", "content": "Hi"}], {"role": "system", "content": "You help.\n\nBe brief."}),
        (
            [{"role": "system", "content": "Be kind."}],
            {"role": "system", "content": "You help.\n\nBe kind.\n\nBe brief."},
        ),
        (
            [{"role": "developer", "content": [{"type": "text", "text": "Be kind."}], "name": "x"}],
            {
                "role": "developer",
                "content": [{"type": "text", "text": text} for text in ("You help.", "Be kind.", "Be brief.")],
                "name": "x",
            },
        ),
        ([], {"role": "system", "content": "You help.\n\nBe brief."}),
    ],
)
def test_the_system_message_is_put_around_the_clients(messages: list[Any], expected: Any):
    """Around its text or its parts where it has one, before everything else where it has none."""
    got = filled(ask(*messages))
    assert got["model"] == "chat"
    assert got["messages"][0] == expected
    assert got["messages"][1:] == [message for message in messages if message["role"] == "user"]


def test_responses_have_instructions_instead():
    """The same texts around the client's own instructions."""
    got = filled({"model": "chat@support", "input": "Hi", "instructions": "Be kind."}, "/v1/responses")
    assert got["instructions"] == "You help.\n\nBe kind.\n\nBe brief."
    got = filled({"model": "chat@support", "input": "Hi"}, "/v1/responses")
    assert got["instructions"] == "You help.\n\nBe brief."


def test_parameters_are_filled_in_where_the_client_says_nothing():
    """Null counts as nothing, and max_completion_tokens as max_tokens; what is fixed may be repeated."""
    got = filled({"model": "chat@support", "messages": [], "temperature": None})
    assert (got["temperature"], got["max_tokens"], got["top_p"]) == (0.2, 500, 0.9)
    got = filled({"model": "chat@support", "messages": [], "temperature": 1, "max_completion_tokens": 9, "top_p": 0.9})
    assert (got["temperature"], got.get("max_tokens"), got["max_completion_tokens"]) == (1, None, 9)


def test_what_is_fixed_cannot_be_set_otherwise():
    """The client hears which parameter to leave out, rather than getting another answer than it asked for."""
    error = refusal(ask(top_p=0.5))
    assert (error.status, error.code, error.param) == (400, "invalid_body", "top_p")
    assert error.message.startswith("the template 'support' sets top_p to a value of its own, so leave top_p out;")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("chat@suport", "the model 'chat@suport' does not exist here; use one of: chat@support"),
        ("chat@", "the model 'chat@' does not exist here; use one of: chat@support, chat@cold"),
        ("other@support", "the model 'other@support' does not exist here; use one of: other@cold"),
        ("@support", "the model '@support' does not exist here; use one of: a model's name alone"),
    ],
)
def test_a_template_that_does_not_exist_is_a_model_that_does_not(model: str, message: str):
    """404 as for any other model, with what was probably meant."""
    error = refusal({"model": model, "messages": []})
    assert (error.status, error.code, error.param) == (404, "model_not_found", "model")
    assert error.message == message


@pytest.mark.parametrize(
    ("asked", "path", "param"),
    [
        ({"model": "chat@support", "prompt": "x"}, "/v1/completions", "model"),
        ({"model": "chat@support", "messages": "x"}, CHAT, "messages"),
        ({"model": "chat@support", "messages": [{"role": "system", "content": 7}]}, CHAT, "messages"),
        ({"model": "chat@support", "instructions": 7}, "/v1/responses", "instructions"),
    ],
)
def test_what_cannot_take_a_system_message_is_refused(asked: dict[str, Any], path: str, param: str):
    """Leaving it out silently would answer without the operator's rules."""
    assert (refusal(asked, path).status, refusal(asked, path).param) == (400, param)


@given(
    st.dictionaries(
        st.text().filter(lambda name: name not in {"model", "temperature"}),
        st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists),
    )
)
def test_only_what_the_template_says_changes(members: dict[str, Any]):
    """Every other member keeps its bytes; a model that has an @ of its own is no template."""
    body = json.dumps({**members, "model": "m@cold"}, indent=1, ensure_ascii=False).encode()
    expected = body.replace(b'"m@cold"', b'"m"')
    assert TEMPLATES.filled_in(Document(body), CHAT) == b'{"temperature": 0, ' + expected[1:]
    assert filled({**members, "model": "a@b"}) is None


async def post(gateway: RunningGateway, body: bytes) -> tuple[int, Any]:
    async with gateway.client.post(gateway.url + CHAT, data=body) as got:
        return got.status, json.loads(await got.read())


def test_through_the_gateway():
    """The engine sees the filled-in request, others pass as they came, and the list of models names the templates."""

    async def run() -> None:
        engine = FakeEngine(whole(b'{"ok": true}'))
        config = json.dumps({"templates": {"support": {"system_prefix": "You help."}}})
        async with engine.running(), running_gateway(engine.url, BERTH_CONFIG=config) as gateway:
            assert await post(gateway, b'{ "model":"org/model@support","messages":[]}') == (200, {"ok": True})
            assert engine.seen[-1].body == (
                b'{ "model":"org/model","messages":[{"role": "system", "content": "You help."}]}'
            )
            plain = b'{ "model":"org/model" , "messages":[] }'
            await post(gateway, plain)
            assert engine.seen[-1].body == plain
            status, error = await post(gateway, b'{"model":"org/model@nothing"}')
            assert (status, error["error"]["code"]) == (404, "model_not_found")
            async with gateway.client.get(gateway.url + "/v1/models") as got:
                assert [model["id"] for model in (await got.json())["data"]] == ["org/model", "org/model@support"]
        assert len(engine.seen) == 2

    asyncio.run(run())


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ({"fixed": {"model": "x"}}, "BERTH_CONFIG: templates.t: model is no parameter; leave it out"),
        (
            {"fixed": {"n": 1}, "defaults": {"n": 2}},
            "BERTH_CONFIG: templates.t: n is in defaults and in fixed; keep one",
        ),
        ({"prefix": "x"}, "BERTH_CONFIG: templates.t.prefix: unknown; did you mean system_prefix?"),
    ],
)
def test_a_template_that_makes_no_sense_is_refused_at_the_start(template: dict[str, Any], problem: str):
    """With the place in the document."""
    with pytest.raises(ConfigError) as caught:
        load_config(environment(BERTH_CONFIG=json.dumps({"templates": {"t": template}})))
    assert caught.value.problems == [problem]
