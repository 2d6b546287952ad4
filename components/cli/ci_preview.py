"""`berth ci preview`, `stacks` and `comment`: what a change does, told to whoever reviews it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from components.ci.exit_codes import COMMENT, OK, USAGE, CiError, worst
from components.cli.ci_command import FORGES, add_tolerance, give, question, say, subcommand
from components.errors import BerthError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from components.ci.report import Report
    from components.cli.ci_command import SubParsers


def add_commands(inside: SubParsers) -> None:
    """Register them."""
    _add_preview(inside)
    _add_stacks(inside)
    _add_comment(inside)


def _add_preview(inside: SubParsers) -> None:
    command = subcommand(
        inside, "preview", "what a change does to the stacks, what it costs, and what the policies say", _preview
    )
    _add_choice(command)
    command.add_argument("--base-ref", metavar="REF", help="what a stack that is not deployed is compared with")
    command.add_argument("--comment", choices=[*FORGES, "none"], default="none", help="where to post the report")
    command.add_argument("--always-comment", action="store_true", help="post, too, when nothing changes")
    command.add_argument("--output", type=Path, metavar="DIR", help="write report.md, report.json and policies.sarif")
    add_tolerance(command)
    command.add_argument(
        "--approval-label",
        default="cost-approved",
        metavar="LABEL",
        help="of a change whose rise of cost is approved (default: %(default)s)",
    )
    command.add_argument("--json", action="store_true", help="print the document, not the page")


def _preview(options: argparse.Namespace) -> int:
    from components.ci.preview import chosen_stacks, preview  # noqa: PLC0415

    asked = question(
        options,
        base_ref=options.base_ref or options.changed_since,
        approved_by=_approval(options.approval_label, options.comment),
    )
    stacks = _chosen(options, lambda: chosen_stacks(asked.project, options.stack, options.changed_since))
    report = preview(asked, stacks)
    give(report, options.output, as_json=options.json)
    posted = OK if options.comment == "none" else _post_report(report, options.comment, always=options.always_comment)
    return worst([report.code, posted])


def _approval(label: str, forge: str) -> str | None:
    """Return what approves a rise of the cost; the labels of now where they can be asked for."""
    from components.ci.forge import forge_of, known_labels  # noqa: PLC0415

    labels = known_labels()
    if forge != "none":
        try:
            labels = forge_of(forge).labels()
        except CiError as error:
            # The labels of the event are older, and still somebody's decision.
            say(f"berth: labels: {error}")
    return f"label {label}" if label in labels else None


def _post_report(report: Report, kind: str, *, always: bool) -> int:
    from components.ci.forge import forge_of  # noqa: PLC0415
    from components.ci.markdown import markdown  # noqa: PLC0415
    from components.ci.sticky import post  # noqa: PLC0415

    try:
        forge = forge_of(kind)
        posted = post(forge, markdown(report, forge.limit), is_news=report.changes_something, always=always)
    except CiError as error:
        say(f"berth: comment: {error}")
        return COMMENT
    say(f"berth: comment: {posted}")
    return OK


def _add_stacks(inside: SubParsers) -> None:
    command = subcommand(inside, "stacks", "which stacks a change touches, for a matrix of jobs", _stacks)
    _add_choice(command)
    command.add_argument("--json", action="store_true", help="print a list that GitHub's fromJSON reads")


def _stacks(options: argparse.Namespace) -> int:
    from components.ci.preview import chosen_stacks  # noqa: PLC0415
    from components.ci.project import find_project  # noqa: PLC0415

    project = find_project(Path.cwd().resolve())
    found = _chosen(options, lambda: chosen_stacks(project, options.stack, options.changed_since))
    if options.json:
        print(json.dumps(list(found)))
    else:
        for name, reasons in found.items():
            print(f"{name}: {', '.join(reasons)}" if reasons else name)
    return OK


def _add_comment(inside: SubParsers) -> None:
    command = subcommand(
        inside, "comment", "post what `preview --output` wrote: for a job that may comment and nothing else", _comment
    )
    command.add_argument("--report", type=Path, required=True, metavar="DIR", help="what --output named")
    command.add_argument("--comment", choices=FORGES, required=True, help="where to post it")
    command.add_argument("--always-comment", action="store_true", help="post, too, when nothing changes")


def _comment(options: argparse.Namespace) -> int:
    from components.ci.forge import forge_of  # noqa: PLC0415
    from components.ci.sticky import post  # noqa: PLC0415
    from components.ci.stored import read_stored  # noqa: PLC0415

    forge = forge_of(options.comment)
    stored = read_stored(options.report, forge.limit)
    posted = post(forge, stored.page, is_news=stored.is_news, always=options.always_comment)
    say(f"berth: comment: {posted}")
    return OK


def _add_choice(command: argparse.ArgumentParser) -> None:
    command.add_argument("--stack", action="append", default=[], metavar="STACK", help="can be given several times")
    command.add_argument(
        "--changed-since", metavar="REF", help="the stacks that differ from where this branch left REF"
    )


def _chosen(
    options: argparse.Namespace, choose: Callable[[], dict[str, tuple[str, ...]]]
) -> dict[str, tuple[str, ...]]:
    if not options.stack and options.changed_since is None:
        raise CiError("name the stacks with --stack, or the base of the change with --changed-since", USAGE)
    try:
        return choose()
    except BerthError as error:
        raise error if isinstance(error, CiError) else CiError(str(error)) from None
