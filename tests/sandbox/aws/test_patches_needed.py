"""Each patch is still needed: when one of these fails, moto has learned it and the patch can be deleted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.aws.patches import PATCHES

ROOT = Path(__file__).parents[3]
NAMES = ["cbor", *(patch.__name__ for patch in PATCHES)]


@pytest.fixture(scope="module")
def defects() -> dict[str, bool]:
    """What a moto without patches answers."""
    command = [sys.executable, "-m", "tests.sandbox.aws.plain_moto"]
    probe = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert probe.returncode == 0, probe.stderr
    return json.loads(probe.stdout)


@pytest.mark.parametrize("name", NAMES)
def test_moto_still_needs_the_patch(defects, name):
    """A moto without patches still answers otherwise than AWS."""
    assert defects[name] is True


def test_no_probe_is_left_over(defects):
    """Each probe stands for a patch that exists."""
    assert sorted(defects) == sorted(NAMES)
