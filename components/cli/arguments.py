"""What do several commands take, and how is it read: a length of time, the folder of a keeper without AWS?"""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path


def length_of_time(text: str) -> timedelta:
    """Return how long a text means; argparse says what is wrong with it, and exits with 2.

    >>> length_of_time("1h30m")
    datetime.timedelta(seconds=5400)
    """
    from components.spec.values import Duration  # noqa: PLC0415 - pydantic: 0.2 s that --help does without

    try:
        return timedelta(seconds=Duration.parse(text).seconds)
    except (ValueError, OverflowError):
        fix = 'write a number with its unit, as "30m", "1h30m" or "2d"'
        raise argparse.ArgumentTypeError(f"{text} is not a length of time; {fix}") from None


def add_stack(command: argparse.ArgumentParser) -> None:
    """Let a command name the stack."""
    command.add_argument("--stack", help="default: the stack that is selected")


def add_state(command: argparse.ArgumentParser) -> None:
    """Let a command name the folder in which a keeper without AWS remembers things."""
    command.add_argument(
        "--state",
        type=Path,
        metavar="FOLDER",
        help="where `berth keeper run` remembers things, for services that no function in AWS keeps"
        " (default: .berth/keeper of the project)",
    )
