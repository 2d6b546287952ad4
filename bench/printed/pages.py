"""How are the verdicts shown? One table for each printed table, every row of it, and how many of each verdict."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measured import DATA
from bench.page import Page
from bench.printed import months, prices, sizes, speeds, thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.printed.finding import Finding

PAGE = Page(Path("docs/reference/seeds.md"), "python -m bench.printed")


@dataclass(frozen=True, slots=True)
class Table:
    """A printed table: its file, its title on the page, and the verdict on each row by the row's id."""

    name: str
    title: str
    findings: Mapping[str, Callable[[], Finding]]
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    """Words before the value of a column that does not explain itself."""

    def rows(self) -> list[dict[str, str]]:
        """Return the rows as they were printed."""
        with (DATA / "seeds" / f"{self.name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


_SIZES = {"fp16_vram": "16 bit", "four_bit_vram": "4 bit", "minimum_gpu": "at least", "recommended_gpu": "better"}
_SPEEDS = {
    "tokens_per_sec_3b_q4": "tokens/s",
    "expected_speedup": "times the first",
    "ms_per_token": "ms per token",
    "theoretical_tflops": "TFLOPS",
    "bandwidth_gb_s": "GB/s",
}

TABLES = (
    Table("prices", "Prices", prices.FINDINGS),
    Table("gpu_sizing", "Sizes", sizes.FINDINGS, _SIZES),
    Table("throughput", "Speeds of a 3B model in 4 bit", speeds.FINDINGS, _SPEEDS),
    Table("monthly_costs", "Monthly costs", months.FINDINGS),
    Table("decision_thresholds", "Thresholds", thresholds.FINDINGS),
)


def text() -> str:
    """Return the generated part of the page."""
    found = [[(row, table.findings[row["id"]]()) for row in table.rows()] for table in TABLES]
    lines = ["| Table | reproduced | wrong | not checkable |", "| --- | ---: | ---: | ---: |"]
    for table, rows in zip(TABLES, found, strict=True):
        count = Counter(finding.verdict for _, finding in rows)
        lines.append(f"| {table.title} | {count['reproduced']} | {count['wrong']} | {count['not checkable']} |")
    for table, rows in zip(TABLES, found, strict=True):
        lines += ["", f"## {table.title}", "", "| Guide | Printed | Verdict | Our numbers | Why |", "| --- " * 5 + "|"]
        lines += [_line(table, row, finding) for row, finding in rows]
    return "\n".join(lines) + "\n"


def _line(table: Table, row: Mapping[str, str], finding: Finding) -> str:
    shown = {name: value for name, value in row.items() if name not in ("id", "guide", "section") and value}
    printed = "; ".join(
        f"{table.labels[name]} {value}" if name in table.labels else value for name, value in shown.items()
    )
    verdict = f"**{finding.verdict}**" if finding.verdict == "wrong" else finding.verdict
    return f"| {row['guide']} | {printed} | {verdict} | {finding.ours or '-'} | {finding.why} |"
