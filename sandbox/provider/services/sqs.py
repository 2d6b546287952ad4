"""How is a queue made in SQS? Its settings are attributes: texts under names of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.provider.comparison import Comparison, policy_form
from sandbox.provider.contract import Failure
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step
from sandbox.provider.rules import between, conflict, each, json_text
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_ATTRIBUTES = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
_NAME_LIMIT = 80


def text_of(value: Any) -> str:
    """Return a value as an attribute holds it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def value_of(prop: Props, text: str) -> Any:
    """Return an attribute's text as the property's type."""
    if prop.get("type") == "boolean":
        return text == "true"
    return int(text) if prop.get("type") == "integer" else text


def _api_form(props: Props) -> Props:
    props = dict(props)
    attributes = {
        member: value if value is UNKNOWN else text_of(value)
        for name, member in _ATTRIBUTES.items()
        if (value := props.pop(name, None)) is not None and value is not False
    }
    return {**props, "attributes": attributes} if attributes else props


def _set_attributes(aws: Aws, queue: Instance) -> None:
    attributes = {
        member: text_of(queue.get(name, ""))
        for name, member in _ATTRIBUTES.items()
        if queue.get(name) != queue.old.get(name) and (queue.get(name) is not None or name not in QUEUE.computed)
    }
    if attributes:
        aws("sqs").set_queue_attributes(QueueUrl=queue.id, Attributes=attributes)


def _queue(aws: Aws, queue: Instance) -> Answer | None:
    client = aws("sqs")
    attributes = client.get_queue_attributes(QueueUrl=queue.id, AttributeNames=["All"])["Attributes"]
    return {"Attributes": attributes, "Tags": client.list_queue_tags(QueueUrl=queue.id).get("Tags") or {}}


def _complete(_aws: Aws, answer: Answer, found: Props, queue: Instance) -> None:
    attributes = answer["Attributes"]
    for name, member in _ATTRIBUTES.items():
        if attributes.get(member) is not None:
            found[name] = value_of(QUEUE.contract.inputs[name], attributes[member])
    found["arn"], found["url"] = attributes["QueueArn"], queue.id
    found["name"] = attributes["QueueArn"].rsplit(":", 1)[-1]


def _name(value: str) -> str | None:
    fits = value.removesuffix(".fifo").replace("-", "a").replace("_", "a").isalnum() and len(value) <= _NAME_LIMIT
    return None if fits else f"must hold 1 to {_NAME_LIMIT} letters, digits, - and _; got {value!r}"


def _fifo_name(props: Props) -> Iterable[Failure]:
    name = props.get("name")
    if isinstance(name, str) and bool(props.get("fifoQueue")) != name.endswith(".fifo"):
        yield Failure("name", "ends with .fifo exactly when fifoQueue is true")


QUEUE = Resource(
    type_name="aws:sqs/queue:Queue",
    service="sqs",
    create=Call("create_queue", _api_form),
    identify=lambda answer, _: answer["QueueUrl"],
    read=_queue,
    delete=lambda aws, queue: aws("sqs").delete_queue(QueueUrl=queue.id),
    steps=(Step(tuple(_ATTRIBUTES), _set_attributes, on_create=False),),
    finish=_complete,
    rename={"name": "QueueName", "tags": "tags"},
    tagging="sqs",
    reflects=("policy",),
    defaults={
        "delaySeconds": 0,
        "maxMessageSize": 262144,
        "messageRetentionSeconds": 345600,
        "receiveWaitTimeSeconds": 0,
        "visibilityTimeoutSeconds": 30,
    },
    computed=(
        *("deduplicationScope", "fifoThroughputLimit", "kmsDataKeyReusePeriodSeconds", "policy", "redriveAllowPolicy"),
        *("redrivePolicy", "sqsManagedSseEnabled"),
    ),
    comparison=Comparison(
        canonical={"policy": policy_form, "redrivePolicy": policy_form, "redriveAllowPolicy": policy_form}
    ),
    rules=(
        each("name", _name),
        _fifo_name,
        conflict("name", "namePrefix"),
        conflict("kmsMasterKeyId", "sqsManagedSseEnabled"),
        between("delaySeconds", 0, 900),
        between("kmsDataKeyReusePeriodSeconds", 60, 86400),
        between("maxMessageSize", 1024, 1048576),
        between("messageRetentionSeconds", 60, 1209600),
        between("receiveWaitTimeSeconds", 0, 20),
        between("visibilityTimeoutSeconds", 0, 43200),
        json_text("policy"),
        json_text("redrivePolicy"),
    ),
    name_limit=_NAME_LIMIT,
)


def _policy_form(props: Props) -> Props:
    return {"queueUrl": props.get("queueUrl"), "attributes": {"Policy": props.get("policy")}}


def _policy(aws: Aws, policy: Instance) -> Answer | None:
    found = aws("sqs").get_queue_attributes(QueueUrl=policy.id, AttributeNames=["Policy"]).get("Attributes") or {}
    return {"Policy": found["Policy"], "QueueUrl": policy.id} if found.get("Policy") else None


def _put_policy(aws: Aws, policy: Instance, text: str) -> None:
    aws("sqs").set_queue_attributes(QueueUrl=policy.id, Attributes={"Policy": text})


QUEUE_POLICY = Resource(
    type_name="aws:sqs/queuePolicy:QueuePolicy",
    service="sqs",
    create=Call("set_queue_attributes", _policy_form),
    identify=lambda _, props: props["queueUrl"],
    read=_policy,
    delete=lambda aws, policy: _put_policy(aws, policy, ""),
    steps=(Step(("policy",), lambda aws, policy: _put_policy(aws, policy, policy["policy"]), on_create=False),),
    comparison=Comparison(canonical={"policy": policy_form}),
    rules=(json_text("policy"),),
)

ENTRIES = (QUEUE, QUEUE_POLICY)
