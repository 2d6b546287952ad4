"""Which metrics are there? The README's table, made from the families themselves.

`python -m gateway.metrics.reference README.md` rewrites what stands between the markers; a test fails when it is stale.
"""

from __future__ import annotations

import sys
from pathlib import Path

from gateway.metrics.families import FAMILIES

BEGIN, END = "<!-- metrics -->", "<!-- end of metrics -->"


def table() -> str:
    """All families as Markdown."""
    lines = ["| Metric | Kind | Labels | Meaning |", "| --- | --- | --- | --- |"]
    for family in FAMILIES:
        labels = ", ".join(f"`{label}`" for label in family.labels)
        lines.append(f"| `{family.name}` | {family.kind} | {labels} | {family.meaning} |")
    return "\n".join(lines)


def rewritten(document: str) -> str:
    """The document with today's table between its markers."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main(path: Path) -> None:
    path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
