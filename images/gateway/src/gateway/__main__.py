"""Start the gateway as the environment says, or say what is wrong with the environment and exit with 2."""

from __future__ import annotations

import os
import sys

from gateway import logs
from gateway.app import create_app
from gateway.config import ConfigError, load_config
from gateway.deadline import Drain
from gateway.server import Server
from gateway.upstream import Upstream

BAD_CONFIGURATION = 2


def main() -> int:
    try:
        config = load_config(os.environ)
    except ConfigError as error:
        sys.stderr.write("".join(f"gateway: {problem}\n" for problem in error.problems))
        return BAD_CONFIGURATION
    logs.configure()
    drain = Drain()
    server = Server(config, create_app(config, Upstream(config.upstream_url), drain), drain)
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
