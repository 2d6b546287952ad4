"""How many tokens is a request taken for, before and after?"""

from __future__ import annotations

from typing import Any

import pytest
from gateway.document import Document
from gateway.limits.estimate import counted, estimated, prompt_tokens
from gateway.usage import Tokens


class Asked:
    """As much of an exchange as estimates look at."""

    def __init__(self, body: bytes, path: str = "/v1/chat/completions", method: str = "POST") -> None:
        self.body, self.path, self.method = body, path, method
        self.document = Document(body) if body.startswith(b"{") else None
        self.tries, self.status, self.outcome = 1, 200, "complete"
        self.usage: Any = self
        self.found = Tokens()

    def tokens(self) -> Tokens:
        return self.found


@pytest.mark.parametrize(
    ("asked", "estimate"),
    [
        (Asked(b'{"max_tokens":100,"x":11}'), Tokens(7, 100)),
        (Asked(b'{"max_completion_tokens":5,"max_tokens":9}'), Tokens(11, 5)),
        (Asked(b'{"max_output_tokens":5}', "/v1/responses"), Tokens(6, 5)),
        (Asked(b'{"max_tokens":10,"n":3}'), Tokens(6, 30)),
        (Asked(b'{"max_tokens":-1,"n":true}'), Tokens(7, 512)),
        (Asked(b'{"max_tokens":null}'), Tokens(5, 512)),
        (Asked(b'{"input":"hello"}', "/v1/embeddings"), Tokens(5, 0)),
        (Asked(b"--x--", "/v1/audio/transcriptions"), Tokens(2, 512)),
        (Asked(b"", "/v1/models", "GET"), Tokens(0, 0)),
    ],
)
def test_what_is_reserved(asked: Any, estimate: Tokens):
    """A quarter of the bytes, and as long an answer as the request allows, for each choice."""
    assert estimated(asked, 512) == estimate


def test_an_image_in_the_body_is_no_long_text():
    """A megabyte of base64 counts as one image; what looks like it and is none counts as text."""
    image = b'{"url":"data:image/png;base64,' + b"A" * 1_000_000 + b'"}'
    assert prompt_tokens(image) == 1000 + 6
    assert prompt_tokens(b"A" * 1_000_000) == 250_000


@pytest.mark.parametrize(
    ("changes", "tokens"),
    [
        ({"tries": 0}, Tokens()),
        ({"found": Tokens(7, 3)}, Tokens(7, 3)),
        ({"found": Tokens(0, 9, estimated=True)}, Tokens(20, 9, estimated=True)),
        ({"status": 400}, Tokens()),
        ({"status": 499}, Tokens(20, 0, estimated=True)),
        ({"status": 400, "outcome": "content_policy_violation"}, Tokens(20, 50)),
        ({}, Tokens(20, 50)),
    ],
)
def test_what_is_settled(changes: dict[str, Any], tokens: Tokens):
    """What the engine said; else what passed; an error costs nothing, silence costs what was reserved."""
    asked: Any = Asked(b"{}")
    for name, value in changes.items():
        setattr(asked, name, value)
    assert counted(asked, Tokens(20, 50)) == tokens
