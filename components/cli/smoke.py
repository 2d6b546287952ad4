"""`berth smoke`: does each service of a stack answer a question?

Exit code 0: every service that is awake answered. 1: one did not answer, or is not there. Skipped, which is no
failure, are parked services, and those on ECS or with a front while AWS_ENDPOINT_URL leads to this machine, which runs
no tasks. Keys: BERTH_API_KEY for a gateway (on ECS, on this machine, or a front), else RUNPOD_API_KEY for RunPod and
the AWS credentials for SageMaker.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from components.cli.chat import ask, nobody_listens
from components.cli.deployed import services
from components.errors import BerthError, DeployedError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

PROMPT = "Say hello in five words."
_FEW_WORDS = 12


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one service: `result` is answered, failed or skipped."""

    service: str
    target: str
    result: str
    seconds: float | None = None
    queued_seconds: float | None = None
    ran_seconds: float | None = None
    answer: str | None = None
    problem: str | None = None


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth smoke`."""
    command = commands.add_parser(
        "smoke",
        help="ask each service of a stack one question",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("service", nargs="?", help="default: all services of the stack")
    command.add_argument("--stack", help="default: the stack that is selected")
    command.add_argument("--prompt", default=PROMPT, help="what is asked (default: %(default)s)")
    command.add_argument(
        "--timeout", type=_seconds, default=600.0, metavar="SECONDS", help="for each answer (default: %(default)g)"
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Ask, print a line for each service, and return 1 when one did not answer."""
    chosen = _chosen(services(options.stack), options.service)
    results = []
    for name, outputs in sorted(chosen.items()):
        results.append(_result(name, outputs, options.prompt, options.timeout))
        if not options.json:
            # At once, since the next service may have to start first.
            print(_line(results[-1]), flush=True)
    if options.json:
        print(json.dumps({"services": [asdict(result) for result in results]}, indent=2))
    return 1 if any(result.result == "failed" for result in results) else 0


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return seconds


def _chosen(deployed: dict[str, dict[str, Any]], name: str | None) -> dict[str, dict[str, Any]]:
    if name is None:
        return deployed
    if name not in deployed:
        raise DeployedError(f"{name}: the stack has no such service; {did_you_mean(name, deployed)}")
    return {name: deployed[name]}


def _result(name: str, outputs: Mapping[str, Any], prompt: str, timeout: float) -> Result:
    target = outputs["target"]
    if outputs["state"] == "parked":
        return Result(name, target, "skipped", problem="parked")
    if reason := nobody_listens(outputs):
        return Result(name, target, "skipped", problem=reason)
    begun = time.monotonic()
    try:
        answer = ask(outputs, prompt, timeout)
    except BerthError as error:
        return Result(name, target, "failed", seconds=_since(begun), problem=str(error))
    return Result(
        service=name,
        target=target,
        result="answered",
        seconds=_since(begun),
        queued_seconds=answer.queued_seconds,
        ran_seconds=answer.ran_seconds,
        answer=_first_words(answer.text),
    )


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 3)


def _first_words(text: str) -> str:
    r"""Return the beginning of an answer, on one line.

    >>> _first_words("Hello,  dear\nreader.")
    'Hello, dear reader.'
    """
    words = text.split()
    return " ".join(words[:_FEW_WORDS]) + (" ..." if len(words) > _FEW_WORDS else "")


def _line(result: Result) -> str:
    if result.result != "answered":
        return f"{result.service}: {result.result}: {result.problem}"
    parts = [
        f"{seconds:.1f} s {what}"
        for what, seconds in (("in the queue", result.queued_seconds), ("at work", result.ran_seconds))
        if seconds is not None
    ]
    of_it = f" ({', '.join(parts)})" if parts else ""
    return f"{result.service}: answered in {result.seconds:.1f} s{of_it}: {result.answer}"
