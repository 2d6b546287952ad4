"""The schedule travels in a Lambda that has nothing but Python."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import components.schedule

FOLDER = Path(components.schedule.__file__).parent


def test_schedule_imports_the_standard_library_and_itself_alone() -> None:
    """Whatever else is imported would be missing there."""
    imported = {
        name
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert "zoneinfo" in imported
    foreign = {
        name
        for name in imported
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("components.schedule")
    }
    assert foreign == set()
