"""What can be done to the local RunPod from the command line (`berth sandbox runpod ...`)?"""

from __future__ import annotations

import argparse
import json
import re
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

from sandbox.errors import SandboxError
from sandbox.health import HOST

if TYPE_CHECKING:
    from collections.abc import Callable

CONTROL_SECONDS = 30.0
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def ask_control(port: int, method: str, route: str, document: Any = None) -> Any:
    """The answer of a control route of the RunPod that listens there.

    Raises:
        SandboxError: it refuses; the message is its own.
    """
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(f"http://{HOST}:{port}/sandbox/{route}", method=method, data=body)
    try:
        with _DIRECT.open(request, timeout=CONTROL_SECONDS) as answer:
            content = answer.read()
    except HTTPError as error:
        with error:
            raise SandboxError(f"{route}: {json.loads(error.read())['detail']}") from None
    return json.loads(content) if content else {}


def seconds_of(text: str) -> float:
    """A duration.

    >>> seconds_of("7d")
    604800.0
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text)
    if match is None:
        raise SandboxError(f"{text!r} is not a duration; give a number and s, m, h or d, for example 3d")
    return float(match[1]) * _UNITS[match[2]]


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the commands; each sets `control` to what it does, given port and options."""
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, text: str, control: Callable[[int, argparse.Namespace], Any]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(control=control)
        # Before the command it has a default; here it must not come back as one.
        command.add_argument("--root", type=Path, default=argparse.SUPPRESS, help="the checkout")
        return command

    calls = add("calls", "what it was asked: method, path, status", _calls)
    calls.add_argument("--since", type=int, default=0, help="only calls after this number")
    fault = add("fault", "let the next matching calls go wrong", _fault)
    fault.add_argument("--method", default="*", help="for example POST (default: any)")
    fault.add_argument("--path", default="*", help="for example '/v2/serverless*' (default: any)")
    fault.add_argument("--times", type=int, default=1, help="how many calls (default %(default)s)")
    fault.add_argument("--status", type=int, help="answer this, for example 429 or 502")
    fault.add_argument("--after-commit", action="store_true", help="carry the call out before it goes wrong")
    fault.add_argument("--retry-after", type=int, metavar="SECONDS", help="with 429 (default 1)")
    fault.add_argument("--latency", default="0s", metavar="DURATION", help="answer so much later, for example 2s")
    fault.add_argument("--drop", action="store_true", help="close the connection without an answer")
    add("faults", "what is still to go wrong", lambda port, _: ask_control(port, "GET", "faults"))
    add("clear", "let nothing go wrong any more", lambda port, _: ask_control(port, "DELETE", "faults"))
    advance = add("advance", "advance its clock: idle endpoints are scaled down, jobs expire, bills grow", _advance)
    advance.add_argument("duration", help="for example 90s, 12h or 7d")
    settings = add("settings", "show its settings, or change some", _settings)
    settings.add_argument("changes", nargs="*", metavar="NAME=VALUE", help="for example worker_quota=10")


def _calls(port: int, options: argparse.Namespace) -> Any:
    return ask_control(port, "GET", f"calls?since={options.since}")


def _fault(port: int, options: argparse.Namespace) -> Any:
    fault = {
        "method": options.method,
        "path": options.path,
        "times": options.times,
        "status": options.status,
        "after_commit": options.after_commit,
        "retry_after_seconds": options.retry_after,
        "latency_seconds": seconds_of(options.latency),
        "drop": options.drop,
    }
    return ask_control(port, "POST", "faults", fault)


def _advance(port: int, options: argparse.Namespace) -> Any:
    return ask_control(port, "POST", "clock", {"advance_seconds": seconds_of(options.duration)})


def _settings(port: int, options: argparse.Namespace) -> Any:
    if not options.changes:
        return ask_control(port, "GET", "settings")
    return ask_control(port, "PATCH", "settings", dict(_change(change) for change in options.changes))


def _change(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        raise SandboxError(f"{text!r} is not NAME=VALUE, for example worker_quota=10")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value.split(",")
