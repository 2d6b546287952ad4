"""Which metrics does /metrics have? Their names, kinds, labels and meanings; the README's table is made from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram", "summary"]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric; every sample also has `stack` and `service`."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    meaning: str


def _counter(name: str, labels: tuple[str, ...], meaning: str) -> Family:
    return Family(f"berth_{name}_total", "counter", labels, meaning)


def _gauge(name: str, labels: tuple[str, ...], meaning: str) -> Family:
    return Family(f"berth_{name}", "gauge", labels, meaning)


_USER = ("key", "model")
_UPSTREAM = ("upstream",)

INFO = _gauge("gateway_info", ("model", "version"), "Always 1.")
DRAINING = _gauge("gateway_draining", (), "1 while the process is shutting down.")
PROTECTED = _gauge("gateway_protected", (), "1 while ECS is asked not to stop this task.")
PROTECTION_FAILURES = _counter("gateway_protection_failures", (), "Times that ECS did not grant it.")

IN_FLIGHT = _gauge("requests_in_flight", _USER, "Requests at an upstream now.")
HELD = _gauge("requests_held", (), "Requests that wait here for a sleeping service.")
REQUESTS = _counter(
    "requests", (*_USER, "status", "outcome"), "Requests below /v1 that are over, refused ones included."
)
TOKENS_IN = _counter("tokens_in", _USER, "Prompt tokens, as answers report them in `usage`.")
TOKENS_OUT = _counter("tokens_out", _USER, "Generated tokens, likewise; of streams without `usage`, chunks.")
TOKENS_ESTIMATED = _counter("tokens_out_estimated", _USER, "The part of these that are chunks: a lower bound.")
COST = _counter("cost_usd", _USER, "What requests cost, by the prices that the gateway was given.")
FIRST_TOKEN = Family(
    "berth_time_to_first_token_seconds",
    "histogram",
    _USER,
    "From a request's head to its stream's first event, waiting and fallbacks included.",
)
OUTPUT_TOKEN = Family(
    "berth_time_per_output_token_seconds",
    "histogram",
    _USER,
    "Mean time between two tokens of a complete stream, behind its first.",
)
DURATION = Family(
    "berth_request_duration_seconds", "histogram", _USER, "From a forwarded request's head to its answer's end."
)

UPSTREAM_IN_FLIGHT = _gauge("upstream_in_flight", _UPSTREAM, "Requests at this upstream now.")
UPSTREAM_ATTEMPTS = _counter(
    "upstream_attempts",
    (*_UPSTREAM, "result"),
    "Requests sent to it: answered, error, unreachable, broke_off, no_first_byte, or ended (by client or time).",
)
BREAKER_OPEN = _gauge("upstream_breaker_open", _UPSTREAM, "1 while it is left alone after failures.")

ENGINE_UP = _gauge("engine_up", _UPSTREAM, "1 when its metrics could be read the last time.")
ENGINE_FAILURES = _counter("engine_scrape_failures", _UPSTREAM, "Times that they could not.")
ENGINE_RESTARTS = _counter("engine_restarts", _UPSTREAM, "Times that its counters began anew.")


def _of_engine(name: str, kind: Kind, meaning: str) -> Family:
    return Family(f"berth_engine_{name}", kind, _UPSTREAM, meaning)


ENGINE = (
    _of_engine("requests_running", "gauge", "Requests that it works on."),
    _of_engine("requests_waiting", "gauge", "Requests that wait inside it."),
    _of_engine("kv_cache_usage_ratio", "gauge", "Used part of its KV cache, from 0 to 1; the fullest of several."),
    _of_engine("prompt_tokens_total", "counter", "Prompt tokens that it has processed."),
    _of_engine("generation_tokens_total", "counter", "Tokens that it has generated."),
    _of_engine("preemptions_total", "counter", "Requests that it has put back for want of KV cache."),
    _of_engine("prefix_cache_queries_total", "counter", "Tokens that it has looked for in its prefix cache."),
    _of_engine("prefix_cache_hits_total", "counter", "Tokens that it has found there."),
    _of_engine("time_to_first_token_seconds", "summary", "As the engine counts it."),
    _of_engine("inter_token_seconds", "summary", "Time between two tokens, as the engine counts it."),
    _of_engine("queue_seconds", "summary", "Time that requests have waited inside it."),
    _of_engine("request_seconds", "summary", "Time from a request's arrival there to its end."),
)

RESIDENT = Family("process_resident_memory_bytes", "gauge", (), "Memory of the gateway's process.")
CPU = Family("process_cpu_seconds_total", "counter", (), "Processor time of the gateway's process.")
STARTED = Family("process_start_time_seconds", "gauge", (), "When it started, in seconds since 1970.")

FAMILIES = (
    INFO,
    DRAINING,
    PROTECTED,
    PROTECTION_FAILURES,
    IN_FLIGHT,
    HELD,
    REQUESTS,
    TOKENS_IN,
    TOKENS_OUT,
    TOKENS_ESTIMATED,
    COST,
    FIRST_TOKEN,
    OUTPUT_TOKEN,
    DURATION,
    UPSTREAM_IN_FLIGHT,
    UPSTREAM_ATTEMPTS,
    BREAKER_OPEN,
    ENGINE_UP,
    ENGINE_FAILURES,
    ENGINE_RESTARTS,
    *ENGINE,
    RESIDENT,
    CPU,
    STARTED,
)
