"""`berth ci deploy`: what was reviewed, proven, or taken back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from components.ci.exit_codes import OK, USAGE, CiError
from components.cli.ci_command import add_tolerance, amount, give, question, say, subcommand

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from datetime import datetime

    from components.ci.report import StackReport
    from components.cli.ci_command import SubParsers

_ASLEEP = 4


def add_commands(inside: SubParsers) -> None:
    """Register it."""
    _add_deploy(inside)


def _add_deploy(inside: SubParsers) -> None:
    command = subcommand(
        inside, "deploy", "preview with the policies, compare with the review, deploy, prove, or take back", _deploy
    )
    command.add_argument("--stack", required=True)
    review = command.add_mutually_exclusive_group()
    review.add_argument("--expect-digest", metavar="DIGEST", help="of the stack, from the report that was reviewed")
    review.add_argument(
        "--reviewed",
        metavar="github|gitlab|FILE",
        help="the comment of the change that this commit was merged by, or a report.json",
    )
    command.add_argument("--approve-cost", action="store_true", help="a rise above the tolerance is wanted")
    add_tolerance(command)
    command.add_argument("--smoke", action="store_true", help="ask each service one question, and roll back on failure")
    command.add_argument("--smoke-timeout", type=amount, default=600.0, metavar="SECONDS", help="for each answer")
    command.add_argument("--no-rollback", action="store_true", help="leave what did not answer")
    command.add_argument("--from", dest="template", metavar="STACK", help="make an ephemeral stack like this one")
    command.add_argument("--ttl", default="4h", metavar="DURATION", help="of it (default: %(default)s, up to 7d)")
    command.add_argument("--output", type=Path, metavar="DIR", help="write report.md, report.json and policies.sarif")
    command.add_argument("--json", action="store_true", help="print the document, not the page")


def _deploy(options: argparse.Namespace) -> int:
    from components.ci.deploy import Wanted, deploy  # noqa: PLC0415
    from components.ci.git import head  # noqa: PLC0415
    from components.ci.report import Report  # noqa: PLC0415
    from components.ci.reviewed import Reviewed, reviewed  # noqa: PLC0415

    asked = question(options)
    if options.template:
        _make_ephemeral(options, asked.now)
    asked.project.checked(options.stack)
    review = Reviewed(options.expect_digest, "--expect-digest") if options.expect_digest else None
    if options.reviewed:
        review = reviewed(options.reviewed, options.stack)

    def show(found: StackReport) -> None:
        made = Report(
            (found,),
            found.cost.priced_after if found.cost else None,
            head(asked.project.root),
            asked.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        give(made, options.output, as_json=options.json)
        say(f"berth: {found.stack}: digest {found.digest or '(none: the preview failed)'}")

    return deploy(
        asked,
        Wanted(
            stack=options.stack,
            reviewed=review,
            approve_cost=options.approve_cost,
            smoke=_smoke(options.smoke_timeout) if options.smoke else None,
            rolls_back=not options.no_rollback,
            show=show,
        ),
    )


def _make_ephemeral(options: argparse.Namespace, now: datetime) -> None:
    from components.ci.ephemeral import make, tags_of  # noqa: PLC0415
    from components.spec.values import Duration  # noqa: PLC0415

    try:
        seconds = Duration.parse(options.ttl).seconds
    except ValueError as error:
        raise CiError(f"--ttl: {options.ttl}: {error}", USAGE) from None
    owner = os.environ.get("GITHUB_ACTOR") or os.environ.get("GITLAB_USER_LOGIN") or os.environ.get("USER") or "unknown"
    asked = question(options)
    make(asked.project, asked.pulumi, options.stack, options.template, tags_of(options.stack, seconds, owner, now))


def _smoke(seconds: float) -> Callable[[str], bool | None]:
    """Return what asks the services of a stack, in a process of its own: True, False, or None where one sleeps."""

    def ask(stack: str) -> bool | None:
        command = [sys.executable, "-m", "components.cli.main", "smoke", "--stack", stack, "--timeout", f"{seconds:g}"]
        code = subprocess.run(command, check=False, stdout=sys.stderr.fileno()).returncode
        return None if code == _ASLEEP else code == OK

    return ask
