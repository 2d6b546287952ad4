from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.errors import SpecError
from components.spec import load_spec
from components.spec.document import merged, read_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\nname: b\n", "is not valid YAML: the key name is given twice, line 2 column 1; correct the line"),
        (
            "name: a\nscaling: {min_replicas: 1, min_replicas: 2}\n",
            "is not valid YAML: the key min_replicas is given twice, line 2 column 28; correct the line",
        ),
        ("- a\n- b\n", "holds a list, not a mapping; start it with name: and model:"),
        ("", "holds nothing, not a mapping; start it with name: and model:"),
        ("just text", "holds a single value, not a mapping; start it with name: and model:"),
    ],
)
def test_a_file_that_is_no_spec_is_refused(problems: Callable[..., list[str]], text: str, message: str) -> None:
    """Duplicate keys, lists, texts and empty files are refused with the place in the file."""
    assert problems(text) == [f"chat.yaml: {message}"]


def test_broken_yaml_names_the_line(problems: Callable[..., list[str]]) -> None:
    """A syntax error quotes line and column."""
    (problem,) = problems("name: [a\nmodel: b\n")
    assert problem.startswith("chat.yaml: is not valid YAML: ")
    assert problem.endswith("line 2 column 6; correct the line")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path that does not exist is reported, not raised as an operating system's error."""
    path = tmp_path / "none.yaml"
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    assert str(caught.value) == f"{path}: cannot be read (no such file or directory); check the path of the spec"


def test_text_in_another_encoding_is_refused(tmp_path: Path) -> None:
    """A file that is not UTF-8 is refused with its path."""
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"name: caf\xe9\n")
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    assert str(caught.value) == f"{path}: is not UTF-8 text; save it as UTF-8"


def test_overrides_merge_mappings_and_replace_lists() -> None:
    """An override changes one field of a group and keeps the others; a list is replaced whole."""
    base = {"scaling": {"min_replicas": 1, "target": 8}, "accelerators": ["L4", "A10G"], "name": "chat"}
    over = {"scaling": {"target": 4}, "accelerators": ["L40S"]}
    assert merged(base, over) == {
        "scaling": {"min_replicas": 1, "target": 4},
        "accelerators": ["L40S"],
        "name": "chat",
    }
    assert base["scaling"] == {"min_replicas": 1, "target": 8}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("010", "010"),
        ("1:30", "1:30"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("2026-01-01", "2026-01-01"),
        (".inf", ".inf"),
        ("true", True),
        ("~", None),
        ("", None),
        ("-12", -12),
        ("1.5", 1.5),
        ("1e3", 1000.0),
    ],
)
def test_plain_words_are_read_as_yaml_1_2_has_them(tmp_path: Path, text: str, value: object) -> None:
    """What YAML 1.1 turns into booleans, octal and sexagesimal numbers or dates stays the text that was written."""
    path = tmp_path / "chat.yaml"
    path.write_text(f"name: {text}\n")
    read: dict[str, Any] = read_document(path)
    assert (read["name"], type(read["name"])) == (value, type(value))


def test_anchors_and_merge_keys_work(tmp_path: Path) -> None:
    """What is written once can be used twice."""
    path = tmp_path / "chat.yaml"
    path.write_text("a: &a {x: 1}\nb: {<<: *a, y: 2}\n")
    assert read_document(path)["b"] == {"x": 1, "y": 2}


def test_two_documents_in_one_file_are_refused(problems: Callable[..., list[str]]) -> None:
    """A file holds one spec."""
    (problem,) = problems("name: ab\n---\nname: cd\n")
    assert "expected a single document in the stream, but found another document" in problem
