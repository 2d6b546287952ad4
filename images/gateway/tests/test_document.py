"""Is one member of a body found and changed while every other byte stays?"""

from __future__ import annotations

import json

import pytest
from gateway.document import Document, DocumentError
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(), VALUES)


@given(OBJECTS, st.sampled_from([None, 2]), st.booleans())
def test_members_are_what_json_reads(members: dict, indent: int | None, ascii_only: bool):
    """Every member of every object has the value that the standard parser gives, however it is written."""
    document = Document(json.dumps(members, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass"))
    assert {name: document[name] for name in members} == members


@given(OBJECTS, st.text())
def test_a_replaced_member_changes_nothing_else(members: dict, value: str):
    """After `model` was replaced, the object reads the same but for `model`."""
    body = json.dumps(members).encode()
    assert json.loads(Document(body).replaced("model", value)) == {**members, "model": value}


def test_the_bytes_around_a_replaced_member_stay():
    """Odd blanks, escapes and number forms are not rewritten; an absent member is put first."""
    body = '{ "x" : 1.50e+0,\r\n "model"\t:\t"\\u0061", "ä":[ 1,2 ] }'.encode()
    assert Document(body).replaced("model", "b") == body.replace(b'"\\u0061"', b'"b"')
    assert Document(b' {"x":1}').replaced("model", "b") == b' {"model": "b", "x":1}'
    assert Document(b"{ }").replaced("model", "b") == b'{"model": "b" }'


def test_of_a_member_that_is_there_twice_the_last_one_counts():
    """As engines read it, so that nobody is let in with one model and served another."""
    document = Document(b'{"model":"a","model":"b"}')
    assert document["model"] == "b"
    assert document.replaced("model", "c") == b'{"model":"a","model":"c"}'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is not a JSON object"),
        (b"[]", "the body is not a JSON object"),
        (b'"x"', "the body is not a JSON object"),
        (b"{", "the body is not a JSON object"),
        (b'{"a"}', "the body is not a JSON object"),
        (b'{"a":1,}', "the body is not a JSON object"),
        (b'{"a":1}{', "the body is not a JSON object"),
        (b"{a:1}", "the body is not a JSON object"),
        (b'{"a":1 "b":2}', "the body is not a JSON object"),
        (b'{"\xff":1}', "the body is not UTF-8"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "the body holds a number or a nesting without bounds"),
        (b'{"a":' + b"9" * 10_000 + b"}", "the body holds a number or a nesting without bounds"),
    ],
)
def test_what_is_no_object_is_refused_without_being_quoted(body: bytes, message: str):
    """Neither a half document nor a bomb gets further than one sentence."""
    with pytest.raises(DocumentError) as caught:
        Document(body)
    assert str(caught.value) == message


def test_a_byte_order_mark_is_no_obstacle():
    """Some editors write one; it stays where it was."""
    assert Document(b'\xef\xbb\xbf{"model":"a"}').replaced("model", "b") == b'\xef\xbb\xbf{"model":"b"}'
