"""`berth sleep`: stop a service now, until its next hours open or somebody wakes it.

Answers that are under way are finished first. The keeper acts at once. Exit code 1: it was refused, or the keeper could
not act.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.cli.arguments import add_stack, add_state

if TYPE_CHECKING:
    import argparse


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth sleep`."""
    command = commands.add_parser("sleep", help="stop a service until its next hours", description=__doc__)
    command.add_argument("service", help="name of a service of the stack")
    command.add_argument("--now", action="store_true", required=True, help="must be given: it stops answering")
    add_stack(command)
    add_state(command)
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the order down, have the keeper act, and print what it did."""
    from components.cli.ordered import carry_out  # noqa: PLC0415 - not for --help
    from components.cli.orders import sleep_order  # noqa: PLC0415

    return carry_out(options, lambda config, _state, caller: sleep_order(config, now=caller.now, by=caller.name))
