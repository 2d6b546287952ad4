"""Changes of single fields of group `gateway`: in the gateway beside an engine, and in a front before any target."""

from __future__ import annotations

from typing import Any

API: dict[str, Any] = {"url": "https://api.groq.com/openai/v1"}
PRICED: dict[str, Any] = {**API, "usd_per_million_input": 0.05, "usd_per_million_output": 0.08}
TEMPLATE: dict[str, Any] = {"system": "You are brief.", "parameters": {"temperature": 0.2}}
_PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "requests_per_minute": ({}, {"requests_per_minute": 60}),
    "tokens_per_minute": ({}, {"tokens_per_minute": 90_000}),
    "concurrency": ({}, {"concurrency": 4}),
    "usd_per_month": ({}, {"usd_per_month": 25.5}),
    "fallback": ({}, {"fallback": [API]}),
    "fallback.url": ({"fallback": [API]}, {"fallback": [{"url": "https://api.example.com/v1"}]}),
    "fallback.service": ({"fallback": [API]}, {"fallback": [{"service": "other"}]}),
    "fallback.model": ({"fallback": [API]}, {"fallback": [{**API, "model": "llama-3.1-8b-instant"}]}),
    "fallback.key_secret": ({"fallback": [API]}, {"fallback": [{**API, "key_secret": "groq/key"}]}),
    "fallback.usd_per_million_input": ({"fallback": [PRICED]}, {"fallback": [{**PRICED, "usd_per_million_input": 1}]}),
    "fallback.usd_per_million_output": (
        {"fallback": [PRICED]},
        {"fallback": [{**PRICED, "usd_per_million_output": 1}]},
    ),
    "templates": ({}, {"templates": {"support": TEMPLATE}}),
    "templates.system": (
        {"templates": {"support": TEMPLATE}},
        {"templates": {"support": {**TEMPLATE, "system": "You are long."}}},
    ),
    "templates.parameters": (
        {"templates": {"support": TEMPLATE}},
        {"templates": {"support": {**TEMPLATE, "parameters": {"temperature": 1}}}},
    ),
    "cors_origins": ({}, {"cors_origins": ["https://app.example.com"]}),
    "log_prompts": ({}, {"log_prompts": True}),
}


def _gateway(base: dict[str, Any]) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    return {
        f"gateway.{name}": ({"gateway": {**base, **before}}, {"gateway": {**base, **after}})
        for name, (before, after) in _PAIRS.items()
    }


WITH_A_FRONT = _gateway({"front": True})
GATEWAY_CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "gateway.front": ({}, {"gateway": {"front": True}}),
    "gateway.hold_seconds": ({"gateway": {"front": True}}, {"gateway": {"front": True, "hold_seconds": 30}}),
    **_gateway({}),
}
