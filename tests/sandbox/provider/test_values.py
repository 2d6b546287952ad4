"""Do unknowns and secrets survive the way over gRPC?"""

from __future__ import annotations

from pulumi.runtime import rpc

from sandbox.provider import values
from sandbox.provider.values import UNKNOWN, decode, encode, secret_texts


def test_plain_values_come_back_as_they_were() -> None:
    """Numbers without a fraction are integers, null entries are left out."""
    plain = {"a": 1, "b": 1.5, "c": True, "d": ["x", {"y": False}], "e": {}, "f": ""}
    assert decode(encode({**plain, "gone": None})).values == plain


def test_unknowns_are_found_at_any_depth() -> None:
    """The protocol's sentinel becomes UNKNOWN and back."""
    nested = {"a": UNKNOWN, "b": [UNKNOWN, {"c": UNKNOWN}]}
    message = encode(nested)
    assert message["a"] == rpc.UNKNOWN
    assert decode(message).values == nested


def test_secrets_are_unwrapped_and_remembered() -> None:
    """A secret inside a list marks the whole list."""
    message = encode({"a": {"b": "hidden"}, "c": "open"}, {("a", "b")})
    assert message["a"]["b"][values.SIGNATURE_KEY] == values._SECRET
    decoded = decode(message)
    assert decoded.values == {"a": {"b": "hidden"}, "c": "open"}
    assert decoded.secrets == {("a", "b")}
    listed = encode({"d": [{values.SIGNATURE_KEY: values._SECRET, "value": "x"}]})
    assert decode(listed).secrets == {("d",)}
    assert secret_texts(decoded.values, decoded.secrets) == ["hidden"]


def test_the_markers_are_those_of_the_sdk() -> None:
    """The protocol's constants are private in the SDK, so they are compared here."""
    assert values._UNKNOWN_TEXT == rpc.UNKNOWN
    assert rpc._special_sig_key == values.SIGNATURE_KEY
    assert rpc._special_secret_sig == values._SECRET
    assert rpc._special_output_value_sig == values._OUTPUT


def test_output_values_are_plain_or_unknown() -> None:
    """An output value without a value is unknown; a secret one is a secret."""
    output = {values.SIGNATURE_KEY: values._OUTPUT}
    decoded = decode(encode({"a": output, "b": {**output, "value": "v", "secret": True}}))
    assert decoded.values == {"a": UNKNOWN, "b": "v"}
    assert decoded.secrets == {("b",)}
