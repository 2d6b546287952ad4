"""A local RunPod per test, or one for a whole module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.runpod.served import Runpod, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def runpod(tmp_path: Path) -> Iterator[Runpod]:
    """An empty account with fast workers."""
    with served(tmp_path) as running:
        running.settings(cold_start_seconds=0.02, token_seconds=0.001)
        yield running


@pytest.fixture(scope="module")
def shared_runpod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runpod]:
    """One for tests that leave nothing behind."""
    with served(tmp_path_factory.mktemp("runpod")) as running:
        yield running
