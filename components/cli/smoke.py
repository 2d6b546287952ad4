"""`berth smoke`: does each service of a stack answer a question?

Exit code 0: every service that is awake answered. 1: one did not answer, or is not there. 4: all that were asked
answered, and one sleeps by its hours, for want of use or by order, or is about to wake: with --wait-for-wake it is
asked as soon as it does, and is a failure when it does not in time. Skipped, which is no failure, are parked services,
and those on ECS or with a front while AWS_ENDPOINT_URL leads to this machine, which runs no tasks.
Keys: BERTH_API_KEY for a gateway (on ECS, on this machine, or a front), else RUNPOD_API_KEY for RunPod and the AWS
credentials for SageMaker.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from components.cli.arguments import add_stack, add_state
from components.cli.chat import ask, nobody_listens
from components.cli.deployed import services
from components.errors import BerthError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.cli.kept import Reach

PROMPT = "Say hello in five words."
_FEW_WORDS = 12
ASLEEP = 4
"""Exit code: no failure, and no proof either."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one service: `result` is answered, failed, asleep or skipped."""

    service: str
    target: str
    result: str
    seconds: float | None = None
    queued_seconds: float | None = None
    ran_seconds: float | None = None
    answer: str | None = None
    problem: str | None = None
    next_wake: str | None = None


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth smoke`."""
    command = commands.add_parser(
        "smoke",
        help="ask each service of a stack one question",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("service", nargs="?", help="default: all services of the stack")
    add_stack(command)
    command.add_argument("--prompt", default=PROMPT, help="what is asked (default: %(default)s)")
    command.add_argument(
        "--timeout", type=_seconds, default=600.0, metavar="SECONDS", help="for each answer (default: %(default)g)"
    )
    command.add_argument(
        "--wait-for-wake",
        action="store_true",
        help="ask a service that sleeps when it wakes, however long that takes, if it is known when that is to be",
    )
    add_state(command)
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Ask, print a line for each service, and return 1 when one did not answer."""
    from components.cli.kept import Reach, chosen  # noqa: PLC0415 - not for --help

    reach, results = Reach(options.state), []
    for name, outputs in sorted(chosen(services(options.stack), options.service).items()):
        results.append(_result(name, outputs, reach, options))
        if not options.json:
            # At once, since the next service may have to start first.
            print(_line(results[-1]), flush=True)
    if options.json:
        print(json.dumps({"services": [asdict(result) for result in results]}, indent=2))
    found = {result.result for result in results}
    return 1 if "failed" in found else ASLEEP if "asleep" in found else 0


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return seconds


def _result(name: str, outputs: Mapping[str, Any], reach: Reach, options: argparse.Namespace) -> Result:
    target = outputs["target"]
    if outputs["state"] == "parked":
        return Result(name, target, "skipped", problem="parked")
    if (unasked := _asleep(name, outputs, reach, waits=options.wait_for_wake)) is not None:
        return unasked
    if reason := nobody_listens(outputs):
        return Result(name, target, "skipped", problem=reason)
    begun = time.monotonic()
    try:
        answer = ask(outputs, options.prompt, options.timeout)
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


def _asleep(name: str, outputs: Mapping[str, Any], reach: Reach, *, waits: bool) -> Result | None:
    """Return why a service is not asked, None when it is to be."""
    if "keeper" not in outputs:
        return None
    from components.cli.smoke_wait import asleep  # noqa: PLC0415 - few stacks have a keeper
    from components.keeper.runtime.instants import written  # noqa: PLC0415

    target = outputs["target"]
    try:
        found = asleep(name, outputs, reach, waits=waits, say=_say)
    except BerthError as error:
        return Result(name, target, "failed", problem=str(error))
    if found is None:
        return None
    result = "failed" if found.is_late else "asleep"
    return Result(name, target, result, problem=found.text, next_wake=written(found.next_wake))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


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
