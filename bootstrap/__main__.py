"""`python3 -m bootstrap [--for-tests]`: bring this checkout to where `make up`, or `make test`, can run."""

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
            if sys.argv[1:] == ["--for-tests"]:
                environment.ensure_sagemaker_sdk()
    except SetupError as error:
        print(f"berth: set-up failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("interrupted; the same command goes on from here")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
