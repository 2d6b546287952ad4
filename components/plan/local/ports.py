"""On which ports of this machine does a service listen, and do the services of a stack stay out of each other's way?"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from components.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.plan.model import Plan

_FIRST, _PAIRS = 18_000, 2_000
"""Below the ports that Linux and macOS hand out by themselves, from 32768 and 49152."""


def port_of(service: str) -> int:
    """Return the port of a service that names none: always the same one; the next is its engine's.

    >>> port_of("chat") == port_of("chat"), port_of("chat") % 2, 18_000 <= port_of("chat") < 22_000
    (True, 0, True)
    """
    return _FIRST + 2 * (int.from_bytes(hashlib.sha256(service.encode()).digest()[:4], "big") % _PAIRS)


def port_problems(plans: Sequence[Plan]) -> list[Problem]:
    """Return a problem for each port that two services of a stack would listen on."""
    owners: dict[int, str] = {}
    problems: list[Problem] = []
    for plan in plans:
        if plan.local is None:
            continue
        for port in (plan.local.port, plan.local.engine_port):
            if port is None:
                continue
            owner = owners.setdefault(port, plan.service)
            if owner != plan.service:
                problems.append(
                    Problem(
                        f"{plan.service}: local.port",
                        str(plan.local.port),
                        f"takes port {port}, which service {owner} listens on",
                        "give one of them another local.port; a service takes two in a row",
                    )
                )
    return problems
