"""`berth rollback`: which deployments did a stack have, and back to the specs of an earlier one.

The specs of a deployment are kept in Pulumi's own history, by `berth ci deploy`. They are applied with today's program,
under today's policies and at today's prices; what is deployed is previewed by Pulumi first.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from components.ci.exit_codes import EPILOG, OK, USAGE, CiError
from components.cli.ci_command import told, with_own_usage_code

if TYPE_CHECKING:
    from components.ci.history import Deployment


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth rollback`."""
    command = commands.add_parser(
        "rollback",
        help="earlier deployments of a stack, and back to the specs of one",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    with_own_usage_code(command)
    command.add_argument("--stack", required=True)
    what = command.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="list the deployments, the latest first (the default)")
    what.add_argument("--to", type=int, metavar="NUMBER", help="deploy the specs of this one again")
    command.add_argument("--yes", action="store_true", help="do not ask")
    command.add_argument("--json", action="store_true", help="print the list as JSON")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List, or go back."""
    return told(_run, options)


def _run(options: argparse.Namespace) -> int:
    from components.ci.deploy import apply_again, past  # noqa: PLC0415
    from components.ci.history import chosen  # noqa: PLC0415
    from components.ci.money import Tolerance  # noqa: PLC0415
    from components.ci.preview import Question  # noqa: PLC0415
    from components.ci.project import find_project  # noqa: PLC0415
    from components.ci.pulumi import Pulumi  # noqa: PLC0415
    from components.cli.ci_command import say  # noqa: PLC0415

    project = find_project(Path.cwd().resolve())
    pulumi = Pulumi(project.root, say)
    project.checked(options.stack)
    found = past(pulumi, options.stack)
    if options.to is None:
        print(json.dumps({"deployments": [_row(one) for one in found]}, indent=2) if options.json else _text(found))
        return OK
    one = chosen(found, options.to, options.stack)
    if not options.yes and not _agreed(options.stack, one):
        return OK
    question = Question(project, pulumi, Tolerance(), datetime.now(UTC))
    return apply_again(question, options.stack, str(one.settings.get("berth:environment")), one)


def _agreed(stack: str, one: Deployment) -> bool:
    try:
        answer = input(f"deploy the specs of deployment {one.number} ({one.at}) on stack {stack}? [y/N] ")
    except EOFError:
        raise CiError("--to: nobody is here to agree; give --yes", USAGE) from None
    return answer.strip().lower() in ("y", "yes")


def _row(one: Deployment) -> dict[str, object]:
    return {
        "number": one.number,
        "at": one.at,
        "succeeded": one.succeeded,
        "good": one.good,
        "canBeApplied": one.can_be_applied,
        "commit": one.commit,
        "message": one.message,
    }


def _text(found: list[Deployment]) -> str:
    from components.cli.table import table  # noqa: PLC0415

    if not found:
        return "the stack was never deployed"
    rows = [
        [
            str(one.number),
            one.at,
            "good" if one.good else "done" if one.succeeded else "failed",
            "yes" if one.can_be_applied else "no",
            (one.commit or "-")[:12],
            one.message or "-",
        ]
        for one in found
    ]
    head = ["number", "at", "result", "can be applied", "commit", "message"]
    return f"{table(head, rows, right=frozenset({'number'}))}\nback to one: berth rollback --stack NAME --to NUMBER"
