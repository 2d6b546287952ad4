"""`berth schema`: what may a spec hold, in the form that editors check and complete with?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth schema`."""
    command = commands.add_parser("schema", help="the JSON Schema of a spec, for editors", description=__doc__)
    command.set_defaults(run=run)


def run(_options: argparse.Namespace) -> int:
    """Print the schema as JSON."""
    from components.spec.schema import spec_schema  # noqa: PLC0415 - not for other commands

    print(json.dumps(spec_schema(), indent=2))
    return 0
