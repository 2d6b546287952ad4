"""`berth cost`: what a spec, or every service of a stack, costs in a month of 730 hours, line by line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from components.cli.table import table, usd
from components.errors import BerthError, did_you_mean

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from components.cost.together import Together
    from components.plan.model import Plan, Target

ALL = "all"


@dataclass(frozen=True, slots=True)
class Priced:
    """One service on one target: its plan, or why there is none."""

    spec: str
    target: str
    plan: Plan | None
    refusal: str | None = None


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth cost`."""
    command = commands.add_parser(
        "cost",
        help="what a spec or a stack costs in a month: floor, expected, maximum, line by line",
        description=__doc__,
        epilog="Exit code 1 when a spec is wrong, or no target can serve it. A price that nobody publishes is unknown, "
        "never 0.",
    )
    command.add_argument("specs", nargs="*", type=Path, metavar="SPEC", help="spec files")
    command.add_argument("--stack", help="price every service of this stack, with its overrides")
    command.add_argument(
        "--directory", type=Path, default=Path("stacks"), help="where the stack files are (default: %(default)s)"
    )
    command.add_argument("--target", default=ALL, help="ecs, sagemaker, runpod or all (default: %(default)s)")
    command.add_argument("--region", help="AWS region of specs (default: us-east-1)")
    command.add_argument("--environment", help="when a spec names none (default: dev)")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the costs; what is wrong with specs or stack is a BerthError."""
    if bool(options.specs) == bool(options.stack):
        raise BerthError("berth cost needs spec files, or --stack NAME, and not both; see berth cost --help")
    if options.stack and (options.region or options.environment):
        raise BerthError("a stack has its own region and environment; leave --region and --environment out")
    found = _of_stack(options) if options.stack else _of_specs(options)
    plans = [row.plan for row in found if row.plan is not None]
    if not plans:
        raise BerthError("\n".join(dict.fromkeys(line for row in found for line in (row.refusal or "").splitlines())))
    from components.cost.together import together  # noqa: PLC0415 - not for other commands

    whole = together(plan.cost for plan in plans) if options.stack else None
    print(json.dumps(cost_dict(found, whole), indent=2, sort_keys=True) if options.json else cost_report(found, whole))
    return 0


def _of_stack(options: argparse.Namespace) -> list[Priced]:
    from components.cli.stack_file import read_stack  # noqa: PLC0415
    from components.stack import plan_services  # noqa: PLC0415

    config, region = read_stack(options.directory, options.stack)
    today = datetime.now(UTC).date()
    services = plan_services(config, stack=options.stack, region=region, directory=options.directory, today=today)
    files = [entry.spec for entry in config.services]
    found = [Priced(file, one.plan.target, one.plan) for file, one in zip(files, services, strict=True)]
    chosen = [row for row in found if options.target in (ALL, row.target)]
    if not chosen:
        targets = {row.target for row in found}
        raise BerthError(f"--target: {options.target} has no service of stack {options.stack}; "
                         f"{did_you_mean(options.target, [ALL, *targets])}")  # fmt: skip
    return chosen


def _of_specs(options: argparse.Namespace) -> list[Priced]:
    from components.plan import UNBUILT, make_plan  # noqa: PLC0415
    from components.plan.target import CLOUD_TARGETS  # noqa: PLC0415
    from components.spec import load_spec  # noqa: PLC0415

    today = datetime.now(UTC).date()
    targets = cast("Sequence[Target]", CLOUD_TARGETS if options.target == ALL else (options.target,))
    region = options.region or "us-east-1"
    found: list[Priced] = []
    for file in options.specs:
        spec = load_spec(file, environment=options.environment or "dev")
        for target in targets:
            try:
                plan = make_plan(
                    spec, target=target, stack=spec.environment, region=region, images=UNBUILT, today=today
                )
            except BerthError as error:
                if options.target != ALL:
                    raise
                found.append(Priced(str(file), target, None, str(error)))
            else:
                found.append(Priced(str(file), target, plan))
    return found


def cost_dict(found: Sequence[Priced], whole: Together | None) -> dict[str, Any]:
    """Return the services and their total as plain data; `whole` is None where they are of no stack."""
    from components.plan.canonical import plain  # noqa: PLC0415
    from components.plan.price_age import stale_prices  # noqa: PLC0415

    services = [
        {"spec": row.spec, "target": row.target, "refused": row.refusal}
        if row.plan is None
        else {
            "spec": row.spec,
            "service": row.plan.service,
            "target": row.target,
            "region": row.plan.region,
            "instance_type": row.plan.hardware.instance_type,
            "estimate": row.plan.cost.to_outputs(),
            "apis": plain(row.plan.apis),
            "warnings": list(stale_prices(row.plan)),
        }
        for row in found
    ]
    return {"services": services, "total": plain(whole)}


def cost_report(found: Sequence[Priced], whole: Together | None) -> str:
    """Return the services and their total as text of 100 columns; of a stack without APIs and assumptions."""
    blocks = ["\n".join(_block(row, whole is not None)) for row in found]
    if whole is not None:
        blocks.append("\n".join(_total(found, whole)))
    return "\n\n".join(blocks)


def _block(row: Priced, short: bool) -> Iterator[str]:
    from components.cost.text import api_text, assumption_text, cost_text, verdict_text, warning_text  # noqa: PLC0415
    from components.plan.price_age import stale_prices  # noqa: PLC0415

    plan = row.plan
    if plan is None:
        yield f"{Path(row.spec).stem} on {row.target}: refused"
        yield from (f"  {line}" for line in (row.refusal or "").splitlines())
        return
    where = row.target if row.target == "runpod" else f"{row.target} in {plan.region}"
    least, most = plan.scaling.min_replicas, plan.scaling.max_replicas
    count = f"{least}" if least == most else f"{least} to {most}"
    yield f"{plan.service} on {where}: {count} x {plan.hardware.instance_type}{' (parked)' * (plan.power == 'off')}"
    yield from cost_text(plan.cost)
    yield from warning_text(stale_prices(plan))
    if short:
        yield from verdict_text(plan.apis)
        return
    comparison = list(api_text(plan.apis))
    if comparison:
        yield ""
        yield from comparison
    yield ""
    yield from assumption_text(plan.cost)


def _total(found: Sequence[Priced], whole: Together) -> Iterator[str]:
    head = ["service", "target", "hardware", "floor", "expected", "max", "usd/mtok"]
    rows = [
        [
            plan.service,
            plan.target,
            plan.hardware.instance_type,
            usd(plan.cost.floor),
            usd(plan.cost.expected),
            usd(plan.cost.max),
            "-" if plan.cost.usd_per_million_tokens is None else usd(plan.cost.usd_per_million_tokens),
        ]
        for plan in (row.plan for row in found)
        if plan is not None
    ]
    rows.append(["total", "", "", usd(whole.floor), usd(whole.expected), usd(whole.max), ""])
    yield table(head, rows, right=frozenset({"floor", "expected", "max", "usd/mtok"}))
    if whole.once != 0:
        yield f"one-off, in the first month: {usd(whole.once)}"
    if whole.shared:
        yield f"counted once in the total: {', '.join(whole.shared)}"
