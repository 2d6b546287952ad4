"""How do alarms and budgets reach a chat? The topic passes them to the function, which knows whose chat it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from components.contracts import METRIC_DIMENSIONS
from components.keeper.runtime.errors import KeeperError
from components.keeper.runtime.targets.orders import Orders
from components.keeper.runtime.voice import MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from components.keeper.runtime.services import Services
    from components.keeper.runtime.webhook import Webhook

_SERVICE = METRIC_DIMENSIONS[-1]


def relay(records: Iterable[Mapping[str, Any]], services: Services, webhook: Webhook) -> int:
    """Pass messages on to the chat of the service that they are about, or to all; return how many were sent.

    Raises:
        KeeperError: some chat did not hear it; the others did.
    """
    told, orders = 0, Orders()
    for record in records:
        sns = record.get("Sns", {})
        # The keeper's own notices were sent there when they were published.
        if not sns or MARK in sns.get("MessageAttributes", {}):
            continue
        text, service = read_message(sns.get("Subject") or "", sns.get("Message") or "")
        for secret_arn in _secrets(services, service):
            told += 1
            orders.give(lambda secret_arn=secret_arn, text=text: _sent(webhook, secret_arn, text))
    orders.result()
    return told


def read_message(subject: str, message: str) -> tuple[str, str | None]:
    """Return what a message says in a line, and the service that it is about; None where it does not say.

    >>> read_message("AWS Budgets: prod-chat has exceeded your alert threshold", "Dear AWS Customer, ...")
    ('AWS Budgets: prod-chat has exceeded your alert threshold', None)
    """
    try:
        alarm = json.loads(message)
        name, state = alarm["AlarmName"], alarm["NewStateValue"]
    except (ValueError, KeyError, TypeError):
        return subject or message, None
    said = alarm.get("AlarmDescription") or alarm.get("NewStateReason") or ""
    return f"{state}: {name}" + (f": {said}" if said else ""), _service_of(alarm.get("Trigger") or {})


def _service_of(trigger: Mapping[str, Any]) -> str | None:
    """Return the service whose metric an alarm watches, alone or within a formula."""
    metrics = [one["MetricStat"]["Metric"] for one in trigger.get("Metrics") or () if "MetricStat" in one]
    dimensions = [one for metric in (trigger, *metrics) for one in metric.get("Dimensions") or ()]
    return next((one.get("value") for one in dimensions if one.get("name") == _SERVICE), None)


def _secrets(services: Services, service: str | None) -> list[str]:
    names = [service] if service in services.names else services.names
    found: dict[str, None] = {}
    for name in names:
        try:
            secret_arn = services.config(name).notify.get("webhook_secret")
        except KeeperError:
            # Its own run says so; a message for the others must not be lost for it.
            continue
        if secret_arn:
            found[secret_arn] = None
    return list(found)


def _sent(webhook: Webhook, secret_arn: str, text: str) -> str:
    webhook.send(secret_arn, text)
    return ""
