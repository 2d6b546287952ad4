"""How is a table kept in a page that people write? Between two markers, rewritten by one command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_END = "<!-- end -->"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the documents, its path from the root, and the command that writes its table."""

    path: Path
    command: str

    @property
    def _begin(self) -> str:
        return f"<!-- begin: written by `{self.command}` -->"

    def written_into(self, page: str, table: str) -> str:
        """Return a page with what is between its markers replaced; `ValueError` when it has none."""
        before, begin, rest = page.partition(self._begin)
        _, end, after = rest.partition(_END)
        if not begin or not end:
            raise ValueError(f"{self.path}: the page has no {self._begin} or no {_END}")
        return f"{before}{begin}\n\n{table}\n{end}{after}"

    def write(self, root: Path, table: str) -> None:
        """Rewrite the page."""
        path = root / self.path
        path.write_text(self.written_into(path.read_text(encoding="utf-8"), table), encoding="utf-8")
