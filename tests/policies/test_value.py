"""Reading a property says what it is, or where it stands and why it cannot be told; never what it holds."""

from __future__ import annotations

from typing import Any

import pytest

from policies.value import MISSING, UNKNOWN, CannotTell, Value, plain

SIGNATURE, SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"


@pytest.mark.parametrize(
    ("read", "data", "found"),
    [
        ("text", "a", "a"),
        ("number", 2.0, 2.0),
        ("number", "2.5", 2.5),
        ("flag", "true", True),
        ("flag", "false", False),
        ("flag", False, False),
        ("texts", "one", ("one",)),
        ("texts", ["one", None, "two"], ("one", "two")),
        ("each", None, ()),
        ("entries", MISSING, ()),
        *((read, data, None) for read in ("text", "number", "flag") for data in (None, MISSING)),
    ],
)
def test_what_is_there_is_read(read: str, data: Any, found: Any) -> None:
    """Some providers write numbers, and true and false, as texts."""
    assert getattr(Value(data, "a.b"), read)() == found


@pytest.mark.parametrize(
    ("read", "data", "said"),
    [
        ("text", 1, "a text"),
        ("number", "swordfish", "a number"),
        ("number", True, "a number"),
        ("number", float("nan"), "a number"),
        ("number", "inf", "a number"),
        ("flag", "yes", "true or false"),
        ("flag", 1, "true or false"),
        ("each", {"swordfish": 1}, "a list"),
        ("entries", ["swordfish"], "a mapping"),
        ("document", "{swordfish", "JSON"),
    ],
)
def test_a_wrong_type_is_named_without_its_value(read: str, data: Any, said: str) -> None:
    """A number that is none compares as smaller than every ceiling."""
    with pytest.raises(CannotTell) as error:
        getattr(Value(data, "a.b"), read)()
    assert str(error.value) == f"a.b is not {said}"
    assert not error.value.unknown


@pytest.mark.parametrize("read", ["text", "number", "flag", "each", "entries", "document", "texts"])
def test_the_unknown_is_never_read(read: str) -> None:
    """It is given, so it is not missing either."""
    value = Value(UNKNOWN, "a")
    assert not value.is_missing
    with pytest.raises(CannotTell, match=r"^a is not known yet$") as error:
        getattr(value, read)()
    assert error.value.unknown


def test_a_place_is_told_from_the_root() -> None:
    """Through mappings, lists, what is missing, and JSON in a text."""
    value = Value({"list": [{"json": '{"a": [1]}'}]})
    assert value["list"].each()[0]["json"].document()["a"].each()[0].path == "list[0].json.a[0]"
    assert value["no"]["where"].path == "no.where"
    assert value["no"]["where"].is_missing
    with pytest.raises(CannotTell, match=r"^a is not known yet$"):
        Value({"a": UNKNOWN})["a"]["b"]


def test_secrets_and_assets_of_a_state_are_unknown_and_what_is_unwrapped_is_read() -> None:
    """A state that was exported has ciphertext; the engine sends rules the plain value."""
    assert plain({"a": {SIGNATURE: SECRET, "ciphertext": "v1:x"}}) == {"a": UNKNOWN}
    assert plain({"a": {SIGNATURE: SECRET, "value": ["b"]}}) == {"a": ["b"]}
    assert plain({"a": {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "b"}, "c": object()}) == {
        "a": UNKNOWN,
        "c": UNKNOWN,
    }
    assert repr(UNKNOWN) == "UNKNOWN"
