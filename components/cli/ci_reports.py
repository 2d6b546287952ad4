"""`berth ci cleanup` and `cost-report`: which stacks are over, and was the estimate right?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.ci.exit_codes import OK, PROGRAM, USAGE, CiError
from components.cli.ci_command import FORGES, say, subcommand

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from components.ci.pulumi import Pulumi
    from components.cli.ci_command import SubParsers

_MOST_DAYS = 90


def add_commands(inside: SubParsers) -> None:
    """Register them."""
    _add_cleanup(inside)
    _add_cost_report(inside)


def _add_cleanup(inside: SubParsers) -> None:
    command = subcommand(inside, "cleanup", "remove the stacks of pull requests whose time is over", _cleanup)
    command.add_argument("--stack", metavar="pr-NUMBER", help="this one, now, whenever its time is over")
    command.add_argument("--closed", choices=FORGES, help="also those whose pull request is closed")
    command.add_argument("--dry-run", action="store_true", help="say what would be removed")
    command.add_argument("--json", action="store_true", help="print JSON")


def _cleanup(options: argparse.Namespace) -> int:
    from components.ci.ephemeral import removals  # noqa: PLC0415
    from components.ci.forge import forge_of  # noqa: PLC0415
    from components.ci.project import find_project  # noqa: PLC0415
    from components.ci.pulumi import Pulumi  # noqa: PLC0415

    project = find_project(Path.cwd().resolve())
    pulumi = Pulumi(project.root, say)
    is_closed = forge_of(options.closed).is_closed if options.closed else None
    found, codes = [], [OK]
    for one in removals(pulumi, datetime.now(UTC), options.stack, is_closed):
        done = "left"
        if one.remove:
            done = "would be removed" if options.dry_run else _removed(pulumi, one.stack, codes)
        if one.is_problem:
            codes.append(PROGRAM)
        found.append({"stack": one.stack, "result": done, "reason": one.reason})
        if not options.json:
            print(f"{one.stack}: {done}: {one.reason}", flush=True)
    if options.json:
        print(json.dumps({"stacks": found}, indent=2))
    elif not found:
        print("there is no ephemeral stack")
    return max(codes)


def _removed(pulumi: Pulumi, stack: str, codes: list[int]) -> str:
    from components.ci.deploy import failed  # noqa: PLC0415

    ran = pulumi.destroy(stack)
    if ran.code == OK:
        return "removed"
    codes.append(failed(stack, ran, say))
    return "not removed"


def _add_cost_report(inside: SubParsers) -> None:
    command = subcommand(
        inside,
        "cost-report",
        "what was estimated, metered and billed in the last days, service by service",
        _cost_report,
    )
    command.add_argument("--stack", action="append", default=[], help="can be given several times (default: all)")
    command.add_argument("--days", type=int, default=7, metavar="N", help="whole days of UTC (default: %(default)d)")
    command.add_argument("--no-cost-explorer", action="store_true", help="save the 0.01 USD that a request costs")
    command.add_argument("--output", type=Path, metavar="DIR", help="write report.md and report.json")
    command.add_argument("--json", action="store_true", help="print JSON")


def _cost_report(options: argparse.Namespace) -> int:
    from boto3.session import Session  # noqa: PLC0415 - 0.2 s that other commands do without

    from components.ci.cost_report import compared, page, rows  # noqa: PLC0415
    from components.ci.cost_sources import billed, metered  # noqa: PLC0415
    from components.ci.project import find_project  # noqa: PLC0415
    from components.ci.pulumi import Pulumi  # noqa: PLC0415
    from components.ci.written import summarise  # noqa: PLC0415

    if not 0 < options.days <= _MOST_DAYS:
        raise CiError(f"--days: {options.days} is not from 1 to {_MOST_DAYS}", USAGE)
    project = find_project(Path.cwd().resolve())
    pulumi = Pulumi(project.root, say)
    end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start = end - timedelta(days=options.days)
    session: Any = Session()
    bills = None if options.no_cost_explorer else billed(session.client("ce", region_name="us-east-1"), start, end)
    found = []
    for stack in options.stack or pulumi.stacks():
        resources = pulumi.exported(stack)
        meters = {
            name: seen
            for name, region in _services(resources).items()
            if (seen := metered(session.client("cloudwatch", region_name=region), stack, name, start, end)) is not None
        }
        found += compared(stack, resources, options.days * 24, meters, bills)
    text, document = (
        page(found, options.days, bills, f"{end:%Y-%m-%d}"),
        {"days": options.days, "services": rows(found)},
    )
    if options.output is not None:
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / "report.md").write_text(text, encoding="utf-8")
        (options.output / "report.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    summarise(text)
    print(json.dumps(document, indent=2) if options.json else text)
    return OK


def _services(resources: list[dict[str, Any]]) -> Mapping[str, str]:
    """Return the region of each service that a state holds and that AWS can have metered."""
    from components.contracts import NO_REGION  # noqa: PLC0415

    found: dict[str, str] = {}
    for one in resources:
        if one["type"] == "berth:index:ModelService":
            region = ((one.get("inputs") or {}).get("plan") or {}).get("region")
            if isinstance(region, str) and region != NO_REGION:
                found[str(one["urn"]).rpartition("::")[2]] = region
    return found
