"""Does a job become the request that its sender meant, or a refusal that says what is allowed?"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runpod_worker.job import EngineRequest, JobError, engine_request
from runpod_worker.sse import Events

ROUTES = ("/v1/",)
MESSAGES = [{"role": "user", "content": "Hi"}]


@pytest.mark.parametrize(
    ("given_input", "request_"),
    [
        (
            {"openai_route": "/v1/chat/completions", "openai_input": {"messages": MESSAGES, "stream": True}},
            EngineRequest("/v1/chat/completions", "POST", {"messages": MESSAGES, "stream": True}),
        ),
        ({"openai_input": {"messages": []}}, EngineRequest("/v1/chat/completions", "POST", {"messages": []})),
        ({"openai_route": "/v1/models", "openai_input": {}}, EngineRequest("/v1/models", "GET", None)),
        ({"route": "/v1/models"}, EngineRequest("/v1/models", "GET", None)),
        ({"route": "/v1/embeddings", "body": {"input": "a"}}, EngineRequest("/v1/embeddings", "POST", {"input": "a"})),
        ({"route": "/v1/models", "method": "post"}, EngineRequest("/v1/models", "POST", None)),
        (
            {"messages": MESSAGES, "sampling_params": {"temperature": 0}, "stream": True},
            EngineRequest("/v1/chat/completions", "POST", {"temperature": 0, "messages": MESSAGES, "stream": True}),
        ),
        ({"prompt": "Hi"}, EngineRequest("/v1/completions", "POST", {"prompt": "Hi"})),
    ],
)
def test_each_form_of_a_job_is_one_request(given_input: dict[str, Any], request_: EngineRequest):
    """RunPod's OpenAI route, a route of the sender's choice, and the short form; the same as worker-vllm takes."""
    assert engine_request({"input": given_input}, ROUTES, None) == request_


def test_a_model_is_filled_in_where_none_is_named():
    """Never in place of one that is."""
    with_model = {"openai_input": {"messages": [], "model": "mine"}}
    assert engine_request({"input": with_model}, ROUTES, "ours").body == {"messages": [], "model": "mine"}
    assert engine_request({"input": {"openai_input": {"n": 1}}}, ROUTES, "ours").body == {"n": 1, "model": "ours"}
    assert engine_request({"input": {"route": "/v1/models"}}, ROUTES, "ours").body is None


@pytest.mark.parametrize(
    ("given_input", "message"),
    [
        ("Hi", "input: str is not an object; write openai_route with openai_input, or route with body, or messages"),
        ({}, "input: has no request in it; write openai_route"),
        ({"route": "@example.com/v1/"}, "route: '@example.com/v1/' is not offered here; use one below /v1/"),
        ({"route": "http://example.com/v1/"}, "is not offered here"),
        ({"route": "/v1/../sleep"}, "route: '/v1/../sleep' is not offered here"),
        ({"route": "/sleep"}, "route: '/sleep' is not offered here"),
        ({"openai_route": 7}, "route: 7 is not offered here"),
        ({"route": "/v1/models", "method": "DELETE"}, "method: 'DELETE' is not GET or POST"),
        ({"openai_input": "Hi"}, "body: str is not an object"),
        ({"prompt": "Hi", "sampling_params": 3}, "sampling_params: int is not an object"),
    ],
)
def test_what_is_no_request_is_refused_in_one_line(given_input: Any, message: str):
    """The route decides where a request goes, so nothing but a path below the offered ones passes."""
    with pytest.raises(JobError, match=message.replace("(", r"\(")):
        engine_request({"input": given_input}, ROUTES, None)


def test_further_routes_are_offered_by_name():
    """An engine of one's own may have more than OpenAI's."""
    assert engine_request({"input": {"route": "/tokenize", "body": {"a": 1}}}, ("/v1/", "/tokenize"), None).route == (
        "/tokenize"
    )


@given(
    words=st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",))), max_size=5),
    cuts=st.lists(st.integers(0, 200), max_size=8),
)
def test_events_come_whole_wherever_the_bytes_are_cut(words: list[str], cuts: list[int]):
    """Nothing is lost or torn, in the middle of a character neither; each text that comes ends an event."""
    stream = "".join(f"data: {word}\n\n" for word in words).encode()
    ends = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    events = Events()
    texts = [events.add(stream[begin:end]) for begin, end in itertools.pairwise(ends)]
    assert "".join(texts) == stream.decode()
    assert [text for text in texts if text and not text.endswith("\n\n")] == []
    assert events.rest == ""
