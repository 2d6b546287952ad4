from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from components.errors import SpecError
from components.spec import load_spec
from components.spec.document import merged

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
        ("just text", "holds a str, not a mapping; start it with name: and model:"),
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
