"""`berth advise`: GPUs of one's own or an API? The guides' rule of thumb beside the bill, for one spec."""

from __future__ import annotations

import argparse
import json
import math
from datetime import UTC, datetime

from components.cli.compare import add_form_arguments, add_spec_arguments, candidates_of, write_page


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth advise`."""
    command = commands.add_parser(
        "advise",
        help="self-host a spec, or use an API? with the arithmetic",
        description=__doc__,
        epilog="Exit code 1 when no target can serve the spec.",
    )
    add_spec_arguments(command)
    command.add_argument("--regulated", action="store_true", help="the prompts hold data that the law protects")
    command.add_argument(
        "--engineers",
        type=_amount,
        default=0.5,
        metavar="NUMBER",
        help="full-time engineers who would run it (default: %(default)s)",
    )
    command.add_argument(
        "--fte-usd-per-month",
        type=_amount,
        default=12_000.0,
        metavar="USD",
        help="what one of them costs; put in your own figure (default: %(default)s)",
    )
    command.add_argument(
        "--api-usd-per-month",
        type=_amount,
        metavar="USD",
        help="what you pay an API today (default: the price of the same tokens)",
    )
    add_form_arguments(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the advice; a spec that is wrong by itself is a BerthError."""
    from components.compare import advice_text  # noqa: PLC0415 - not for other commands
    from components.compare.advice import Circumstances  # noqa: PLC0415
    from components.compare.advise import advise  # noqa: PLC0415
    from components.compare.curve import BREAK_EVEN, CHART, api_lines, curves  # noqa: PLC0415
    from components.compare.make import compare  # noqa: PLC0415

    candidates, region = candidates_of(options)
    today = datetime.now(UTC).date()
    comparison = compare(candidates, region=region, today=today)
    found = curves(comparison, candidates, today, BREAK_EVEN)
    circumstances = Circumstances(
        options.regulated, options.engineers, options.fte_usd_per_month, options.api_usd_per_month
    )
    advice = advise(candidates[0].spec, comparison, found, circumstances)
    if options.json:
        print(json.dumps(advice_text.advice_dict(advice), indent=2, sort_keys=True))
    elif options.markdown:
        print(advice_text.advice_markdown(advice), end="")
    elif options.html is not None:
        from components.compare.page import comparison_page  # noqa: PLC0415

        drawn = curves(comparison, candidates, today, CHART)
        write_page(options.html, comparison_page(comparison, drawn, api_lines(comparison), advice))
    else:
        print(advice_text.advice_text(advice), end="")
    return 0 if comparison.planned else 1


def _amount(text: str) -> float:
    """Return an amount of 0 or more; argparse names the option in what it says of another."""
    try:
        amount = float(text)
    except ValueError:
        amount = math.nan
    if not 0 <= amount < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount; write a number of 0 or more")
    return amount
