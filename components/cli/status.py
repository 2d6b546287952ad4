"""`berth status`: what of a stack runs now, where, why and until when, and what does it cost?"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from components.cli.arguments import add_stack, add_state
from components.cli.deployed import services
from components.cli.table import table, usd
from components.errors import BerthError, DeployedError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping, Sequence

    from components.cli.kept import Reach
    from components.cli.status_kept import Keeping
    from components.live import Replicas


@dataclass(frozen=True, slots=True)
class Row:
    """One service; an amount that is not known is None, `problem` says what is wrong, or what could not be asked."""

    service: str
    target: str
    hardware: str
    state: str
    replicas_running: int | None
    replicas_min: int | None
    replicas_max: int | None
    instance_usd_per_hour: float | None
    usd_per_hour: float | None
    usd_per_month_floor: float | None
    usd_per_month_expected: float | None
    usd_per_month_max: float | None
    usd_per_month_shared: float | None
    openai_base_url: str
    problem: str | None
    keeper: Keeping | None = None
    """None where nothing keeps it, or that could not be asked."""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `berth status`."""
    command = commands.add_parser("status", help="what of a stack runs now, and what it costs", description=__doc__)
    command.add_argument("service", nargs="?", help="default: all services of the stack")
    add_stack(command)
    add_state(command)
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the table; exit code 1 when a service could not be asked."""
    from components.cli.kept import Reach, chosen  # noqa: PLC0415 - not for --help

    reach = Reach(options.state)
    found = chosen(services(options.stack), options.service)
    rows = [_row(name, outputs, reach) for name, outputs in sorted(found.items())]
    if options.json:
        print(json.dumps({"services": [_document(row) for row in rows]}, indent=2))
    else:
        print(_text(rows))
    unasked = (row.replicas_running is None or ("keeper" in found[row.service] and row.keeper is None) for row in rows)
    return 1 if any(unasked) else 0


def _document(row: Row) -> dict[str, Any]:
    document = asdict(row)
    if row.keeper is not None:
        del document["keeper"]["words"]
    return document


def _row(name: str, outputs: Mapping[str, Any], reach: Reach) -> Row:
    hardware, estimate = outputs["hardware"], outputs["estimate"]
    price, problem, now = hardware["usd_per_hour"], None, None
    keeper, unkept = _keeping(name, outputs, reach)
    try:
        now = _replicas(outputs)
    except DeployedError as error:
        problem = str(error)
    burn = None if now is None or price is None else round(now.running * price, 6)
    return Row(
        service=name,
        target=outputs["target"],
        hardware=_hardware(hardware),
        state=(keeper and keeper.owns_replicas and keeper.state) or (now and now.state) or outputs["state"],
        replicas_running=now and now.running,
        replicas_min=now and now.least,
        replicas_max=now and now.most,
        instance_usd_per_hour=price,
        usd_per_hour=burn,
        usd_per_month_floor=estimate["floor"],
        usd_per_month_expected=estimate["expected"],
        usd_per_month_max=estimate["max"],
        usd_per_month_shared=estimate["shared"],
        openai_base_url=outputs["openai_base_url"],
        problem="; ".join(
            text
            for text in (
                problem or (now and now.problem),
                _front_problem(outputs),
                unkept or (keeper and keeper.problem),
            )
            if text
        )
        or None,
        keeper=keeper,
    )


def _keeping(name: str, outputs: Mapping[str, Any], reach: Reach) -> tuple[Keeping | None, str | None]:
    """Return what the keeper says of a service, or why it cannot be asked; neither where there is none."""
    if "keeper" not in outputs:
        return None, None
    from components.cli.status_kept import keeping  # noqa: PLC0415 - few stacks have a keeper

    try:
        kept = reach.kept(name, outputs)
        return (None, None) if kept is None else (keeping(kept, reach.caller_for(kept).now), None)
    except BerthError as error:
        return None, f"keeper: {error}"


def _hardware(hardware: Mapping[str, Any]) -> str:
    gpus = f" ({hardware['gpu_count']}x {hardware['gpu']})" if hardware["gpu_count"] else ""
    return f"{hardware['instance_type']}{gpus}"


def _front_problem(outputs: Mapping[str, Any]) -> str | None:
    if "front" not in outputs:
        return None
    from boto3.session import Session  # noqa: PLC0415 - 0.2 s that --help and errors do without

    from components.front.live import front_problem  # noqa: PLC0415

    return front_problem(Session(), outputs)


def _replicas(outputs: Mapping[str, Any]) -> Replicas:
    from boto3.session import Session  # noqa: PLC0415 - 0.2 s that --help and errors do without

    from components.ecs import live as ecs  # noqa: PLC0415
    from components.local import live as local  # noqa: PLC0415
    from components.runpod import live as runpod  # noqa: PLC0415
    from components.sagemaker import live as sagemaker  # noqa: PLC0415

    readers = {"ecs": ecs.replicas, "sagemaker": sagemaker.replicas, "runpod": runpod.replicas, "local": local.replicas}
    return readers[outputs["target"]](Session(), outputs)


def _text(rows: Sequence[Row]) -> str:
    head = ["service", "target", "hardware", "state", "now/min/max", "usd/h now", "usd/month", "up to", "endpoint"]
    cells = [
        [
            row.service,
            row.target,
            row.hardware,
            row.state,
            "/".join("?" if count is None else str(count) for count in _counts(row)),
            usd(row.usd_per_hour),
            usd(row.usd_per_month_expected, 0),
            usd(row.usd_per_month_max, 0),
            row.openai_base_url,
        ]
        for row in rows
    ]
    cells.append(["total", "", "", "", "", *_totals(rows), ""])
    lines = [
        table(head, cells, right=frozenset({"usd/h now", "usd/month", "up to"})),
        "usd/h now: GPU instances that run. usd/month: all costs at the expected load; up to: all replicas, all 730 h.",
    ]
    if any(row.usd_per_month_shared for row in rows[1:]):
        lines.append("total: the network that services share is counted once.")
    if kept := [(row.service, row.keeper) for row in rows if row.keeper]:
        from components.cli.status_kept import keeping_text  # noqa: PLC0415

        lines += ["", keeping_text(kept)]
    lines.extend(f"{row.service}: {row.problem}" for row in rows if row.problem)
    return "\n".join(lines)


def _counts(row: Row) -> tuple[int | None, int | None, int | None]:
    return row.replicas_running, row.replicas_min, row.replicas_max


def _totals(rows: Sequence[Row]) -> list[str]:
    shared = [row.usd_per_month_shared for row in rows]
    return [
        usd(_sum(row.usd_per_hour for row in rows)),
        usd(_shared_once([row.usd_per_month_expected for row in rows], shared), 0),
        usd(_shared_once([row.usd_per_month_max for row in rows], shared), 0),
    ]


def _shared_once(amounts: Sequence[float | None], shared: Sequence[float | None]) -> float | None:
    """The sum, with what every service's amount has of the shared network counted once."""
    both = [_sum(amounts), _sum(shared)]
    if both[0] is None or both[1] is None:
        return None
    return both[0] - both[1] + max(part or 0.0 for part in shared)


def _sum(amounts: Iterable[float | None]) -> float | None:
    """A sum with an unknown in it is unknown."""
    known = list(amounts)
    return None if None in known else sum(amount for amount in known if amount is not None)
