"""What does `berth` offer, and what does each command exit with?

0 done, 1 the user's input or an account refused it, 2 wrong usage; 130 interrupted. `doctor` has 3, `smoke` has 4.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from components.errors import BerthError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PLUG_INS = "berth.commands"
"""Entry-point group of further commands: `name = "module:function"`, called with the remaining arguments."""


COMMANDS = (
    "plan",
    "compare",
    "cost",
    "advise",
    "schedule",
    "simulate",
    "schema",
    "catalogue",
    "status",
    "awake",
    "sleep",
    "keeper",
    "doctor",
    "smoke",
    "ci",
    "rollback",
)
"""Each is a module of this package, in the order of the help."""


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser; where the command is known, with that one alone, so that no other is imported."""
    parser = argparse.ArgumentParser(
        prog="berth",
        description="Plan, price and watch model-serving services that Pulumi deploys.",
        epilog="`berth sandbox --help` lists the commands of the local sandbox.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name in given[:1] if given and given[0] in COMMANDS else COMMANDS:
        import_module(f"components.cli.{name}").add_command(commands)
    return parser


def _plug_in(given: Sequence[str]) -> Callable[[Sequence[str]], int] | None:
    """Return the command that another package brings, None for one of our own or none at all."""
    if not given or given[0] in COMMANDS:
        return None
    from importlib.metadata import entry_points  # noqa: PLC0415 - reads the metadata of every package

    found = entry_points(group=PLUG_INS, name=given[0])
    return next(iter(found)).load() if found else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; errors of ours are one message on stderr, never a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # Loading modules makes no garbage, and looking for it, or once more at the end, takes a fifth of `berth plan`.
    gc.disable()
    atexit.register(gc.freeze)
    try:
        if (plug_in := _plug_in(given)) is not None:
            return plug_in(given[1:])
        # Pydantic would read the metadata of every package, to look for plug-ins of its own.
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
        options = _parser(given).parse_args(given)
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
    finally:
        gc.enable()
    return code


if __name__ == "__main__":
    sys.exit(main())
