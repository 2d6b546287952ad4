"""What have the commands of `berth ci` in common: their usage and codes, what they ask, and how they give a report?"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from components.ci.exit_codes import EPILOG, USAGE, CiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.ci.preview import Question
    from components.ci.report import Report

SubParsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - it has no other name
FORGES = ("github", "gitlab")


class Parser(argparse.ArgumentParser):
    """Wrong usage has a code of its own here: 2 is that of a policy."""

    def error(self, message: str) -> NoReturn:
        refuse(self, message)


def refuse(command: argparse.ArgumentParser, message: str) -> NoReturn:
    """Say how a command is used, and exit."""
    command.print_usage(sys.stderr)
    command.exit(USAGE, f"{command.prog}: error: {message}\n")


def with_own_usage_code(command: argparse.ArgumentParser) -> None:
    """Give that code to a command that a parser of another class has made."""
    command.error = partial(refuse, command)


def subcommand(
    inside: SubParsers, name: str, text: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """Register one command of `berth ci`; what goes wrong exits with its own code."""
    command = inside.add_parser(
        name, help=text, description=text, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    command.set_defaults(run=lambda options: told(run, options))
    return command


def told(run: Callable[[argparse.Namespace], int], options: argparse.Namespace) -> int:
    """Run a command; an error of ours is one message, and its code what it is about."""
    try:
        return run(options)
    except CiError as error:
        print(f"berth: {error}", file=sys.stderr)
        return error.code


def add_tolerance(command: argparse.ArgumentParser) -> None:
    """Register how much dearer a stack may become without approval."""
    command.add_argument(
        "--tolerance-percent",
        type=amount,
        default=10.0,
        metavar="N",
        help="a rise needs approval above this share and above --tolerance-usd (default: %(default)g)",
    )
    command.add_argument(
        "--tolerance-usd", type=amount, default=50.0, metavar="N", help="USD per month (default: %(default)g)"
    )


def question(options: argparse.Namespace, **more: object) -> Question:
    """Return what the previews of a command have in common."""
    from components.ci.money import Tolerance  # noqa: PLC0415 - not for --help
    from components.ci.preview import Question  # noqa: PLC0415
    from components.ci.project import find_project  # noqa: PLC0415
    from components.ci.pulumi import Pulumi  # noqa: PLC0415

    project = find_project(Path.cwd().resolve())
    tolerance = Tolerance(options.tolerance_percent, options.tolerance_usd)
    made = Question(project, Pulumi(project.root, say), tolerance, datetime.now(UTC))
    return replace(made, **more)


def say(line: str) -> None:
    """Show a line of Pulumi's, beside what is printed for programs."""
    print(line, file=sys.stderr, flush=True)


def give(report: Report, output: Path | None, *, as_json: bool) -> None:
    """Write a report where it is wanted, and print it."""
    from components.ci.document import document  # noqa: PLC0415
    from components.ci.markdown import GITLAB_LIMIT, markdown  # noqa: PLC0415
    from components.ci.written import annotated, summarise, write  # noqa: PLC0415

    page = markdown(report, GITLAB_LIMIT)
    if output is not None:
        write(report, output)
    summarise(page)
    for line in annotated(report):
        # On stderr as well as on stdout a workflow reads them; there they are in no document.
        print(line, file=sys.stderr)
    print(json.dumps(document(report), indent=2, sort_keys=True) if as_json else page)


def amount(text: str) -> float:
    """Return a number that is not below 0."""
    number = float(text)
    if not math.isfinite(number) or number < 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 on")
    return number
