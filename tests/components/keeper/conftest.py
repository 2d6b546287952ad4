"""What tests of the installed keeper have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.components.keeper.kept_stack import recorded_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.components.conftest import Recorded


@pytest.fixture(scope="session")
def build_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the zip is written."""
    return tmp_path_factory.mktemp("build")


@pytest.fixture
def stack(build_folder: Path) -> Callable[..., Recorded]:
    """Deploy plans as one stack and return what it registers."""
    return lambda *plans, **given: recorded_of(*plans, folder=build_folder, **given)
