"""Are tokens counted as the engine counted them, whatever form its answer has?"""

from __future__ import annotations

import json

import pytest
from gateway.usage import TAIL_BYTES, DocumentUsage, StreamUsage, Tokens, stream_usage
from hypothesis import given
from hypothesis import strategies as st

CHAT, COMPLETIONS, RESPONSES = "/v1/chat/completions", "/v1/completions", "/v1/responses"
CHAT_USAGE = '"usage":{"prompt_tokens":5,"total_tokens":9,"completion_tokens":4,"prompt_tokens_details":null}'
DONE = "data: [DONE]\n\n"


def streamed(path: str, *chunks: str) -> Tokens:
    usage = stream_usage(path)
    for chunk in chunks:
        usage.feed(chunk.encode())
    return usage.tokens()


def chat_chunk(content: str | None = "x", finish: str | None = None) -> str:
    delta = {"role": "assistant", "content": ""} if content is None else {"content": content}
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta, 'finish_reason': finish}]})}\n\n"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        (f'{{"choices":[],{CHAT_USAGE},"prompt_logprobs":null}}', Tokens(5, 4)),
        ('{"data": [],\n "usage": {"prompt_tokens": 8, "total_tokens": 8}}', Tokens(8, 0)),
        ('{"id":"resp_1","usage":{"input_tokens":3,"output_tokens":2}}', Tokens(3, 2)),
        ('{"usage":{"prompt_tokens":-1,"completion_tokens":true}}', Tokens(0, 0)),
        ('{"usage":{"prompt_tokens":5,"compl', Tokens(0, 0)),
        ('{"usage":' + "[" * 100_000, Tokens(0, 0)),
        ("", Tokens(0, 0)),
    ],
    ids=["chat", "embeddings", "responses", "nonsense", "cut off", "too deep", "empty"],
)
def test_a_documents_usage_counts(text: str, tokens: Tokens):
    """Chat, embeddings and responses are read alike; what is not there counts as zero."""
    usage = DocumentUsage()
    usage.feed(text.encode())
    assert usage.tokens() == tokens


@pytest.mark.parametrize(
    ("path", "chunks", "tokens"),
    [
        (CHAT, [chat_chunk(), f'data: {{"choices":[],{CHAT_USAGE}}}\n\n', DONE], Tokens(5, 4)),
        (
            CHAT,
            ['data: {"usage":{"prompt_tokens":5,"completion_tokens":1}}\n\n', f"data: {{{CHAT_USAGE}}}\n\n"],
            Tokens(5, 4),
        ),
        (CHAT, [f"data: {{{CHAT_USAGE}}}\n\n", 'data: {"choices":[],"usage":null}\n\n', DONE], Tokens(5, 4)),
        (CHAT, [f'data: {{{CHAT_USAGE}}}\n\ndata: {{"choices":[],"usage":null}}\n\n{DONE}'], Tokens(5, 4)),
        (
            RESPONSES,
            ['event: response.completed\ndata: {"response":{"usage": {"input_tokens":3,"output_tokens":2}}}\n\n'],
            Tokens(3, 2),
        ),
    ],
    ids=["before the end", "with each chunk", "null after", "in one piece", "responses"],
)
def test_a_streams_last_usage_object_counts(path: str, chunks: list[str], tokens: Tokens):
    """Wherever usage stands in a stream, and however often, its last object is what the engine says."""
    assert streamed(path, *chunks) == tokens


@pytest.mark.parametrize(
    ("path", "chunks", "tokens_out"),
    [
        (CHAT, [chat_chunk(None), chat_chunk("a"), chat_chunk("b"), chat_chunk("", "stop"), DONE], 2),
        (CHAT, [chat_chunk(None) + chat_chunk("a"), chat_chunk("b")], 2),
        (COMPLETIONS, ['data: {"choices":[{"text":"a"}]}\n\n', 'data: {"choices":[{"text":"b"}]}\n\n'], 2),
        (RESPONSES, ['event: x\ndata: {"type":"response.output_text.delta","delta":"a"}\n\n', ": ping\n\n"], 1),
        (RESPONSES, ['event: response.created\ndata: {"type":"response.created"}\n\n'], 0),
        ("/v1/audio/speech", ['data: {"type":"speech.audio.delta"}\n\n'], 0),
        (CHAT, [chat_chunk(None), ": keep-alive\n\n"], 0),
    ],
    ids=["chat", "chat that was left", "completions", "responses", "nothing yet", "no text", "keep-alive"],
)
def test_a_stream_without_usage_is_estimated_by_its_chunks(path: str, chunks: list[str], tokens_out: int):
    """Each chunk with text is a token or more: a lower bound, and said to be an estimate."""
    assert streamed(path, *chunks) == Tokens(0, tokens_out, estimated=tokens_out > 0)


@given(st.lists(st.text(min_size=1), max_size=20), st.booleans())
def test_no_text_changes_an_estimate(words: list[str], whole: bool):
    """However odd the words (`"choices":` among them), an estimate is the number of chunks that carried one."""
    chunks = [chat_chunk(None), *(chat_chunk(word + '"choices":[] "usage":{}') for word in words)]
    if whole:
        chunks += [chat_chunk("", "stop"), DONE]
    assert streamed(CHAT, *chunks) == Tokens(0, len(words), estimated=bool(words))


def test_text_that_looks_like_usage_is_not_counted():
    """A model that writes `"usage":{...}` into its answer changes no bill: in a string its quotes are escaped."""
    content = '"usage":{"prompt_tokens":999,"completion_tokens":999}'
    usage = DocumentUsage()
    usage.feed(json.dumps({"usage": {"prompt_tokens": 1, "completion_tokens": 2}, "z": content}).encode())
    assert usage.tokens() == Tokens(1, 2)
    assert streamed(COMPLETIONS, f"data: {json.dumps({'choices': [{'text': content}]})}\n\n") == Tokens(
        0, 1, estimated=True
    )


def test_chunks_may_break_anywhere_and_memory_stays_bounded():
    """A long document in single bytes at its end costs a bounded buffer and still counts."""
    usage = DocumentUsage()
    for _ in range(100):
        usage.feed(b"x" * TAIL_BYTES)
    for byte in ("{" + CHAT_USAGE + "}").encode():
        usage.feed(bytes([byte]))
    assert usage.tokens() == Tokens(5, 4)
    assert len(usage._tail) <= 2 * TAIL_BYTES


def test_a_stream_is_not_kept():
    """Of thousands of events two are held at most: a thousand streams at once need no memory for their past."""
    usage = StreamUsage(b'"choices":', opening_chunks=0)
    for _ in range(1000):
        usage.feed(b'data: {"choices":[{"text":"x"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n')
    assert len(usage._last) + len(usage._with_usage) < 200
    assert usage.tokens() == Tokens(1, 2)


def test_who_asks_in_the_middle_of_a_stream_hears_what_was_said_until_then():
    """And at its end, what was said last: vLLM's continuous usage counts up with each chunk."""
    usage = stream_usage(CHAT)
    usage.feed(b'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":1}}\n\n')
    assert (usage.tokens(), usage.tokens()) == (Tokens(5, 1), Tokens(5, 1))
    usage.feed(b'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}\n\n')
    assert usage.tokens() == Tokens(5, 2)
