"""`berth simulate`: a year of a service's awake hours, idleness, orders, failures and deployments, and what it costs.

The keeper's own code runs on a clock that is moved, against platforms in memory. Nothing is asked of any account.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth simulate`."""
    command = commands.add_parser(
        "simulate",
        help="a year of awake hours, idleness, orders and failures: hours, cost, wrong minutes",
        description=__doc__,
        epilog="Wrong minutes are those in which the service ran and should not, or should and nothing was on its way; "
        "a clock on the wall judges, minute by minute. Exit code 1 when the spec is wrong, or nothing keeps it.",
    )
    command.add_argument("spec", type=Path, help="a spec file")
    command.add_argument("--target", default="ecs", help="ecs, sagemaker or runpod (default: %(default)s)")
    command.add_argument("--stack", help="take overrides, region and environment from this stack's file")
    command.add_argument("--region", help="AWS region (default: us-east-1)")
    command.add_argument("--environment", help="when the spec names none (default: dev)")
    command.add_argument("--year", type=int, help="which year of UTC (default: the next one)")
    command.add_argument("--seed", type=int, default=1, help="of what comes by chance (default: %(default)s)")
    command.add_argument(
        "--traffic",
        type=Path,
        metavar="FILE",
        help="CSV with the columns minute and requests (default: chance arrivals by the spec's load)",
    )
    command.add_argument("--quiet-year", action="store_true", help="no orders, failures and deployments")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run, refuse=command.error)


def run(options: argparse.Namespace) -> int:
    """Print the year; what is wrong with spec, stack or traffic is a BerthError."""
    from components.cli.overrides import stack_view  # noqa: PLC0415 - not for other commands
    from components.plan import UNBUILT, make_plan  # noqa: PLC0415
    from components.simulate.make import Question, simulated  # noqa: PLC0415
    from components.simulate.text import result_text  # noqa: PLC0415
    from components.spec import load_spec  # noqa: PLC0415

    today = datetime.now(tz=UTC).date()
    year = today.year + 1 if options.year is None else options.year
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        options.refuse(f"argument --year: use {_FIRST_YEAR} to {_LAST_YEAR}")
    view = stack_view(options.spec, options.stack) if options.stack else None
    spec = load_spec(
        options.spec,
        view.overrides.get(options.target, {}) if view else {},
        options.environment or (view.environment if view else "dev"),
    )
    plan = make_plan(
        spec,
        target=options.target,
        stack=options.stack or spec.environment,
        region=options.region or (view and view.region) or "us-east-1",
        images=UNBUILT,
        today=today,
    )
    question = Question(year, options.seed, options.traffic, is_eventful=not options.quiet_year)
    result = simulated(plan, question, _progress if sys.stderr.isatty() else _silence)
    print(json.dumps(result.to_dict(), indent=2) if options.json else result_text(result))
    return 0


def _progress(at: datetime) -> None:
    print(f"\rsimulating {at:%Y-%m}", end="\r", file=sys.stderr, flush=True)


def _silence(at: datetime) -> None:
    del at
