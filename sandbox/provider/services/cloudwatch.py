"""How are log groups, dashboards and alarms made in the CloudWatch APIs?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.limits import RETENTION_DAYS
from sandbox.provider.comparison import Comparison, json_form
from sandbox.provider.contract import Failure
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first, modify, send
from sandbox.provider.rules import arn, conflict, each, json_text, matches, one_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_MINUTE = 60


def _set_retention(aws: Aws, group: Instance) -> None:
    days = group.get("retentionInDays")
    if days:
        aws("logs").put_retention_policy(logGroupName=group.id, retentionInDays=days)
    else:
        aws("logs").delete_retention_policy(logGroupName=group.id)


def _set_key(aws: Aws, group: Instance) -> None:
    if group.get("kmsKeyId"):
        aws("logs").associate_kms_key(logGroupName=group.id, kmsKeyId=group["kmsKeyId"])
    else:
        aws("logs").disassociate_kms_key(logGroupName=group.id)


def _log_group(aws: Aws, group: Instance) -> Answer | None:
    client = aws("logs")
    pages = client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=group.id)
    for page in pages:
        for found in page["logGroups"]:
            if found["logGroupName"] == group.id:
                tags = client.list_tags_for_resource(resourceArn=found["arn"].removesuffix(":*"))["tags"]
                return {"retentionInDays": 0, **found, "tags": tags}
    return None


def _complete_log_group(_aws: Aws, answer: Answer, found: Props, group: Instance) -> None:
    found["arn"] = answer["arn"].removesuffix(":*")
    found.setdefault("logGroupClass", group.get("logGroupClass") or "STANDARD")


def _delete_log_group(aws: Aws, group: Instance) -> None:
    if not group.get("skipDestroy"):
        aws("logs").delete_log_group(logGroupName=group.id)


LOG_GROUP = Resource(
    type_name="aws:cloudwatch/logGroup:LogGroup",
    service="logs",
    create=Call("create_log_group"),
    identify=lambda _, props: props["name"],
    read=_log_group,
    delete=_delete_log_group,
    steps=(Step(("retentionInDays",), _set_retention), Step(("kmsKeyId",), _set_key, on_create=False)),
    finish=_complete_log_group,
    rename={"name": "logGroupName"},
    tagging="logs",
    local=("skipDestroy",),
    defaults={"retentionInDays": 0, "skipDestroy": False},
    computed=("logGroupClass", "deletionProtectionEnabled"),
    rules=(
        one_of("retentionInDays", 0, *RETENTION_DAYS),
        matches("name", r"[.\-_/#A-Za-z0-9]{1,512}", "must hold only letters, digits and .-_/#"),
        arn("kmsKeyId"),
        conflict("name", "namePrefix"),
    ),
    name_limit=512,
)

DASHBOARD = Resource(
    type_name="aws:cloudwatch/dashboard:Dashboard",
    service="cloudwatch",
    create=Call("put_dashboard"),
    identify=lambda _, props: props["dashboardName"],
    read=lambda aws, dashboard: aws("cloudwatch").get_dashboard(DashboardName=dashboard.id),
    delete=lambda aws, dashboard: aws("cloudwatch").delete_dashboards(DashboardNames=[dashboard.id]),
    steps=(modify("cloudwatch", Call("put_dashboard"), "DashboardName", ("dashboardBody",), on_create=False),),
    comparison=Comparison(canonical={"dashboardBody": json_form}),
    rules=(
        matches("dashboardName", r"[0-9A-Za-z_-]{1,255}", "must hold only letters, digits, - and _"),
        json_text("dashboardBody"),
    ),
)


def _alarm(aws: Aws, alarm: Instance) -> Answer | None:
    client = aws("cloudwatch")
    found = first(client.describe_alarms(AlarmNames=[alarm.id]), "MetricAlarms")
    if found is None:
        return None
    return {**found, "Tags": client.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]}


def _put_alarm(aws: Aws, alarm: Instance) -> None:
    skipped = ("region", "tags", "namePrefix")
    wanted = {name: value for name, value in alarm.props.items() if name not in skipped and value is not None}
    send(aws, "cloudwatch", Call("put_metric_alarm", _alarm_form, METRIC_ALARM.rename), wanted)


def _alarm_form(props: Props) -> Props:
    props = dict(props)
    queries = props.get("metricQueries")
    if isinstance(queries, list):
        props["metricQueries"] = [_query_form(query) for query in queries]
    return props


def _query_form(given: object) -> object:
    if not isinstance(given, dict):
        return given
    query: Props = {"returnData": False, **given}  # AWS would take every query that says nothing for the result
    if not isinstance(query.get("metric"), dict):
        return query
    metric = query["metric"]
    stat = {name: metric[name] for name in ("period", "stat", "unit") if name in metric}
    subject = {name: metric[name] for name in ("metricName", "namespace", "dimensions") if name in metric}
    rest = {name: value for name, value in query.items() if name != "metric"}
    return {**rest, "metricStat": {**stat, "metric": subject}}


def _complete_alarm(_aws: Aws, answer: Answer, found: Props, _alarm_instance: Instance) -> None:
    for query, source in zip(found.get("metricQueries") or [], answer.get("Metrics") or [], strict=False):
        stat = source.get("MetricStat")
        if stat:
            subject = stat["Metric"]
            dimensions = {pair["Name"]: pair["Value"] for pair in subject.get("Dimensions", [])}
            query["metric"] = {
                "metricName": subject["MetricName"],
                "namespace": subject.get("Namespace"),
                "dimensions": dimensions,
                "period": stat["Period"],
                "stat": stat["Stat"],
                "unit": stat.get("Unit"),
            }


def _one_source(props: Props) -> Iterable[Failure]:
    if props.get("metricQueries") is not None:
        for name in ("metricName", "statistic", "extendedStatistic", "period", "namespace"):
            if props.get(name) is not None:
                yield Failure(name, "conflicts with metricQueries; leave it out")
        return
    if props.get("metricName") is None:
        yield Failure("metricName", "one of metricName, metricQueries must be given")
    given = [name for name in ("statistic", "extendedStatistic") if props.get(name) is not None]
    if len(given) != 1:
        yield Failure(
            "statistic", f"exactly one of statistic, extendedStatistic must be given, got {', '.join(given) or 'none'}"
        )
    points, periods = props.get("datapointsToAlarm"), props.get("evaluationPeriods")
    if isinstance(points, int) and isinstance(periods, int) and points > periods:
        yield Failure("datapointsToAlarm", f"{points} is more than evaluationPeriods, which is {periods}")
    if props.get("threshold") is None and props.get("thresholdMetricId") is None:
        yield Failure("threshold", "required, but not given")


def _period(value: int) -> str | None:
    fits = value in (10, 20, 30) or (value > 0 and value % _MINUTE == 0)
    return None if fits else f"must be 10, 20, 30 or divisible by 60, got {value}"


METRIC_ALARM = Resource(
    type_name="aws:cloudwatch/metricAlarm:MetricAlarm",
    service="cloudwatch",
    create=Call("put_metric_alarm", _alarm_form),
    identify=lambda _, props: props["name"],
    read=_alarm,
    delete=lambda aws, alarm: aws("cloudwatch").delete_alarms(AlarmNames=[alarm.id]),
    steps=(
        Step(
            (
                "actionsEnabled",
                "alarmActions",
                "alarmDescription",
                "comparisonOperator",
                "datapointsToAlarm",
                "dimensions",
                "evaluateLowSampleCountPercentiles",
                "evaluationPeriods",
                "extendedStatistic",
                "insufficientDataActions",
                "metricName",
                "metricQueries",
                "namespace",
                "okActions",
                "period",
                "statistic",
                "threshold",
                "thresholdMetricId",
                "treatMissingData",
                "unit",
            ),
            _put_alarm,
            on_create=False,
        ),
    ),
    finish=_complete_alarm,
    rename={
        "name": "AlarmName",
        "arn": "AlarmArn",
        "metricQueries": "Metrics",
        "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
        "okActions": "OKActions",
    },
    tagging="cloudwatch",
    defaults={"actionsEnabled": True, "treatMissingData": "missing"},
    computed=("evaluateLowSampleCountPercentiles",),
    comparison=Comparison(sets=("alarmActions", "okActions", "insufficientDataActions", "metricQueries")),
    rules=(
        _one_source,
        each("period", _period),
        one_of("statistic", "SampleCount", "Average", "Sum", "Minimum", "Maximum"),
        matches(
            "extendedStatistic",
            r"p(\d{1,2}(\.\d{0,2})?|100)|(tm|wm|tc|ts|pr)\S*|TM\S+|WM\S+|TC\S+|TS\S+|PR\S+|IQM|iqm",
            "invalid statistic, write p95",
        ),
        one_of("treatMissingData", "breaching", "notBreaching", "ignore", "missing"),
        arn("alarmActions"),
        arn("okActions"),
        arn("insufficientDataActions"),
    ),
)

ENTRIES = (LOG_GROUP, DASHBOARD, METRIC_ALARM)
