"""`berth catalogue`: which facts does Berth plan with, who says so and when, and are they still true?"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from components.refresh.report import Report

KINDS = ("gpus", "instances", "sagemaker", "runpod", "models", "images", "apis", "prices")
SOURCES = ("ec2", "sagemaker", "spot", "offers", "runpod", "images", "models")


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth catalogue list` and `berth catalogue refresh`."""
    command = commands.add_parser("catalogue", help="the facts that plans are made of, and how old they are")
    parts = command.add_subparsers(dest="part", required=True, metavar="list|refresh")
    listing = parts.add_parser(
        "list", help="show a table with source and date", description="Show a table of facts with source and date."
    )
    listing.add_argument("kind", choices=KINDS, metavar="kind", help=f"one of: {', '.join(KINDS)}")
    listing.add_argument("--region", default="us-east-1", help="of prices on AWS (default: %(default)s)")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(run=list_kind)
    fresh = parts.add_parser(
        "refresh",
        help="compare with the official sources and show a diff",
        description="Ask the official sources, compare, and print a diff of the tables; nothing is written without "
        "--write. AWS is asked with your credentials, RunPod with RUNPOD_API_KEY, the hub with HF_TOKEN if it is set.",
        epilog="exit code: 0 all sources answered, 1 one did not; what the others said is shown all the same",
    )
    fresh.add_argument("--only", default=",".join(SOURCES), metavar="SOURCES", help="as ec2,runpod (default: all)")
    fresh.add_argument("--model", action="append", default=[], metavar="ID", help="ask the hub for this model alone")
    fresh.add_argument("--write", action="store_true", help="write the tables, each as a whole or not at all")
    fresh.add_argument("--data", type=Path, metavar="DIR", help="folder of the tables (default: the installed ones)")
    fresh.add_argument("--sdk-python", type=Path, metavar="PATH", help="an interpreter that has the sagemaker SDK")
    fresh.add_argument("--json", action="store_true", help="print JSON instead of the diff")
    fresh.set_defaults(run=refresh_tables)


def list_kind(options: argparse.Namespace) -> int:
    """Print one kind of facts."""
    from components.cli.catalogue_rows import listed  # noqa: PLC0415 - not for other commands
    from components.cli.table import table  # noqa: PLC0415

    found = listed(options.kind, options.region, datetime.now(UTC).date())
    if options.json:
        print(json.dumps({"kind": options.kind, "region": options.region, "rows": found.facts}, indent=2))
        return 0
    print(table(found.head, found.rows, right=found.numbers))
    for line in found.footnotes:
        print(line)
    return 0


def refresh_tables(options: argparse.Namespace) -> int:
    """Print the diff of all tables that the sources disagree with, and write it where that is asked for."""
    import components.catalogue  # noqa: PLC0415 - not for other commands
    from components.errors import BerthError, did_you_mean  # noqa: PLC0415
    from components.refresh.report import refresh  # noqa: PLC0415
    from components.refresh.sources import Access  # noqa: PLC0415
    from components.refresh.table import store  # noqa: PLC0415

    names = ["models"] if options.model else [name.strip() for name in options.only.split(",") if name.strip()]
    for name in names:
        if name not in SOURCES:
            raise BerthError(f"--only: {name} is not a source; {did_you_mean(name, SOURCES)}")
    data = options.data or Path(components.catalogue.__file__).parent / "data"
    given = {"sdk_python": options.sdk_python} if options.sdk_python else {}
    access = Access(model_ids=tuple(options.model), **given)
    report = refresh(names, access, data, datetime.now(UTC).date(), lambda line: print(line, file=sys.stderr))
    for one in report.compared if options.write else ():
        if one.diff:
            store(data, one.table, one.after)
    if options.json:
        print(json.dumps(_as_json(report, wrote=options.write), indent=2))
    else:
        print("".join(one.diff for one in report.compared), end="")
        _summarize(report, wrote=options.write)
    return 1 if report.failures else 0


def _summarize(report: Report, *, wrote: bool) -> None:
    """Say on stderr what stands in the diff, so that the diff alone goes into a file."""
    for one in report.compared:
        change = one.change
        print(
            f"{one.table}: {change.changed} changed, {change.confirmed} confirmed, {change.added} added,"
            f" {change.silent} not spoken of and left as they are",
            file=sys.stderr,
        )
    for asked in report.asked:
        for remark in asked.answer.remarks if asked.answer else ():
            print(f"{asked.name}: {remark}", file=sys.stderr)
    for failure in report.failures:
        print(f"berth: {failure}", file=sys.stderr)
    if any(one.diff for one in report.compared):
        done = "written: review with git diff" if wrote else "nothing is written: review the diff, then --write"
        print(done, file=sys.stderr)


def _as_json(report: Report, *, wrote: bool) -> dict[str, object]:
    return {
        "written": wrote,
        "sources": [
            {
                "name": one.name,
                "answered": one.answer is not None,
                "remarks": list(one.answer.remarks) if one.answer else [],
                "failures": list(one.failures),
            }
            for one in report.asked
        ],
        "tables": [
            {
                "table": one.table,
                "changed": one.change.changed,
                "confirmed": one.change.confirmed,
                "added": one.change.added,
                "silent": one.change.silent,
                "diff": one.diff,
            }
            for one in report.compared
        ],
    }
