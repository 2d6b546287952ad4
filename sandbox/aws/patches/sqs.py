"""SQS: a queue keeps its policy when another attribute is set."""

from __future__ import annotations

from typing import Any

from moto.sqs.models import Queue


def keep_policy_of_queues() -> None:
    set_attributes = Queue._set_attributes  # noqa: SLF001

    def _set_attributes(self: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
        before = vars(self).get("policy")
        set_attributes(self, attributes, now)
        if "Policy" not in attributes:
            self.policy = before

    Queue._set_attributes = _set_attributes  # noqa: SLF001


PATCHES = (keep_policy_of_queues,)
