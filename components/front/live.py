"""Does the front of a deployed service run as many tasks as it should?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.ecs.live import replicas
from components.errors import DeployedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3.session import Session


def front_problem(session: Session, outputs: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the front that `outputs` names; None where all of its tasks run, or there is none."""
    front = outputs.get("front")
    if front is None:
        return None
    try:
        now = replicas(session, {**front, "region": outputs["region"]})
    except DeployedError as error:
        return f"front: {error}"
    if now.running >= now.wanted:
        return None
    return f"front: {now.running} of {now.wanted} tasks run; {front['dashboard_url']} says why"
