"""What must whoever deploys a stack be able to do to what watches it, and to what it remembers?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.foundation.owned import Owned, allow, of

if TYPE_CHECKING:
    from components.statements import Statement

# fmt: off
_QUEUES = "CreateQueue DeleteQueue SetQueueAttributes TagQueue UntagQueue"
_TOPICS = (
    "CreateTopic DeleteTopic SetSubscriptionAttributes SetTopicAttributes Subscribe TagResource Unsubscribe "
    "UntagResource"
)
_SCHEDULES = (
    "CreateSchedule CreateScheduleGroup DeleteSchedule DeleteScheduleGroup TagResource UntagResource UpdateSchedule"
)
_TABLES = "CreateTable DeleteTable TagResource UntagResource UpdateContinuousBackups UpdateTable UpdateTimeToLive"
_KEYS = (
    "CreateGrant DisableKeyRotation EnableKeyRotation PutKeyPolicy ScheduleKeyDeletion TagResource UntagResource "
    "UpdateKeyDescription"
)
# fmt: on


def watch_rights(owned: Owned) -> list[Statement]:
    """Let a role deploy logs, alarms, notices, schedules, budgets and documents of a stack."""
    stack, account = owned.stack, owned.account
    groups = owned.arn(
        "logs",
        *(
            f"log-group:{name}*"
            for name in (f"/berth/{stack}/", f"/aws/lambda/berth-{stack}-", f"/aws/sagemaker/Endpoints/{stack}-")
        ),
    )
    # Of a policy that holds a metric, Application Auto Scaling makes the alarms itself.
    alarms = owned.arn("cloudwatch", f"alarm:berth/{stack}/*", f"alarm:{stack}-*", "alarm:TargetTracking-*")
    return [
        allow(
            "Logs",
            of(
                "logs",
                "CreateLogGroup DeleteLogGroup DeleteRetentionPolicy PutRetentionPolicy TagResource UntagResource",
            ),
            groups,
        ),
        allow("Alarms", of("cloudwatch", "DeleteAlarms PutMetricAlarm TagResource UntagResource"), alarms),
        allow(
            "Parameters",
            of("ssm", "AddTagsToResource DeleteParameter DeleteParameters PutParameter RemoveTagsFromResource"),
            owned.arn("ssm", f"parameter/berth/{stack}/*"),
        ),
        allow("Topics", of("sns", _TOPICS), owned.arn("sns", f"berth-{stack}-*")),
        allow("Queues", of("sqs", _QUEUES), owned.arn("sqs", f"berth-{stack}-*")),
        allow(
            "Schedules",
            of("scheduler", _SCHEDULES),
            owned.arn("scheduler", f"schedule/berth-{stack}/*", f"schedule-group/berth-{stack}"),
        ),
        allow(
            "Budgets",
            of("budgets", "ModifyBudget TagResource UntagResource"),
            [f"arn:{account.partition}:budgets::{account.id}:budget/berth/{stack}/*"],
        ),
        allow("Tables", of("dynamodb", _TABLES), owned.arn("dynamodb", f"table/berth_{stack}_*")),
        allow("MakeKeys", of("kms", "CreateKey TagResource"), "*", **owned.tagging),
        allow("ChangeKeys", of("kms", _KEYS), owned.arn("kms", "key/*"), **owned.tagged),
    ]
