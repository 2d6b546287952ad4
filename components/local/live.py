"""Do the processes of a deployed service run now?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.live import Replicas
from components.local.process import Identity, is_alive

if TYPE_CHECKING:
    from collections.abc import Mapping


def replicas(
    session: object,  # noqa: ARG001 - every target is asked alike
    outputs: Mapping[str, Any],
) -> Replicas:
    """Look at the processes that `outputs` names."""
    if outputs["state"] == "parked":
        return Replicas(running=0, wanted=0, least=0, most=0)
    processes = outputs["processes"]
    ended = [role for role, one in processes.items() if not is_alive(Identity(int(one["pid"]), one["started"]))]
    if not ended:
        return Replicas(running=1, wanted=1, least=1, most=1)
    problem = f"{' and '.join(sorted(ended))} ended; `pulumi up` starts what is missing"
    return Replicas(running=0, wanted=1, least=1, most=1, state="stopped", problem=problem)
