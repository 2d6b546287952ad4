"""Under which names do engines say how they are? vLLM's, TGI's and llama.cpp's, and the one that each becomes here.

vLLM 0.33.0 (2026-11; `vllm:gpu_cache_usage_perc` is its older name), TGI 3.3.6, llama.cpp's server as of 2026-10.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

WAITING = "requests_waiting"
RUNNING = "requests_running"
FULLEST = "kv_cache_usage_ratio"

OURS = {
    "vllm:num_requests_running": RUNNING,
    "vllm:num_requests_waiting": WAITING,
    "vllm:kv_cache_usage_perc": FULLEST,
    "vllm:gpu_cache_usage_perc": FULLEST,
    "vllm:prompt_tokens_total": "prompt_tokens_total",
    "vllm:generation_tokens_total": "generation_tokens_total",
    "vllm:num_preemptions_total": "preemptions_total",
    "vllm:prefix_cache_queries_total": "prefix_cache_queries_total",
    "vllm:prefix_cache_hits_total": "prefix_cache_hits_total",
    "vllm:time_to_first_token_seconds_sum": "time_to_first_token_seconds_sum",
    "vllm:time_to_first_token_seconds_count": "time_to_first_token_seconds_count",
    "vllm:inter_token_latency_seconds_sum": "inter_token_seconds_sum",
    "vllm:inter_token_latency_seconds_count": "inter_token_seconds_count",
    "vllm:request_queue_time_seconds_sum": "queue_seconds_sum",
    "vllm:request_queue_time_seconds_count": "queue_seconds_count",
    "vllm:e2e_request_latency_seconds_sum": "request_seconds_sum",
    "vllm:e2e_request_latency_seconds_count": "request_seconds_count",
    "tgi_batch_current_size": RUNNING,
    "tgi_queue_size": WAITING,
    "tgi_request_input_length_sum": "prompt_tokens_total",
    "tgi_request_generated_tokens_sum": "generation_tokens_total",
    "tgi_request_mean_time_per_token_duration_sum": "inter_token_seconds_sum",
    "tgi_request_mean_time_per_token_duration_count": "inter_token_seconds_count",
    "tgi_request_queue_duration_sum": "queue_seconds_sum",
    "tgi_request_queue_duration_count": "queue_seconds_count",
    "tgi_request_duration_sum": "request_seconds_sum",
    "tgi_request_duration_count": "request_seconds_count",
    "llamacpp:requests_processing": RUNNING,
    "llamacpp:requests_deferred": WAITING,
    "llamacpp:kv_cache_usage_ratio": FULLEST,
    "llamacpp:prompt_tokens_total": "prompt_tokens_total",
    "llamacpp:tokens_predicted_total": "generation_tokens_total",
}
GAUGES = frozenset({RUNNING, WAITING, FULLEST})
# The brackets of labels are told from those in a label's value by its quotes.
SAMPLE = re.compile(
    rf'^(({"|".join(map(re.escape, OURS))})(?:\{{(?:[^"\n}}]|"(?:[^"\\\n]|\\.)*")*\}})?)[ \t]+(\S+)', re.MULTILINE
)


class Reading(NamedTuple):
    """One sample of an engine's."""

    name: str
    """What it is called here."""
    source: str
    """What it is called there, with its labels: each process and adapter of an engine counts for itself."""
    value: float


def readings_in(text: str) -> list[Reading]:
    """The samples of known names in a page of Prometheus' text format.

    >>> readings_in('vllm:num_requests_waiting{engine="0"} 3.0')
    [Reading(name='requests_waiting', source='vllm:num_requests_waiting{engine="0"}', value=3.0)]
    """
    found: list[Reading] = []
    for source, name, written in SAMPLE.findall(text):
        try:
            value = float(written)
        except ValueError:
            continue
        if math.isfinite(value) and value >= 0:
            found.append(Reading(OURS[name], source, value))
    return found
