"""How do people and alarms hear of the keeper: by figures in CloudWatch, a topic of SNS, and a chat?"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from components.contracts import METRIC_DIMENSIONS, METRIC_NAMESPACE
from components.keeper.runtime.errors import KeeperError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from components.contracts import KeeperMetric
    from components.keeper.runtime.calls import Calls
    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.decision import Notice
    from components.keeper.runtime.webhook import Webhook

log = logging.getLogger("berth.keeper")

MARK = "berth"
"""Message attribute of notices, which the chat has had already when the topic passes them on."""
_SUBJECTS: Mapping[str, str] = {
    "stop": "sleeps soon",
    "budget": "has spent its budget",
    "parked": "is parked",
    "failed": "could not be kept",
}
_LONGEST_SUBJECT = 99


class AwsVoice:
    """Who hears of the services of one stack on AWS."""

    def __init__(self, clients: Callable[[str, str | None], Any], calls: Calls, webhook: Webhook) -> None:
        """Nothing is said yet."""
        self._clients, self._calls, self._webhook = clients, calls, webhook

    def publish(self, config: KeeperConfig, metrics: Mapping[KeeperMetric, float], now: datetime) -> None:
        """Publish figures; raises KeeperError where CloudWatch refuses."""
        named = dict(zip(METRIC_DIMENSIONS, (config.stack, config.service), strict=True))
        dimensions = [{"Name": name, "Value": value} for name, value in named.items()]
        self._calls(
            self._clients("cloudwatch", None).put_metric_data,
            Namespace=METRIC_NAMESPACE,
            MetricData=[
                {"MetricName": metric.value, "Dimensions": dimensions, "Timestamp": now, "Value": value}
                for metric, value in metrics.items()
            ],
        )

    def tell(self, config: KeeperConfig, notice: Notice) -> None:
        """Tell topic and chat; raises KeeperError where neither hears.

        One is enough: were it told again for the other's sake, everybody's mail would be full of it.
        """
        topic_arn, secret_arn = config.notify.get("topic_arn"), config.notify.get("webhook_secret")
        said, failed = 0, list[KeeperError]()
        for place, say in ((topic_arn, self._publish), (secret_arn, self._chat)):
            if place is None:
                continue
            try:
                say(place, config, notice)
            except KeeperError as error:
                failed.append(error)
            else:
                said += 1
        if failed and not said:
            raise KeeperError("; ".join(str(error) for error in failed))
        for error in failed:
            log.warning("%s: %s was not told everywhere: %s", config.service, notice.kind, error)

    def _publish(self, topic_arn: str, config: KeeperConfig, notice: Notice) -> None:
        subject = f"Berth {config.stack}/{config.service} {_SUBJECTS[notice.kind]}"
        self._calls(
            self._clients("sns", None).publish,
            TopicArn=topic_arn,
            Subject=subject[:_LONGEST_SUBJECT],
            Message=notice.text,
            MessageAttributes={MARK: {"DataType": "String", "StringValue": notice.kind}},
        )

    def _chat(self, secret_arn: str, config: KeeperConfig, notice: Notice) -> None:
        self._webhook.send(secret_arn, f"{config.stack}: {notice.text}")
