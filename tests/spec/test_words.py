"""Are the words that fields accept all written in one way?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from components.spec.sagemaker import InferenceAmi
from components.spec.schema import spec_schema

_OF_AWS = frozenset(InferenceAmi.__args__)
"""Names of Amazon machine images, which are AWS's own."""


def _words(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("enum", [])
        yield from [schema["const"]] if "const" in schema else []
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from _words(part)


def test_words_are_written_with_underscores() -> None:
    """As fields are; a second form of the same word would have to be remembered."""
    words = {word for word in _words(spec_schema()) if isinstance(word, str)} - _OF_AWS
    assert {"on_demand", "1y_no_upfront", "requests_per_minute", "blue_green"} <= words
    assert [word for word in words if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", word)] == []
