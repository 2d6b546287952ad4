"""`berth ci`: what a change does to the stacks and what it costs, for pull requests; deployments that keep to it.

The same commands run on GitHub, on GitLab and on a laptop. Pulumi's own variables say where the state is; tokens come
from GITHUB_TOKEN and GITLAB_TOKEN, and are in no argument, log or report.
"""

from __future__ import annotations

import argparse
import sys

from components.ci.exit_codes import EPILOG, USAGE
from components.cli import ci_deploy, ci_preview, ci_reports
from components.cli.ci_command import Parser, SubParsers, with_own_usage_code


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth ci` and what it offers."""
    command = commands.add_parser(
        "ci",
        help="preview a change with its cost and policies, deploy what was reviewed, clean up, report costs",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    with_own_usage_code(command)
    command.set_defaults(run=lambda _: _help(command))
    inside: SubParsers = command.add_subparsers(parser_class=Parser, metavar="command")
    for part in (ci_preview, ci_deploy, ci_reports):
        part.add_commands(inside)


def _help(command: argparse.ArgumentParser) -> int:
    command.print_help(sys.stderr)
    return USAGE
