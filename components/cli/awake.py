"""`berth awake`: keep a service awake, or wake it, until a time that ends by itself.

Without --for that is the end of the hours that are open, or else of those that come next; never longer than
`schedule.override_max` of the spec. The keeper acts at once. Exit code 1: it was refused, or the keeper could not act.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.cli.arguments import add_stack, add_state, length_of_time

if TYPE_CHECKING:
    import argparse


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth awake`."""
    command = commands.add_parser("awake", help="wake a service, or keep it awake, for a time", description=__doc__)
    command.add_argument("service", help="name of a service of the stack")
    command.add_argument(
        "--for",
        dest="length",
        type=length_of_time,
        metavar="TIME",
        help="how long from now on, as 3h or 1h30m (default: until its hours end)",
    )
    add_stack(command)
    command.add_argument(
        "--ack-budget",
        action="store_true",
        help="its budget is spent, and it is to run all the same; the budget leaves it alone until the month ends",
    )
    add_state(command)
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the order down, have the keeper act, and print what it did."""
    from components.cli.ordered import carry_out  # noqa: PLC0415 - not for --help
    from components.cli.orders import awake_order  # noqa: PLC0415

    return carry_out(
        options,
        lambda config, state, caller: awake_order(
            config,
            state,
            now=caller.now,
            by=caller.name,
            length=options.length,
            acknowledges_budget=options.ack_budget,
        ),
    )
