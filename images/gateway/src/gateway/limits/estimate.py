"""How many tokens will a request take, and how many did it take?

Nobody knows before the engine has answered, and the gateway has no tokenizer of the model. Four bytes of text are about
a token, which is what OpenAI's own limits reserve by; the answer may become as long as the request allows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeGuard

from gateway.usage import Tokens

if TYPE_CHECKING:
    from gateway.exchange import Exchange

BYTES_PER_TOKEN = 4
# An image or a sound stands in the body as base64, of which a megabyte is no quarter of a million tokens.
INLINE_DATA = re.compile(rb";base64,[A-Za-z0-9+/=_\\-]*")
INLINE_DATA_MARK = b";base64,"
TOKENS_OF_INLINE_DATA = 1000
LONGEST_ANSWER = ("max_completion_tokens", "max_output_tokens", "max_tokens")
WITHOUT_ANSWER = ("/v1/embeddings", "/v1/rerank", "/v1/score", "/v1/classify", "/v1/pooling", "/v1/tokenize")
MOST_CHOICES = 128
FIRST_ERROR_STATUS = 400
# The engine worked for these, without telling how much.
UNKNOWN_STATUSES = frozenset({499, 504})
# And for this one to its end.
REFUSED_ANSWER = "content_policy_violation"


def estimated(exchange: Exchange, answer_tokens: int) -> Tokens:
    """What to reserve; `answer_tokens` for an answer whose request sets no limit.

    Raises:
        RefusedError: when the body is no JSON object.
    """
    if exchange.method != "POST":
        return Tokens()
    prompt = prompt_tokens(exchange.body or b"")
    if exchange.path in WITHOUT_ANSWER:
        return Tokens(prompt)
    document = exchange.document
    if document is None:
        return Tokens(prompt, answer_tokens)
    members = document.members
    for name in LONGEST_ANSWER:
        if name in members and _is_count(members[name]):
            answer_tokens = members[name]
            break
    choices = members.get("n")
    if _is_count(choices) and choices > 1:
        answer_tokens *= min(choices, MOST_CHOICES)
    return Tokens(prompt, answer_tokens)


def counted(exchange: Exchange, reserved: Tokens) -> Tokens:
    """What it took: as the engine says; else the prompt by its length and a token for each chunk; else as reserved."""
    if not exchange.tries:
        return Tokens()
    found = exchange.usage.tokens()
    if found.estimated:
        return Tokens(reserved.tokens_in, found.tokens_out, estimated=True)
    if found.tokens_in or found.tokens_out:
        return found
    if exchange.outcome == REFUSED_ANSWER:
        return reserved
    if exchange.status in UNKNOWN_STATUSES:
        return Tokens(reserved.tokens_in, 0, estimated=True)
    return reserved if exchange.status < FIRST_ERROR_STATUS else Tokens()


def prompt_tokens(body: bytes) -> int:
    """A quarter of the body's bytes, rounded up, and a flat figure for each image or sound in it.

    >>> prompt_tokens(b'{"prompt": "' + b"x" * 386 + b'"}')
    100
    """
    inline = 0
    if INLINE_DATA_MARK in body:
        body, inline = INLINE_DATA.subn(b"", body)
    return -(-len(body) // BYTES_PER_TOKEN) + inline * TOKENS_OF_INLINE_DATA


def _is_count(value: Any) -> TypeGuard[int]:
    return type(value) is int and value >= 0
