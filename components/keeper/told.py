"""What do a stack's outputs say of how a service is kept, so that commands need not ask for it elsewhere?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from components.keeper.document import config_of, digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.plan.model import Plan


def kept_outputs(
    plan: Plan, outputs: Mapping[str, Any], details: Mapping[str, Any], document: pulumi.Output[str] | None
) -> dict[str, Any]:
    """Return the outputs of a service with what its keeper is told.

    `document` is what a function in AWS reads in its parameter: the outputs have its digest, which tells whether that
    is what was deployed. None: no function keeps the service, and `berth keeper run` reads the document here.
    """
    if "keeper" not in outputs:
        return dict(outputs)
    if document is not None:
        more: dict[str, Any] = {"config_sha256": document.apply(digest)}
    else:
        known = pulumi.Output.from_input(details)
        more = {"document": known.apply(lambda found: config_of(plan, found).to_json())}
    return {**outputs, "keeper": {**outputs["keeper"], **more}}
