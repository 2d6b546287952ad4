"""How long is an instance paid for after its last task, replica or worker has ended?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.plan.model import Target

CLOSING_HOURS: Mapping[Target, float] = {"ecs": 1 / 6}
"""When a service falls asleep: the keeper ends instances without a task at its next run, ten minutes later at most."""

GIVE_BACK_HOURS: Mapping[Target, float] = {"ecs": 0.25}
"""When scaling takes a replica away from a service that stays awake.

Source: Amazon ECS developer guide, "Automatically manage Amazon ECS capacity with cluster auto scaling" (2026-11): the
alarm of managed scaling that takes instances away asks for 15 minutes. SageMaker and RunPod end an instance with its
endpoint or worker.
"""
