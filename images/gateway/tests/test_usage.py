"""Are tokens counted as the engine counted them, whatever form its answer has?"""

from __future__ import annotations

import json

import pytest
from gateway.usage import TAIL_BYTES, Tokens, UsageTail

CHAT_USAGE = '"usage":{"prompt_tokens":5,"total_tokens":9,"completion_tokens":4,"prompt_tokens_details":null}'


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        (f'{{"choices":[],{CHAT_USAGE},"prompt_logprobs":null}}', Tokens(5, 4)),
        ('{"data": [],\n "usage": {"prompt_tokens": 8, "total_tokens": 8}}', Tokens(8, 0)),
        (
            'event: response.completed\ndata: {"response":{"usage":{"input_tokens":3,"output_tokens":2}}}\n\n',
            Tokens(3, 2),
        ),
        ('data: {"usage":{"prompt_tokens":5,"completion_tokens":1}}\n\ndata: {' + CHAT_USAGE + "}\n\n", Tokens(5, 4)),
        ("data: {" + CHAT_USAGE + '}\n\ndata: {"choices":[],"usage":null}\n\ndata: [DONE]\n\n', Tokens(5, 4)),
        ("data: [DONE]\n\n", Tokens(0, 0)),
        ('{"usage":{"prompt_tokens":-1,"completion_tokens":true}}', Tokens(0, 0)),
        ('{"usage":{"prompt_tokens":5,"compl', Tokens(0, 0)),
        ("", Tokens(0, 0)),
    ],
    ids=["chat", "embeddings", "responses", "last wins", "null after", "none", "nonsense", "cut off", "empty"],
)
def test_the_last_usage_object_counts(text: str, tokens: Tokens):
    """Chat, embeddings, responses and streams are read alike; what is not there counts as zero."""
    tail = UsageTail()
    tail.feed(text.encode())
    assert tail.tokens() == tokens


def test_text_that_looks_like_usage_is_not_counted():
    """A model that writes `"usage":{...}` into its answer changes no bill: in a string its quotes are escaped."""
    content = '"usage":{"prompt_tokens":999,"completion_tokens":999}'
    tail = UsageTail()
    tail.feed(json.dumps({"usage": {"prompt_tokens": 1, "completion_tokens": 2}, "z": content}).encode())
    assert tail.tokens() == Tokens(1, 2)


def test_chunks_may_break_anywhere_and_memory_stays_bounded():
    """A long answer in single bytes at its end costs a bounded buffer and still counts."""
    tail = UsageTail()
    for _ in range(100):
        tail.feed(b"x" * TAIL_BYTES)
    for byte in ("{" + CHAT_USAGE + "}").encode():
        tail.feed(bytes([byte]))
    assert tail.tokens() == Tokens(5, 4)
    assert len(tail._tail) <= 2 * TAIL_BYTES
