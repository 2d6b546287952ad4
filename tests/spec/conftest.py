from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from components.errors import SpecError
from components.spec import load_spec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from components.spec import ServiceSpec


@pytest.fixture
def base() -> dict[str, Any]:
    """A small spec without a fault."""
    return {
        "name": "chat",
        "model": {"id": "meta-llama/Llama-3.1-8B-Instruct", "token_secret": "huggingface/token"},
        "accelerators": ["L4"],
    }


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., ServiceSpec]:
    """Write a mapping or a text to chat.yaml and load it."""

    def read_(content: object, **arguments: Any) -> ServiceSpec:
        path = tmp_path / "chat.yaml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
        return load_spec(path, **arguments)

    return read_


@pytest.fixture
def problems(read: Callable[..., ServiceSpec]) -> Callable[..., list[str]]:
    """Load what must be refused; return its problems without the folder of the file."""

    def problems_(content: object, **arguments: Any) -> list[str]:
        with pytest.raises(SpecError) as caught:
            read(content, **arguments)
        return ["chat.yaml" + str(problem).partition("chat.yaml")[2] for problem in caught.value.problems]

    return problems_
