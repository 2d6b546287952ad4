"""`python3 -m bootstrap`: bring this checkout to where `make up` and `make test` can run."""

from __future__ import annotations

import sys

from bootstrap import environment, pulumi_cli
from bootstrap.steps import SetupError, check_python, only_one, say


def main() -> int:
    """Do what is not done yet; exit code 0, 1 for a failure that is explained, 130 when interrupted."""
    try:
        check_python()
        with only_one():
            environment.ensure()
            pulumi_cli.ensure()
    except SetupError as error:
        print(f"berth: set-up failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("interrupted; the same command goes on from here")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
