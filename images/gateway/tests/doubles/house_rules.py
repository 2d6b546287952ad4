"""Which checks does an operator write? Functions that a configuration names as `house_rules:...`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.checks.check import Subject

SEEN: list[Subject] = []


async def no_bombs(subject: Subject) -> str | None:
    """Refuses what speaks of bombs, in either direction."""
    SEEN.append(subject)
    said = str(subject.request) if subject.stage == "input" else subject.text
    return "no bombs here" if "bomb" in said else None


async def never_ends(_: Subject) -> str | None:
    await asyncio.Event().wait()
    return None


async def is_broken(_: Subject) -> str | None:
    raise RuntimeError("my very private prompt")


def not_async(_: Subject) -> str | None:
    return None
