"""From which rules of the policies is a service exempt? The plan lists it, so that nobody has to look for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.plan.effects import NOTED, Effect
from components.plan.model import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.spec.service import ServiceSpec

FIELD = "policy_exemptions"
_LISTED = Effect(NOTED, "Listed by the plan and by reports of the policies; nothing that is deployed changes.")
EXEMPTION_EFFECTS = dict.fromkeys((FIELD, f"{FIELD}.rule", f"{FIELD}.reason", f"{FIELD}.expires"), _LISTED)


def exemption_notes(spec: ServiceSpec) -> Iterator[Note]:
    """Yield one note for each exemption, in the order of the spec."""
    for one in spec.policy_exemptions:
        yield Note("info", FIELD, f"{one.rule} need not be kept until {one.expires}: {one.reason}")
