"""`berth compare`: one spec on every target side by side: hardware, price by load, cold start, limits."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from components.compare.comparison import Candidate
    from components.spec import ServiceSpec

TARGETS = "ecs,sagemaker,runpod"


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth compare`."""
    command = commands.add_parser(
        "compare",
        help="one spec on every target side by side, before anything is deployed",
        description=__doc__,
        epilog="Exit code 1 when no target can serve the spec.",
    )
    add_spec_arguments(command)
    add_form_arguments(command)
    command.set_defaults(run=run)


def add_spec_arguments(command: argparse.ArgumentParser) -> None:
    """Add what names a spec, and what each target gets of it."""
    command.add_argument("spec", type=Path, help="a spec file, for example stacks/services/llama-3-1-8b.yaml")
    command.add_argument("--targets", default=TARGETS, help="which, and in which order (default: %(default)s)")
    command.add_argument("--region", help="AWS region (default: that of --stack, or us-east-1)")
    command.add_argument("--environment", help="when the spec names none (default: that of --stack, or dev)")
    command.add_argument("--stack", help="each target gets the overrides that this stack's file has for the spec")
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="[TARGET:]FIELD=VALUE",
        help="a field that one target, or every target, gets differently; may be repeated",
    )


def add_form_arguments(command: argparse.ArgumentParser) -> None:
    """Add the forms of an answer; without one it is text."""
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--markdown", action="store_true", help="print a table for a pull request")
    form.add_argument("--html", type=Path, metavar="FILE", help="write a page with charts; - prints it")


def run(options: argparse.Namespace) -> int:
    """Print the comparison, or write the page; a spec that is wrong by itself is a BerthError."""
    from components.compare.make import compare  # noqa: PLC0415 - not for other commands

    candidates, region = candidates_of(options)
    today = datetime.now(UTC).date()
    comparison = compare(candidates, region=region, today=today)
    if options.json:
        from components.compare.canonical import comparison_dict  # noqa: PLC0415

        print(json.dumps(comparison_dict(comparison), indent=2, sort_keys=True))
    elif options.markdown:
        from components.compare.markdown import comparison_markdown  # noqa: PLC0415

        print(comparison_markdown(comparison), end="")
    elif options.html is not None:
        from components.compare.curve import CHART, api_lines, curves  # noqa: PLC0415
        from components.compare.page import comparison_page  # noqa: PLC0415

        found = curves(comparison, candidates, today, CHART)
        write_page(options.html, comparison_page(comparison, found, api_lines(comparison)))
    else:
        from components.compare.text import comparison_text  # noqa: PLC0415

        print(comparison_text(comparison), end="")
    return 0 if comparison.planned else 1


def candidates_of(options: argparse.Namespace) -> tuple[list[Candidate], str]:
    """Return what is compared, and the region: the spec as each target gets it."""
    from components.cli.overrides import described, overrides_of, stack_view  # noqa: PLC0415
    from components.compare.comparison import Candidate  # noqa: PLC0415
    from components.spec import parse_spec  # noqa: PLC0415
    from components.spec.document import merged, read_document  # noqa: PLC0415

    targets = list(dict.fromkeys(name.strip() for name in options.targets.split(",") if name.strip()))
    view = stack_view(options.spec, options.stack) if options.stack else None
    environment = options.environment or (view.environment if view else "dev")
    region = options.region or (view.region if view else None) or "us-east-1"
    given = overrides_of(options.set, targets)
    document = read_document(options.spec)
    candidates: list[Candidate] = []
    parsed: dict[str, ServiceSpec] = {}
    for target in targets:
        of_stack = view.overrides.get(target, {}) if view else {}
        overrides = merged(of_stack, given[target])
        place = f"{options.spec} (as {target} gets it)" if overrides else str(options.spec)
        if place not in parsed:
            parsed[place] = parse_spec(merged(document, overrides), place, environment=environment)
        candidates.append(Candidate(target, parsed[place], tuple(described(overrides))))  # type: ignore[arg-type]
    return candidates, region


def write_page(path: Path, page: str) -> None:
    """Write a page to a file, or print it for `-`; a file that cannot be written is a BerthError."""
    from components.errors import BerthError  # noqa: PLC0415

    if str(path) == "-":
        print(page, end="")
        return
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BerthError(f"--html: {path} cannot be written ({reason}); name a file in a folder that exists") from error
    print(f"wrote {path}")
