"""What did another job write, that this one is to post? It may be of a fork: nothing of it is run, or believed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.ci.exit_codes import CiError
from components.ci.markdown import MARKER, cut
from components.ci.written import DOCUMENT, PAGE

if TYPE_CHECKING:
    from pathlib import Path

_MOST_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Stored:
    """The page, as long as the forge takes it, and whether it says anything new."""

    page: str
    is_news: bool


def read_stored(folder: Path, limit: int) -> Stored:
    """Return what a folder holds; CiError where it is no report."""
    texts: list[str] = []
    for name in (PAGE, DOCUMENT):
        file = folder / name
        if not file.is_file() or file.is_symlink() or file.stat().st_size > _MOST_BYTES:
            raise CiError(f"--report: {file} is not a file that `berth ci preview --output` wrote")
        texts.append(file.read_text(encoding="utf-8", errors="replace"))
    page, document = texts
    try:
        is_news = bool(json.loads(document)["changes"])
    except (ValueError, KeyError, TypeError):
        raise CiError(f"--report: {folder / DOCUMENT} is not a report of `berth ci preview`") from None
    if not page.startswith(MARKER):
        raise CiError(f"--report: {folder / PAGE} is not a report of `berth ci preview`")
    return Stored(cut(page, limit), is_news)
