"""How is an order carried out: written down for the keeper, who then acts at once, and shown with what came of it?"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from components.cli.deployed import services
from components.cli.keeping import run_now
from components.cli.kept import Reach, chosen
from components.errors import Problem
from components.keeper.runtime.errors import KeeperError
from components.keeper.runtime.hours import local

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from components.cli.kept import Caller
    from components.cli.orders import Order
    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.state import State


def carry_out(options: argparse.Namespace, make: Callable[[KeeperConfig, State, Caller], Order]) -> int:
    """Write an order down and have it seen to; 1 when the keeper could not do it, or not now."""
    [(name, outputs)] = chosen(services(options.stack), options.service).items()
    reach = Reach(options.state)
    kept = reach.kept(name, outputs)
    if kept is None:
        fix = "give it schedule or idle in its spec, and deploy"
        raise KeeperError(
            str(Problem(f"berth {options.command}", name, "has no keeper: it is awake all the time", fix))
        )
    config, state, caller = kept.config(), kept.state(), reach.caller_for(kept)
    order = make(config, state, caller)
    if kept.function is not None and kept.documents.read("awake_until") is None:
        # Written all the same, it would be a parameter that no stack knows, and the next deployment fail.
        raise KeeperError(f"the parameter for orders to {name} is not there; deploy the stack")
    kept.documents.write("awake_until", order.override.to_json())
    outcome: dict[str, Any] | None = None
    problems: list[str] = []
    try:
        outcome = run_now(kept, reach, lambda text: print(text, file=sys.stderr))
        problems = list(outcome["problems"])
    except KeeperError as error:
        problems = [f"the order is written down, and the next run of {kept.keeper} sees to it: {error}"]
    anew = reach.kept(name, outputs) or kept
    after = anew.state()
    if options.json:
        document = {
            "service": name,
            "order": json.loads(order.override.to_json()),
            "notes": list(order.notes),
            "outcome": outcome,
            "state": json.loads(after.to_json()),
            "problems": problems,
        }
        print(json.dumps(document, indent=2))
    else:
        print("\n".join(_lines(config, order, outcome, after, problems)))
    return 1 if problems else 0


def _lines(
    config: KeeperConfig, order: Order, outcome: dict[str, Any] | None, after: State, problems: list[str]
) -> list[str]:
    override, schedule, name = order.override, config.schedule, config.service
    what = f"awake until {local(schedule, override.until)}" if override.until else "asleep"
    lines = [f"{name}: ordered to be {what}, by {override.by}", *(f"{name}: {note}" for note in order.notes)]
    if outcome is not None:
        lines.append(f"{name}: {now_is(config, after)}; {outcome.get('did') or 'nothing had to be done'}")
    return [*lines, *(f"{name}: problem: {problem}" for problem in problems)]


def now_is(config: KeeperConfig, state: State) -> str:
    """Return what a service does, why, and until when, in one line."""
    text = f"{state.state}, as {state.why}"
    if state.state == "waking" and state.ready_at is not None:
        return f"{text}; it answers from about {local(config.schedule, state.ready_at)} on"
    if state.wanted == "asleep":
        wakes = "nobody knows when it wakes" if state.next_wake is None else local(config.schedule, state.next_wake)
        return f"{text}; {wakes if state.next_wake is None else f'it wakes at {wakes}'}"
    return text
