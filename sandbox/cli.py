"""What can be done with the sandbox from the command line (`berth sandbox ...`, `python -m sandbox ...`)?"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox import environment, process
from sandbox.errors import SandboxError
from sandbox.health import ask, tell
from sandbox.ports import Ports
from sandbox.runpod import commands as runpod_commands
from sandbox.runpod.keys import FULL_KEY
from sandbox.stack import Backend, LocalStack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CHECKOUT_MARK = "Pulumi.yaml"
LOG_LINES = 40


def find_root(start: Path) -> Path:
    """The checkout that `start` lies in: the nearest folder with a Pulumi.yaml."""
    for folder in (start, *start.parents):
        if (folder / CHECKOUT_MARK).is_file():
            return folder
    raise SandboxError(
        f"{start}: no {CHECKOUT_MARK} here or above; run this inside a checkout of Berth, or give --root"
    )


def _start(root: Path) -> process.Running:
    return process.start(root, environment.ports())


def _start_healed(root: Path) -> process.Running:
    """Start it; after a deployment that was killed half-way, with an empty account and an empty stack.

    What was being made at that moment exists, but Pulumi does not know it: deploying again would meet it by name.
    """
    backend = Backend(root)
    interrupted = backend.interrupted()
    backend.refuse_if_busy()  # asked second: a deployment that began meanwhile is under way and not interrupted
    if interrupted:
        if backend.others_deployed():
            raise SandboxError(
                "the last deployment of stack local was killed half-way, and other stacks are on this sandbox;"
                " `pulumi refresh --stack local` asks about each resource, `berth sandbox reset` forgets all of them"
            )
        print("the last deployment of stack local was killed half-way; it starts again on an empty account")
        process.reset(root)
        backend.forget()
    return _start(root)


def _up(options: argparse.Namespace) -> int:
    return LocalStack(_start_healed(options.root)).up()


def _preview(options: argparse.Namespace) -> int:
    return LocalStack(_start_healed(options.root)).preview()


def _down(options: argparse.Namespace) -> int:
    if not (options.root / ".berth" / "state").exists():
        process.stop(options.root)
        print("nothing is deployed")
        return 0
    running = _start_healed(options.root)
    stack = LocalStack(running)
    if code := stack.destroy():
        return code
    left = _inventory(running, "counts")
    if Backend(options.root).others_deployed():
        process.stop(options.root)
        print("stack local is destroyed; the sandbox is stopped and keeps what other stacks have on it")
    elif left:
        process.stop(options.root)
        print(f"stack local is destroyed; the sandbox is stopped and keeps what you made yourself: {_summary(left)}")
    else:
        process.reset(options.root)
        print("stack local is destroyed, nothing is left on the sandbox, and it is stopped")
    return 0


def _start_only(options: argparse.Namespace) -> int:
    running = _start(options.root)
    print(
        f"sandbox is running: AWS at {running.endpoint}, RunPod at {running.runpod_url}, "
        f"provider on port {running.ports.provider}, pid {running.pid}"
    )
    return 0


def _stop(options: argparse.Namespace) -> int:
    print("sandbox is stopped" if process.stop(options.root) else "sandbox was not running")
    return 0


def _status(options: argparse.Namespace) -> int:
    running = process.status(options.root)
    state = process.State(options.root)
    if options.json:
        document = {"running": running is not None, "journal": str(state.journal), "log": str(state.log)}
        if running:
            document |= {"endpoint": running.endpoint, "runpod": running.runpod_url, "pid": running.pid}
            document["inventory"] = _inventory(running, "ids")
        print(json.dumps(document, indent=2, sort_keys=True))
        return 0
    if running is None:
        print("sandbox is not running; `make up` or `berth sandbox start` starts it")
        return 0
    print(f"sandbox   running, pid {running.pid}")
    print(f"AWS       {running.endpoint}  (AWS_ENDPOINT_URL; keys sandbox/sandbox, region {environment.REGION})")
    print(f"RunPod    {running.runpod_url}  (RUNPOD_API_BASE_URL; key {FULL_KEY})")
    provider = running.ports.provider
    print(f"provider  127.0.0.1:{provider}  (PULUMI_DEBUG_PROVIDERS=aws:{provider})")
    print(f"journal   {state.journal}  ({running.journal_length} calls)")
    print(f"log       {state.log}")
    print(f"holds     {_summary(_inventory(running, 'counts')) or 'nothing but the seeds of a new account'}")
    print('use it    eval "$(make -s env)", then aws, boto3, runpod, pulumi and berth all talk to it')
    return 0


def _log(options: argparse.Namespace) -> int:
    log = process.State(options.root).log
    if not log.exists():
        print("there is no log yet; `berth sandbox start` begins one")
        return 0
    lines = log.read_text(errors="replace").splitlines()
    print("\n".join(lines[-options.lines :]))
    return 0


def _reset(options: argparse.Namespace) -> int:
    backend = Backend(options.root)
    backend.refuse_if_busy()
    others = backend.others_deployed()
    process.reset(options.root)
    backend.forget()
    print("sandbox is stopped; its accounts and the state of stack local are forgotten, `make up` begins anew")
    if others:
        print("another stack was deployed on it; forget its state too:")
        print("  pulumi stack rm --force --preserve-config --stack NAME")
    return 0


def _env(options: argparse.Namespace) -> int:
    running = process.status(options.root)
    print(environment.shell_lines(options.root, running.ports if running else environment.ports()))
    return 0


def _exec(options: argparse.Namespace) -> int:
    if not options.arguments:
        raise SandboxError("exec: no command given, for example `berth sandbox exec pulumi stack output`")
    return LocalStack(_start(options.root)).run(options.arguments)


def _runpod(options: argparse.Namespace) -> int:
    running = process.status(options.root)
    if running is None:
        raise SandboxError("the sandbox is not running; `berth sandbox start` starts it")
    print(json.dumps(options.control(running.ports.runpod, options), indent=2))
    return 0


def _advance(options: argparse.Namespace) -> int:
    running = process.status(options.root)
    if running is None:
        raise SandboxError("the sandbox is not running; `berth sandbox start` starts it")
    told = tell(running.ports.aws, "clock", {"advance_seconds": runpod_commands.seconds_of(options.duration)})
    print(json.dumps(told, indent=2))
    return 1 if any(one["error"] for one in told["fired"]) else 0


def _serve(options: argparse.Namespace) -> int:
    from sandbox.serve import run  # noqa: PLC0415 - moto takes a second to import

    run(options.root, Ports(options.port, options.provider_port, options.runpod_port))
    return 0


def _inventory(running: process.Running, part: str) -> dict[str, Any]:
    """`counts` or `ids` of what both accounts hold, by kind."""
    return {
        kind: held
        for port in (running.ports.aws, running.ports.runpod)
        for kind, held in ask(port, "inventory")[part].items()
    }


def _summary(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))


COMMANDS: dict[str, tuple[Callable[[argparse.Namespace], int], str]] = {
    "up": (_up, "start it, deploy stack local, show what runs"),
    "preview": (_preview, "show what `up` would change"),
    "down": (_down, "destroy stack local, stop the sandbox"),
    "start": (_start_only, "start it, without deploying"),
    "stop": (_stop, "stop it; its accounts stay for the next start"),
    "status": (_status, "where it listens and what it holds"),
    "log": (_log, "the calls that it answered"),
    "reset": (_reset, "stop it and forget its accounts"),
    "env": (_env, "print the environment that points all tools at it"),
    "exec": (_exec, "run a command in that environment"),
    "runpod": (_runpod, "make calls of the local RunPod fail, advance its clock, list what it was asked"),
    "advance": (_advance, "advance the clock of the AWS account: schedules that are due fire, one after the other"),
    "serve": (_serve, "serve in the foreground (what `start` starts)"),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="berth sandbox", description="A local AWS and RunPod behind the real Pulumi engine."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, (run, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        command.add_argument("--root", type=Path, help="the checkout (default: the one you are in)")
        if name == "status":
            command.add_argument("--json", action="store_true", help="print JSON")
        elif name == "log":
            command.add_argument("--lines", type=int, default=LOG_LINES, help="how many (default %(default)s)")
        elif name == "exec":
            command.add_argument("arguments", nargs=argparse.REMAINDER, metavar="COMMAND ...")
        elif name == "serve":
            command.add_argument("--port", type=int, default=Ports().aws)
            command.add_argument("--provider-port", type=int, default=Ports().provider)
            command.add_argument("--runpod-port", type=int, default=Ports().runpod)
        elif name == "advance":
            command.add_argument("duration", help="for example 90s, 12h or 7d; it goes back at a restart")
        elif name == "runpod":
            runpod_commands.add_to(command)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; errors of the sandbox are one message on stderr."""
    options = _parser().parse_args(arguments)
    try:
        options.root = (options.root or find_root(Path.cwd())).resolve()
        return options.run(options)
    except SandboxError as error:
        print(f"berth: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"berth: {error.filename or 'the sandbox'}: {error.strerror or error}; "
            "the checkout must be writable and its disk have room: the sandbox keeps its state in .berth",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130
