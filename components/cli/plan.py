"""`berth plan`: which hardware would a spec get, why, and what would it cost?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth plan`."""
    command = commands.add_parser(
        "plan", help="hardware, memory, limits and price of a spec, before anything is deployed", description=__doc__
    )
    command.add_argument("spec", type=Path, help="a spec file, for example stacks/services/llama-3-1-8b.yaml")
    command.add_argument("--target", default="ecs", help="where it would run (default: %(default)s)")
    command.add_argument("--region", default="us-east-1", help="AWS region (default: %(default)s)")
    command.add_argument("--environment", default="dev", help="when the spec names none (default: %(default)s)")
    command.add_argument(
        "--policies",
        metavar="ENVIRONMENT",
        help="also check the policies, as policies/config has them for this environment, or as a .json file has them;"
        " exits with 1 when one of them would stop a deployment",
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the plan; a spec that is wrong or cannot be satisfied is a BerthError."""
    from components.plan import UNBUILT, make_plan, plan_dict  # noqa: PLC0415 - not for other commands
    from components.plan.text import plan_text  # noqa: PLC0415
    from components.spec import load_spec  # noqa: PLC0415

    spec, today = load_spec(options.spec, environment=options.environment), datetime.now(UTC).date()
    plan = make_plan(
        spec,
        target=options.target,
        stack=spec.environment,
        region=options.region,
        images=UNBUILT,
        today=today,
    )
    if options.policies is None:
        print(json.dumps(plan_dict(plan), indent=2, sort_keys=True) if options.json else plan_text(plan))
        return 0
    from components.cli.policy_text import judged, policy_rows, policy_text  # noqa: PLC0415 - only when asked for

    outcomes = judged(spec, plan, options.policies, today)
    if options.json:
        print(json.dumps({**plan_dict(plan), "policies": policy_rows(outcomes)}, indent=2, sort_keys=True))
    else:
        print(f"{plan_text(plan)}\n{policy_text(outcomes, options.policies)}")
    return int(any(one.blocks for one in outcomes))
