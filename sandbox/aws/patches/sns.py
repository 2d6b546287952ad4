"""SNS: nobody outside is called, a subscription waits for the one who is asked, and a topic keeps its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.sns.models import SNSBackend, Subscription, sns_backends
from moto.sns.responses import SNSResponse

from sandbox.aws.moto_settings import ACCOUNT_ID

if TYPE_CHECKING:
    from sandbox.aws.call import Call

_OUTBOX = "berth_outbox"
_ASKED = ("email", "email-json", "http", "https")
# Settings that moto stores and does not tell, and where.
_DROPPED = {"SignatureVersion": "signature_version", "TracingConfig": "tracing_config"}


@dataclass(frozen=True)
class Notice:
    """One message on its way to an endpoint that is not a queue."""

    topic: str
    subscription: str
    protocol: str
    endpoint: str
    message_id: str
    subject: str | None
    message: str
    attributes: dict[str, Any]


def take_notices(call: Call) -> list[Notice]:
    """Return what a call has published; it is not returned again."""
    if call.service != "sns" or not call.operation.startswith("Publish"):
        return []
    return vars(sns_backends[ACCOUNT_ID][call.region]).pop(_OUTBOX, [])


def deliver_to_queues_alone() -> None:
    publish = Subscription.publish

    def published(self: Subscription, message: str, message_id: str, **more: Any) -> None:
        if self.protocol == "sqs":
            publish(self, message, message_id, **more)
            return
        matcher = self._filter_policy_matcher
        attributes = more.get("message_attributes") or {}
        if self.attributes.get("PendingConfirmation") == "true" or (
            matcher is not None and not matcher.matches(attributes, message)
        ):
            return
        if more.get("message_structure") == "json":
            message = self._parse_message_structure(message, self.protocol)
        vars(self.topic.sns_backend).setdefault(_OUTBOX, []).append(
            Notice(
                self.topic.arn,
                self.arn,
                self.protocol,
                self.endpoint,
                message_id,
                more.get("subject"),
                message,
                attributes,
            )
        )

    Subscription.publish = published  # type: ignore[method-assign]


def wait_for_confirmation() -> None:
    subscribe = SNSBackend.subscribe

    def subscribed(self: SNSBackend, topic_arn: str, endpoint: str, protocol: str) -> Subscription:
        known = set(self.subscriptions)
        subscription = subscribe(self, topic_arn, endpoint, protocol)
        if subscription.arn not in known:
            is_asked = protocol in _ASKED
            subscription.attributes["PendingConfirmation"] = str(is_asked).lower()
            subscription.attributes["ConfirmationWasAuthenticated"] = str(not is_asked).lower()
        return subscription

    SNSBackend.subscribe = subscribed


def tell_settings_of_topics() -> None:
    describe = SNSResponse.get_topic_attributes

    def get_topic_attributes(self: SNSResponse) -> ActionResult:
        result = describe(self)
        topic = self.backend.get_topic(self._get_param("TopicArn"))
        kept = {name: vars(topic)[held] for name, held in _DROPPED.items() if vars(topic).get(held)}
        counted = [one for one in self.backend.subscriptions.values() if one.topic is topic]
        waiting = [one for one in counted if one.attributes.get("PendingConfirmation") == "true"]
        counts = {"SubscriptionsPending": len(waiting), "SubscriptionsConfirmed": len(counted) - len(waiting)}
        return ActionResult({"Attributes": result.result["Attributes"] | kept | counts})  # type: ignore[index]

    SNSResponse.get_topic_attributes = get_topic_attributes


PATCHES = (deliver_to_queues_alone, wait_for_confirmation, tell_settings_of_topics)
