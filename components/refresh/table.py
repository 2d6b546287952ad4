"""One CSV of the catalogue: how findings change it, and in which order its rows stand."""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from components.refresh.source import RefreshError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from components.refresh.source import Finding

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """Which columns name a row, and by which rows are sorted; without `sort` they stay where they are."""

    keys: tuple[str, ...]
    sort: tuple[str, ...] = ()


FORMS = {
    "aws_availability": Form(("region", "family"), sort=("region", "family")),
    "aws_instances": Form(("instance_type",), sort=("instance_type",)),
    "aws_region_prices": Form(("instance_type", "region"), sort=("instance_type", "region")),
    "aws_spot": Form(("instance_type", "region"), sort=("instance_type", "region")),
    "images": Form(("target", "engine", "version")),
    "models": Form(("id",), sort=("id",)),
    "runpod_pools": Form(("gpu_type",)),
    "sagemaker_instances": Form(("instance_type",), sort=("instance_type",)),
    "sagemaker_registries": Form(("region",), sort=("region",)),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What findings made of a table: how many rows differ, are as they were, are new, or were not spoken of."""

    changed: int
    confirmed: int
    added: int
    silent: int


def load(data: Path, name: str) -> tuple[list[str], list[Row]]:
    """Return header and rows of a table; `RefreshError` when it cannot be read."""
    path = data / f"{name}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            return list(reader.fieldnames or []), list(reader)
    except OSError as error:
        raise RefreshError(f"{path}: cannot be read ({(error.strerror or str(error)).lower()})") from error


def text_of(header: list[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Return a table as its file has it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def store(data: Path, name: str, text: str) -> Path:
    """Replace a table as a whole, or not at all; `RefreshError` when the folder cannot be written."""
    path = data / f"{name}.csv"
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", dir=data, delete=False) as file:
            file.write(text)
        Path(file.name).chmod(path.stat().st_mode & 0o777)
        os.replace(file.name, path)  # noqa: PTH105 (says what it does)
    except OSError as error:
        raise RefreshError(f"{path}: cannot be written ({(error.strerror or str(error)).lower()})") from error
    return path


def updated(
    name: str, header: list[str], rows: list[Row], findings: Iterable[Finding], today: date
) -> tuple[list[Row], Change]:
    """Return the rows with what findings say, and what that changed.

    A row that a source speaks of gets its figures, the source and the day, also when the figures were right; columns
    that no source knows stay. Nothing is ever removed.
    """
    form = FORMS[name]
    by_key = {_key(row, form): dict(row) for row in rows}
    seen: set[tuple[str, ...]] = set()
    changed = added = 0
    for finding in findings:
        key = tuple(finding.values[column] for column in form.keys)
        row = by_key.get(key)
        if row is None and not finding.may_add:
            continue
        added += row is None
        row = by_key.setdefault(key, dict.fromkeys(header, ""))
        different = [column for column, value in finding.values.items() if not _same(row.get(column, ""), value)]
        changed += bool(different) and key in {_key(one, form) for one in rows}
        row.update({column: finding.values[column] for column in different})
        row.update(source=finding.source, as_of=today.isoformat())
        seen.add(key)
    silent = len(by_key) - len(seen)
    found = list(by_key.values())
    if form.sort:
        found.sort(key=lambda row: [natural(row[column]) for column in form.sort])
    return found, Change(changed, len(seen) - changed - added, added, silent)


def natural(text: str) -> list[tuple[bool, int, str]]:
    """Return by what a name is sorted: numbers by size, an instance's sizes from small to large, case ignored.

    >>> sorted(["g6.16xlarge", "g6.xlarge", "g6.metal", "g6.2xlarge", "g5.xlarge"], key=natural)
    ['g5.xlarge', 'g6.xlarge', 'g6.2xlarge', 'g6.16xlarge', 'g6.metal']
    """
    sized = re.sub(r"\.(?=xlarge)", ".1", re.sub(r"\.(?=large)", ".0", text.lower())).replace(".metal", ".999metal")
    return [
        (not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", sized) if part
    ]


def _key(row: Mapping[str, str], form: Form) -> tuple[str, ...]:
    return tuple(row[column] for column in form.keys)


def _same(held: str, said: str) -> bool:
    """Tell whether two cells mean the same: 0.50 is 0.5."""
    if held == said:
        return True
    try:
        return float(held) == float(said)
    except ValueError:
        return False
