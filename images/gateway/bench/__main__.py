"""`python -m images.gateway.bench`: the gateway beside a bare pass-through, in turns, on the same engine.

Trust the ratios: the absolute figures are this machine's, and another program on it moves them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from . import peers
from .figures import GOALS, Measured, Round, summary, table, values
from .processes import free_port, load, module, serving

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .load import Figures
    from .processes import Server

DIRECT, GATEWAY = "direct", "gateway"
FLAT_REQUESTS = 100_000
MOST_GROWTH_MB = 5
CALM_REQUESTS = 50
STREAMS = 192
MOST_READY_SECONDS = 1.5


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m images.gateway.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each server is measured (default 5)")
    parser.add_argument("--turns", type=int, default=3, help="turns of each server in a round (default 3)")
    parser.add_argument("--requests", type=int, default=1000, help="requests of a turn, closed loop (default 1000)")
    parser.add_argument("--flat", type=int, default=FLAT_REQUESTS, help="requests over which memory must stay flat")
    parser.add_argument("--json", type=Path, help="also write all figures there")
    parser.add_argument("--quick", action="store_true", help="see that it runs; its figures mean nothing")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.turns, options.requests, options.flat = 1, 1, 200, 200
    key = "sk-" + token_hex(16)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = free_port()
        engine = stack.enter_context(serving(DIRECT, module("engine", str(port)), port, key, {}, cpu=0))
        servers, share = [engine], [1.0]
        bare = peers.bare(engine.address)
        for peer in (bare, peers.gateway(engine.address, key), *peers.others(engine.address, key, folder)):
            started = serving(peer.name, peer.arguments, peer.port, key, peer.environment, cpu=1)
            servers.append(stack.enter_context(started))
            share.append(peer.share_of_requests)
        full = {server: max(1, int(options.requests * part)) for server, part in zip(servers, share, strict=True)}
        rounds: list[Round] = []
        for number in range(options.rounds):
            turn = number % len(servers)
            rounds.append(measure(servers[turn:] + servers[:turn], key, full, options.turns))
            _say(f"round {number + 1} of {options.rounds}")
        own = next(server for server in servers if server.name == GATEWAY)
        before = own.resident_mb()
        load("full", key, 1, {own: options.flat})
        growth = own.resident_mb() - before
    names = [server.name for server in servers if server.name != DIRECT]
    _say(f"\nmin / median / max of {options.rounds} rounds\n{table(rounds, names, bare.name, DIRECT)}")
    _say(f"\nresident growth over {options.flat} requests: {growth:.1f} MB (goal: at most {MOST_GROWTH_MB})")
    _say("ready after: " + ", ".join(f"{server.name} {server.ready_seconds:.2f} s" for server in servers[1:]))
    missed = [
        goal.name
        for goal in GOALS
        if not goal.held_by(statistics.median(values(goal, rounds, GATEWAY, bare.name, DIRECT)))
    ]
    missed += ["memory is not flat"] * (growth > MOST_GROWTH_MB) + ["ready"] * (own.ready_seconds > MOST_READY_SECONDS)
    _say("every goal is held" if not missed else "missed: " + ", ".join(missed))
    absent = peers.absent()
    for name, why in absent.items():
        _say(f"{name}: not measured, {why}")
    if options.json:
        figures = [{name: asdict(measured) for name, measured in each.items()} for each in rounds]
        found = {
            "rounds": figures,
            "figures": summary(rounds, names, bare.name, DIRECT),
            "goals": {goal.name: goal.bound for goal in GOALS},
            "missed": missed,
            "not_measured": absent,
            "ready_seconds": {server.name: round(server.ready_seconds, 2) for server in servers},
            "growth_mb": round(growth, 1),
        }
        options.json.write_text(json.dumps(found))
    return 0


def measure(servers: Sequence[Server], key: str, requests: Mapping[Server, int], turns: int) -> Round:
    """All figures of all servers, one load after the other; in each the servers take turns."""
    calm = load("calm", key, turns, dict.fromkeys(servers, CALM_REQUESTS))
    full, cpu_of_requests = _with_cpu("full", key, turns, {server: requests[server] for server in servers})
    paced, cpu_of_tokens = _with_cpu("paced", key, turns, dict.fromkeys(servers, STREAMS))
    return {
        server.name: Measured(
            p50_ms=calm[server.name]["p50_ms"],
            requests_per_second=full[server.name]["per_second"],
            cpu_us_per_request=cpu_of_requests[server.name] * 1e6,
            tokens_per_second=paced[server.name]["per_second"],
            cpu_us_per_token=cpu_of_tokens[server.name] * 1e6,
            first_byte_p50_ms=paced[server.name]["p50_ms"],
            resident_mb=server.resident_mb(),
        )
        for server in servers
    }


def _with_cpu(
    kind: str, key: str, turns: int, requests: dict[Server, int]
) -> tuple[dict[str, Figures], dict[str, float]]:
    """Also the CPU seconds of each server for each request or token; between its turns it has nothing to do."""
    before = {server: server.cpu_seconds() for server in requests}
    found = load(kind, key, turns, requests)
    took = {server.name: server.cpu_seconds() - before[server] for server in requests}
    return found, {name: seconds / found[name]["done"] for name, seconds in took.items()}


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 the command's result


if __name__ == "__main__":
    raise SystemExit(main())
