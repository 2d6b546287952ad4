"""What does `berth` offer, and what does each command exit with?

0 done, 1 the user's input or an account refused it, 2 wrong usage; 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from components.errors import BerthError

if TYPE_CHECKING:
    from collections.abc import Sequence

PLUG_INS = "berth.commands"
"""Entry-point group of further commands: `name = "module:function"`, called with the remaining arguments."""


def _parser() -> argparse.ArgumentParser:
    from components.cli import plan, schema, smoke, status  # noqa: PLC0415 - each command brings its own imports

    parser = argparse.ArgumentParser(
        prog="berth",
        description="Plan, price and watch model-serving services that Pulumi deploys.",
        epilog="`berth sandbox --help` lists the commands of the local sandbox.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    plan.add_command(commands)
    schema.add_command(commands)
    status.add_command(commands)
    smoke.add_command(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; errors of ours are one message on stderr, never a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given and (plug_in := entry_points(group=PLUG_INS, name=given[0])):
            return next(iter(plug_in)).load()(given[1:])
        options = _parser().parse_args(given)
        code = options.run(options)
        sys.stdout.flush()
    except BerthError as error:
        print(f"berth: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader, as `head`, has seen enough; nothing is left to be flushed into the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


if __name__ == "__main__":
    sys.exit(main())
