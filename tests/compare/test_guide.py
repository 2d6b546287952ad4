"""The guide shows what `berth compare` prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from components.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs/guides/compare.md"


def test_the_sample_is_real_output(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line of the sample, `...` aside, is a line of the real output, in the same order."""
    sample = re.search(r"\$ berth compare (\S+) --stack local\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert sample is not None
    assert main(["compare", str(ROOT / sample[1]), "--stack", "local"]) == 0
    printed = iter(capsys.readouterr().out.splitlines())
    shown = [line for line in sample[2].splitlines() if line != "..."]
    assert len(shown) > 15
    assert [line for line in shown if line not in printed] == []
