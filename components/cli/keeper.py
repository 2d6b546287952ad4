"""`berth keeper run`: keep services from this machine, with the code of the function that keeps them in AWS.

For stacks without AWS, from cron or CI every ten minutes with --once, or as a process that stays. Without names it
keeps the services that no function keeps, and where there are none, those that one keeps: to see what it sees.
Keys: RUNPOD_API_KEY, or AWS credentials. Exit code 1 with --once: a service could not be kept as it should be.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from components.cli.arguments import add_stack, add_state, length_of_time
from components.errors import BerthError, DeployedError
from components.keeper.runtime.instants import written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from components.cli.kept import Kept, Reach
    from components.keeper.runtime.services import Outcome

_LEAST_PAUSE = timedelta(minutes=1)
_AFTER_AN_EDGE = timedelta(seconds=1)


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth keeper`."""
    keeper = commands.add_parser("keeper", help="keep services without AWS, from cron, CI or a process")
    verbs = keeper.add_subparsers(dest="verb", required=True, metavar="verb")
    command = verbs.add_parser(
        "run",
        help="bring services to where they should be",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("services", nargs="*", metavar="service", help="which (default: see above)")
    command.add_argument("--once", action="store_true", help="look once, and end")
    command.add_argument(
        "--every", type=_pause, default=timedelta(minutes=10), metavar="TIME", help="between two looks (default: 10m)"
    )
    add_stack(command)
    add_state(command)
    command.add_argument("--json", action="store_true", help="print a line of JSON for each service and look")
    command.set_defaults(run=run)


def run(options: argparse.Namespace, sleep: Callable[[float], None] = time.sleep) -> int:
    """Look once, or until somebody ends it; a look that fails does not end it."""
    from components.cli.kept import Reach  # noqa: PLC0415 - not for --help

    reach = Reach(options.state)
    if options.once:
        return 1 if any(one.problems for one in _look(options, reach)) else 0
    found: list[Outcome] = []
    while True:
        try:
            found = _look(options, reach)
        except BerthError as error:
            _say(f"{written(_now())} {error}")
        sleep(_seconds(options.every, found, _now()))


def _look(options: argparse.Namespace, reach: Reach) -> list[Outcome]:
    from components.cli.deployed import services  # noqa: PLC0415
    from components.cli.keeping import run_here  # noqa: PLC0415

    outcomes = run_here(_chosen(services(options.stack), options.services, reach), reach, _say)
    for one in outcomes:
        _say(
            json.dumps({"at": written(_now()), "service": one.service, **one.to_json()}) if options.json else _line(one)
        )
    return outcomes


def _chosen(deployed: dict[str, dict[str, Any]], names: Sequence[str], reach: Reach) -> list[Kept]:
    from components.cli.kept import chosen  # noqa: PLC0415

    asked = {name: deployed[name] for given in names for name in chosen(deployed, given)} if names else deployed
    found = {name: reach.kept(name, outputs) for name, outputs in sorted(asked.items())}
    if names and (unkept := sorted(name for name, kept in found.items() if kept is None)):
        fix = "give it schedule, idle or budget in its spec, and deploy"
        raise DeployedError(f"{', '.join(unkept)}: has no keeper, so there is nothing to keep; {fix}")
    kept = [one for one in found.values() if one is not None]
    if not kept:
        fix = "give one schedule, idle or budget in its spec, and deploy"
        raise DeployedError(f"no service of the stack has a keeper, so there is nothing to keep; {fix}")
    return kept if names else [one for one in kept if one.function is None] or kept


def _pause(text: str) -> timedelta:
    length = length_of_time(text)
    if length < _LEAST_PAUSE:
        raise argparse.ArgumentTypeError(f"{text} is shorter than a minute; metrics have one value per minute")
    return length


def _seconds(every: timedelta, outcomes: Sequence[Outcome], now: datetime) -> float:
    """Return how long to wait: until the next look, or until something changes by itself before that."""
    untils = [one.report.decision.until for one in outcomes if one.report]
    edges = [until + _AFTER_AN_EDGE for until in untils if until is not None and until > now]
    return (min([now + every, *edges]) - now).total_seconds()


def _line(outcome: Outcome) -> str:
    report, head = outcome.report, f"{written(_now())} {outcome.service}"
    problems = "".join(f"; problem: {problem}" for problem in outcome.problems)
    if report is None:
        return f"{head} unknown{problems}"
    return f"{head} {report.decision.state.state}, as {report.decision.why}; {report.did or 'nothing to do'}{problems}"


def _say(line: str) -> None:
    # At once, since whoever reads along waits for it.
    print(line, flush=True)


def _now() -> datetime:
    return datetime.now(UTC)
