"""Group `gateway`: limits, fallback, templates and the front."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.spec.fallback import FallbackSpec
from components.spec.template import TemplateSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.spec import ServiceSpec

KEYS: dict[str, Any] = {"keys_secret": "berth/client-keys"}
HOSTED = "https://api.groq.com/openai/v1"
PRICED: dict[str, Any] = {"url": HOSTED, "usd_per_million_input": 0.05, "usd_per_million_output": 0.08}


def test_a_gateway_is_modest_when_nothing_is_said(read: Callable[..., ServiceSpec], base: dict[str, Any]) -> None:
    """No front, no limit, nobody to take over, no page that may call, and no prompt in a log."""
    gateway = read(base).gateway
    assert (gateway.front, gateway.log_prompts, gateway.hold_seconds) == (False, False, 0)
    assert (gateway.fallback, gateway.templates, gateway.cors_origins, gateway.limits_given) == ((), {}, (), ())


def test_everything_can_be_said_at_once(read: Callable[..., ServiceSpec], base: dict[str, Any]) -> None:
    """Each field arrives with the value that was written."""
    given = {
        **KEYS,
        "front": True,
        "requests_per_minute": 60,
        "tokens_per_minute": 90_000,
        "concurrency": 4,
        "usd_per_month": 25.5,
        "fallback": [{**PRICED, "model": "llama-3.1-8b-instant", "key_secret": "groq/key"}, {"service": "other"}],
        "templates": {"support": {"system": "You are brief.", "parameters": {"temperature": 0.2, "seed": 7}}},
        "cors_origins": ["https://app.example.com", "http://localhost:3000"],
        "log_prompts": True,
        "hold_seconds": 30,
    }
    gateway = read({**base, "gateway": given}).gateway
    assert gateway.limits_given == ("requests_per_minute", "tokens_per_minute", "concurrency", "usd_per_month")
    assert gateway.fallback == (
        FallbackSpec(
            url=HOSTED,
            model="llama-3.1-8b-instant",
            key_secret="groq/key",
            usd_per_million_input=0.05,
            usd_per_million_output=0.08,
        ),
        FallbackSpec(service="other"),
    )
    assert gateway.templates == {
        "support": TemplateSpec(system="You are brief.", parameters={"temperature": 0.2, "seed": 7})
    }
    assert gateway.cors_origins == ("https://app.example.com", "http://localhost:3000")
    assert (gateway.front, gateway.usd_per_month, gateway.hold_seconds) == (True, 25.5, 30)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"usd_per_month": 5, "concurrency": 2},
            (
                "gateway: has concurrency, usd_per_month and no keys_secret: a limit holds for each key; "
                "store the clients' keys in Secrets Manager and write the secret's name as keys_secret"
            ),
        ),
        ({**KEYS, "usd_per_month": 0}, "gateway.usd_per_month: 0 is not above 0; use a number above 0"),
        ({**KEYS, "concurrency": 0}, "gateway.concurrency: 0 is less than 1; use 1 or more"),
        (
            {"fallback": [{"url": "http://api.example.com/v1"}]},
            (
                "gateway.fallback[0].url: http://api.example.com/v1 is not the base URL of an API over HTTPS on port "
                "443; write it as an OpenAI SDK takes it, without a key in it: https://api.groq.com/openai/v1"
            ),
        ),
        (
            {"fallback": [{"url": "https://key@api.example.com/v1"}]},
            (
                "gateway.fallback[0].url: https://key@api.example.com/v1 is not the base URL of an API over HTTPS on "
                "port 443; write it as an OpenAI SDK takes it, without a key in it: https://api.groq.com/openai/v1"
            ),
        ),
        (
            {"fallback": [{"url": HOSTED, "service": "other"}]},
            (
                "gateway.fallback[0]: has both url and service; "
                "give the url of an API, or the name of a service of the stack"
            ),
        ),
        (
            {"fallback": [{"model": "x"}]},
            (
                "gateway.fallback[0]: has neither url nor service; "
                "give the url of an API, or the name of a service of the stack"
            ),
        ),
        (
            {**KEYS, "usd_per_month": 5, "fallback": [{"url": HOSTED}, {"service": "other"}]},
            (
                "gateway: has usd_per_month and a fallback without a price, https://api.groq.com/openai/v1, that keys "
                "could use for nothing; give it usd_per_million_input and usd_per_million_output"
            ),
        ),
        (
            {"fallback": [{"url": HOSTED, "usd_per_million_input": 1}]},
            "gateway.fallback[0]: has a price for prompts or for answers alone; give both, or neither",
        ),
        (
            {"fallback": [{"service": "other", "usd_per_million_input": 1, "usd_per_million_output": 1}]},
            (
                "gateway.fallback[0]: has a price by tokens and is a service of the stack, which has one by the hour; "
                "remove it"
            ),
        ),
        ({"fallback": [{"modell": "x"}]}, "gateway.fallback[0].modell: is an unknown field; did you mean model?"),
        (
            {"templates": {"Support": {"system": "x"}}},
            "gateway.templates: has the name 'Support'; use up to 32 lower-case letters, digits, - and _, as support",
        ),
        (
            {"templates": {"support": {"sistem": "x"}}},
            "gateway.templates.support.sistem: is an unknown field; did you mean system?",
        ),
        (
            {"templates": {"support": {}}},
            "gateway.templates.support: adds nothing; give it a system text or parameters, or remove it",
        ),
        (
            {"templates": {"support": {"parameters": {"messages": "x"}}}},
            "gateway.templates.support.parameters: has messages, which every client sends itself; remove messages",
        ),
        (
            {"templates": {"support": {"parameters": {"stop": ["a"]}}}},
            ("gateway.templates.support.parameters: has stop: ['a']; give a text, a number, true or false"),
        ),
        (
            {"templates": {"a": {"system": "x" * 6_000}, "b": {"system": "x" * 6_000}}},
            (
                "gateway.templates: has 12,004 characters together, a task definition has room for 12,000; "
                "shorten the system texts, or let clients send the longest themselves"
            ),
        ),
        (
            {"cors_origins": ["https://app.example.com/"]},
            (
                "gateway.cors_origins: has https://app.example.com/, which is not an origin; "
                'write "https://app.example.com", or "*" for all'
            ),
        ),
        (
            {"cors_origins": ["*", "https://app.example.com"]},
            'gateway.cors_origins: has "*" beside others; write ["*"] alone, or name each origin',
        ),
        (
            {"max_request": "1m", "hold_seconds": 60},
            (
                "gateway: has hold_seconds 60 and max_request 1m, which would be over by then; "
                "lower hold_seconds, or raise max_request"
            ),
        ),
    ],
)
def test_what_cannot_be_is_refused(
    problems: Callable[..., list[str]], base: dict[str, Any], given: dict[str, Any], message: str
) -> None:
    """Each mistake is one message with its place and a fix."""
    assert problems({**base, "gateway": given}) == [f"chat.yaml: {message}"]


def test_a_template_named_like_a_field_has_its_own_fields(
    problems: Callable[..., list[str]], base: dict[str, Any]
) -> None:
    """The key of a mapping is no field, whatever it is called."""
    assert problems({**base, "gateway": {"templates": {"system": {"x": 1}}}}) == [
        "chat.yaml: gateway.templates.system.x: is an unknown field; use one of: parameters, system"
    ]


def test_a_key_in_a_specs_runpod_block_is_a_reference(problems: Callable[..., list[str]], base: dict[str, Any]) -> None:
    """A RunPod key that stands in the file is refused, and not repeated."""
    [problem] = problems({**base, "runpod": {"api_key_secret": "rpa_ABCDEFGH"}})
    assert problem.startswith("chat.yaml: runpod.api_key_secret: rpa_… looks like the secret itself")
