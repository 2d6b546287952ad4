"""Start the gateway as the environment says, or say what is wrong with the environment and exit with 2."""

from __future__ import annotations

import os
import sys

from gateway import logs
from gateway.app import create_app
from gateway.config.load import ConfigError, load_config
from gateway.deadline import Drain
from gateway.lines import Lines
from gateway.server import Server
from gateway.task_protection import task_protection
from gateway.traces.configured import configured_traces
from gateway.upstreams.fleet import Fleet

BAD_CONFIGURATION = 2


def main() -> int:
    try:
        config = load_config(os.environ)
        traces = configured_traces(config, os.environ)
    except ConfigError as error:
        sys.stderr.write("".join(f"gateway: {problem}\n" for problem in error.problems))
        return BAD_CONFIGURATION
    logs.configure()
    drain = Drain()
    protection = task_protection(os.environ, lambda: not drain.idle, config.max_request_seconds)
    lines = Lines()
    app = create_app(config, Fleet.of(config), drain, lines, traces=traces, protection=protection)
    server = Server(config, app, drain)
    try:
        server.run()
    finally:
        lines.flush()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
