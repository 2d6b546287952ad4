"""How are topics, their policies and their subscriptions made in SNS?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sandbox.provider.aws import error_code
from sandbox.provider.comparison import Comparison, json_form, policy_form
from sandbox.provider.contract import Failure
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step
from sandbox.provider.rules import arn, conflict, json_text, matches, one_of
from sandbox.provider.services.sqs import text_of, value_of
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_DEFAULT_POLICY = "__default_policy_ID"
_TOPIC = {
    "archivePolicy": "ArchivePolicy",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deliveryPolicy": "DeliveryPolicy",
    "displayName": "DisplayName",
    "fifoTopic": "FifoTopic",
    "fifoThroughputScope": "FifoThroughputScope",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
    **{
        f"{service}{what}": f"{service[0].upper()}{service[1:]}{what[0].upper()}{what[1:]}"
        for service in ("application", "firehose", "http", "lambda", "sqs")
        for what in ("FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate")
    },
}
_HTTP = ("http", "https")


def _attributes(props: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    return {
        member: props[name] if props[name] is UNKNOWN else text_of(props[name])
        for name, member in names.items()
        if props.get(name) not in (None, False)
    }


def _with_attributes(names: Mapping[str, str], props: Props) -> Props:
    attributes = _attributes(props, names)
    rest = {name: value for name, value in props.items() if name not in names}
    return {**rest, "attributes": attributes} if attributes else rest


def _set_topic(aws: Aws, topic: Instance) -> None:
    for name, member in _TOPIC.items():
        if topic.get(name) != topic.old.get(name) and (topic.get(name) is not None or name not in TOPIC.computed):
            aws("sns").set_topic_attributes(
                TopicArn=topic.id, AttributeName=member, AttributeValue=text_of(topic.get(name, ""))
            )


def _topic(aws: Aws, topic: Instance) -> Answer | None:
    client = aws("sns")
    attributes = client.get_topic_attributes(TopicArn=topic.id)["Attributes"]
    return {"Attributes": attributes, "Tags": client.list_tags_for_resource(ResourceArn=topic.id)["Tags"]}


def _complete_topic(_aws: Aws, answer: Answer, found: Props, topic: Instance) -> None:
    attributes = answer["Attributes"]
    for name, member in _TOPIC.items():
        if attributes.get(member) not in (None, ""):
            found[name] = value_of(TOPIC.contract.inputs[name], attributes[member])
    found["arn"], found["owner"] = topic.id, attributes["Owner"]
    found["name"] = topic.id.rsplit(":", 1)[-1]


def _fifo_name(props: Props) -> Iterable[Failure]:
    name = props.get("name")
    if isinstance(name, str) and bool(props.get("fifoTopic")) != name.endswith(".fifo"):
        yield Failure("name", "ends with .fifo exactly when fifoTopic is true")


TOPIC = Resource(
    type_name="aws:sns/topic:Topic",
    service="sns",
    create=Call("create_topic", lambda props: _with_attributes(_TOPIC, props)),
    identify=lambda answer, _: answer["TopicArn"],
    read=_topic,
    delete=lambda aws, topic: aws("sns").delete_topic(TopicArn=topic.id),
    steps=(Step(tuple(_TOPIC), _set_topic, on_create=False),),
    finish=_complete_topic,
    tagging="sns",
    reflects=("policy",),
    computed=("fifoThroughputScope", "policy", "signatureVersion", "tracingConfig"),
    comparison=Comparison(canonical={"policy": policy_form, "deliveryPolicy": json_form}),
    rules=(
        matches("name", r"[A-Za-z0-9_-]{1,251}(\.fifo)?", "must hold 1 to 256 letters, digits, - and _"),
        _fifo_name,
        conflict("name", "namePrefix"),
        json_text("policy"),
        json_text("deliveryPolicy"),
        one_of("signatureVersion", 1, 2),
        one_of("tracingConfig", "PassThrough", "Active"),
    ),
    name_limit=256,
)


def _policy_form(props: Props) -> Props:
    return {"topicArn": props.get("arn"), "attributeName": "Policy", "attributeValue": props.get("policy")}


def _policy(aws: Aws, policy: Instance) -> Answer | None:
    attributes = aws("sns").get_topic_attributes(TopicArn=policy.id)["Attributes"]
    if json.loads(attributes["Policy"]).get("Id") == _DEFAULT_POLICY:
        return None
    return {"Arn": policy.id, "Policy": attributes["Policy"], "Owner": attributes["Owner"]}


def _put_policy(aws: Aws, policy: Instance) -> None:
    aws("sns").set_topic_attributes(TopicArn=policy.id, AttributeName="Policy", AttributeValue=policy["policy"])


def _default_policy(aws: Aws, policy: Instance) -> None:
    """A topic is never without one: what AWS gives a new topic comes back."""
    owner = policy.id.split(":")[4]
    actions = ("GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic")
    actions += ("Subscribe", "ListSubscriptionsByTopic", "Publish")
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in actions],
        "Resource": policy.id,
        "Condition": {"StringEquals": {"AWS:SourceOwner": owner}},
    }
    document = {"Version": "2008-10-17", "Id": _DEFAULT_POLICY, "Statement": [statement]}
    aws("sns").set_topic_attributes(
        TopicArn=policy.id, AttributeName="Policy", AttributeValue=json.dumps(document, separators=(",", ":"))
    )


TOPIC_POLICY = Resource(
    type_name="aws:sns/topicPolicy:TopicPolicy",
    service="sns",
    create=Call("set_topic_attributes", _policy_form),
    identify=lambda _, props: props["arn"],
    read=_policy,
    delete=_default_policy,
    steps=(Step(("policy",), _put_policy, on_create=False),),
    comparison=Comparison(canonical={"policy": policy_form}),
    rules=(json_text("policy"), arn("arn")),
)

_SUBSCRIPTION = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
    "replayPolicy": "ReplayPolicy",
    "subscriptionRoleArn": "SubscriptionRoleArn",
}


def _subscription_form(props: Props) -> Props:
    return {**_with_attributes(_SUBSCRIPTION, props), "returnSubscriptionArn": True}


def _subscription(aws: Aws, subscription: Instance) -> Answer | None:
    return aws("sns").get_subscription_attributes(SubscriptionArn=subscription.id)["Attributes"]


def _complete_subscription(_aws: Aws, answer: Answer, found: Props, subscription: Instance) -> None:
    for name, member in _SUBSCRIPTION.items():
        if answer.get(member):
            found[name] = value_of(SUBSCRIPTION.contract.inputs[name], answer[member])
    found["topic"], found["arn"], found["ownerId"] = answer["TopicArn"], subscription.id, answer.get("Owner")
    for name in ("pendingConfirmation", "confirmationWasAuthenticated"):
        found[name] = answer.get(f"{name[0].upper()}{name[1:]}") == "true"


def _set_subscription(aws: Aws, subscription: Instance) -> None:
    for name, member in _SUBSCRIPTION.items():
        if subscription.get(name) != subscription.old.get(name):
            aws("sns").set_subscription_attributes(
                SubscriptionArn=subscription.id,
                AttributeName=member,
                AttributeValue=text_of(subscription.get(name, "")),
            )


def _unsubscribe(aws: Aws, subscription: Instance) -> None:
    try:
        aws("sns").unsubscribe(SubscriptionArn=subscription.id)
    except ClientError as error:
        # The topic takes it along, or AWS forgets it after two days.
        if error_code(error) != "InvalidParameter" or "pending confirmation" not in str(error):
            raise


SUBSCRIPTION = Resource(
    type_name="aws:sns/topicSubscription:TopicSubscription",
    service="sns",
    create=Call("subscribe", _subscription_form),
    identify=lambda answer, _: answer["SubscriptionArn"],
    read=_subscription,
    delete=_unsubscribe,
    steps=(Step(tuple(_SUBSCRIPTION), _set_subscription, on_create=False),),
    finish=_complete_subscription,
    rename={"topic": "TopicArn"},
    local=("confirmationTimeoutInMinutes", "endpointAutoConfirms"),
    defaults={"confirmationTimeoutInMinutes": 1, "endpointAutoConfirms": False, "rawMessageDelivery": False},
    computed=("filterPolicyScope",),
    comparison=Comparison(canonical={"filterPolicy": json_form, "redrivePolicy": json_form}),
    rules=(
        one_of("protocol", "application", "email", "email-json", "firehose", *_HTTP, "lambda", "sms", "sqs"),
        arn("topic"),
        json_text("filterPolicy"),
        json_text("redrivePolicy"),
    ),
)

ENTRIES = (TOPIC, TOPIC_POLICY, SUBSCRIPTION)
