"""`berth doctor`: does everything work that keeps the services of a stack, and is each where its spec allows it to be?

Exit code 0: all is well. 1: something is not, or could not be asked. 3: with --drift, everything could be asked, and
something is outside of what the spec allows at this hour, or is not what was deployed. Nothing is changed.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from components.cli.arguments import add_stack, add_state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from components.cli.checks import Check

DRIFT = 3


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth doctor`."""
    command = commands.add_parser(
        "doctor",
        help="does the keeper of a stack work, and is anything not as it should be?",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("service", nargs="?", help="default: all services of the stack")
    command.add_argument(
        "--drift",
        action="store_true",
        help="also compare what runs with what the spec allows at this hour, which `pulumi refresh` does not see",
    )
    add_stack(command)
    add_state(command)
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print a line for each check as soon as it is done."""
    from components.cli.checks import Examined, checks  # noqa: PLC0415 - not for --help
    from components.cli.deployed import services  # noqa: PLC0415
    from components.cli.kept import Reach, chosen  # noqa: PLC0415

    reach = Reach(options.state)
    found = chosen(services(options.stack), options.service)
    reached = {name: reach.kept(name, outputs) for name, outputs in sorted(found.items())}
    examined = [Examined(kept, found[name]) for name, kept in reached.items() if kept is not None]
    done: list[Check] = []
    for check in checks(examined, reach, with_drift=options.drift):
        done.append(check)
        if not options.json:
            print(_line(check), flush=True)
    unkept = [name for name, kept in reached.items() if kept is None]
    if options.json:
        print(json.dumps({"checks": [asdict(check) for check in done], "not_kept": unkept}, indent=2))
    elif unkept:
        print(f"not kept, so awake all the time: {', '.join(unkept)}")
    return _code(done)


def _line(check: Check) -> str:
    return f"{check.result:<7}  {check.service or '(stack)'}: {check.check}: {check.text}"


def _code(done: Iterable[Check]) -> int:
    """Return the exit code; what nobody could look at wins, since it may hide anything."""
    results = {check.result for check in done}
    if "unasked" in results:
        return 1
    if "drift" in results:
        return DRIFT
    return 1 if "bad" in results else 0
