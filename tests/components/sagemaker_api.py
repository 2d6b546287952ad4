"""A test double of what an endpoint needs of AWS, which refuses what AWS refuses and takes its time.

Every request is checked against botocore's own model: names, types, enums, patterns, limits.
"""

# ruff: noqa: N803 - arguments are named as AWS names them

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from components.sagemaker.clients import Clients
from components.sagemaker.clock import Clock

ACCOUNT = "123456789012"
REGION = "us-east-1"
CAPACITY = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."
    " Please retry using a different ML instance type or after some time."
)
PING = "The primary container for production variant AllTraffic did not pass the ping health check."
START_SECONDS, UPDATE_SECONDS, COUNT_SECONDS, END_SECONDS = 400, 500, 60, 30
MOVING = {"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"}
TAGS_PER_PAGE = 3


class Time:
    """A clock that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.clock = Clock(now=lambda: self.now, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


@dataclass
class FakeEndpoint:
    """One endpoint; `until` is when what is under way ends, with `then`."""

    name: str
    config: str
    status: str
    tags: dict[str, str]
    desired: int
    created: float
    running: int = 0
    failure: str = ""
    until: float = math.inf
    then: Any = None
    pending: str | None = None
    stale_until: float = -1.0
    """Until then DescribeEndpoint has not heard of the last order."""

    @property
    def arn(self) -> str:
        return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/{self.name.lower()}"


@dataclass
class FakeAws:
    """One account; tests set how starts and updates end, by instance type or configuration."""

    time: Time
    account: str = ACCOUNT
    configs: dict[str, dict[str, Any]] = field(default_factory=dict)
    endpoints: dict[str, FakeEndpoint] = field(default_factory=dict)
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    alarms: dict[str, str] = field(default_factory=dict)
    log_streams: list[str] = field(default_factory=list)
    starts: dict[str, str] = field(default_factory=dict)
    """Instance type -> FailureReason; a type that is not named starts."""
    updates: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Configuration -> final status and FailureReason; one that is not named is taken."""
    start_seconds: float = START_SECONDS
    appears_after: float = 0.0
    stale_for: float = 0.0
    config_appears_at: float = -1.0
    errors: dict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    """Operation -> what its next calls raise, before anything happens."""
    lost_answers: dict[str, Exception] = field(default_factory=dict)
    """Operation -> what its next call raises after it has happened."""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def clients(self) -> Clients:
        return Clients(
            sagemaker=FakeClient(self, "sagemaker"),
            autoscaling=FakeClient(self, "application-autoscaling"),
            cloudwatch=FakeClient(self, "cloudwatch"),
            logs=FakeClient(self, "logs"),
            sts=FakeClient(self, "sts"),
        )

    def add_config(self, name: str, instance_type: str, count: int = 1) -> None:
        self.configs[name] = {"InstanceType": instance_type, "InitialInstanceCount": count}

    def orders(self) -> list[str]:
        """Return the operations that changed something, in order."""
        return [name for name, _ in self.calls if not name.startswith(("Describe", "List", "Get"))]

    def asked(self, operation: str) -> list[dict[str, Any]]:
        return [params for name, params in self.calls if name == operation]

    def throttle(self, operation: str, times: int) -> None:
        self.errors[operation] += [refusal(operation, "ThrottlingException", "Rate exceeded")] * times

    def answer(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, params))
        if self.errors[operation]:
            raise self.errors[operation].pop(0)
        for endpoint in list(self.endpoints.values()):
            self._pass_time(endpoint)
        answer = getattr(self, f"_{xform_name(operation)}")(**params)
        if operation in self.lost_answers:
            raise self.lost_answers.pop(operation)
        return answer or {}

    def _pass_time(self, endpoint: FakeEndpoint) -> None:
        if self.time.now >= endpoint.until:
            endpoint.until, then = math.inf, endpoint.then
            then(endpoint)

    # sagemaker

    def _describe_endpoint(self, EndpointName: str) -> dict[str, Any]:
        endpoint = self._endpoint("DescribeEndpoint", EndpointName)
        if self.time.now < endpoint.created + self.appears_after:
            raise self._no_endpoint("DescribeEndpoint", EndpointName)
        stale = self.time.now < endpoint.stale_until
        moment = datetime.fromtimestamp(endpoint.created, tz=UTC)
        answer: dict[str, Any] = {
            "EndpointName": endpoint.name,
            "EndpointArn": endpoint.arn,
            "EndpointConfigName": endpoint.config,
            "EndpointStatus": "InService" if stale else endpoint.status,
            "CreationTime": moment,
            "LastModifiedTime": moment,
        }
        if endpoint.status not in {"Creating", "Failed"}:
            answer["ProductionVariants"] = [
                {
                    "VariantName": "AllTraffic",
                    "CurrentInstanceCount": endpoint.running,
                    "DesiredInstanceCount": endpoint.desired,
                }
            ]
        if endpoint.pending and not stale:
            variant = {"VariantName": "AllTraffic", "VariantStatus": [{"Status": "Creating"}]}
            answer["PendingDeploymentSummary"] = {
                "EndpointConfigName": endpoint.pending,
                "ProductionVariants": [variant],
            }
        if endpoint.failure:
            answer["FailureReason"] = endpoint.failure
        return answer

    def _describe_endpoint_config(self, EndpointConfigName: str) -> dict[str, Any]:
        config = self._config("DescribeEndpointConfig", EndpointConfigName)
        return {"EndpointConfigName": EndpointConfigName, "ProductionVariants": [config]}

    def _create_endpoint(
        self, EndpointName: str, EndpointConfigName: str, Tags: list[dict[str, str]]
    ) -> dict[str, Any]:
        config = self._config("CreateEndpoint", EndpointConfigName)
        if EndpointName in self.endpoints:
            arn = self.endpoints[EndpointName].arn
            raise refusal("CreateEndpoint", "ValidationException", f'Cannot create already existing endpoint "{arn}".')
        endpoint = FakeEndpoint(
            EndpointName,
            EndpointConfigName,
            "Creating",
            {tag["Key"]: tag["Value"] for tag in Tags},
            config["InitialInstanceCount"],
            self.time.now,
            until=self.time.now + self.start_seconds,
            then=self._started,
            pending=EndpointConfigName,
        )
        self.endpoints[EndpointName] = endpoint
        return {"EndpointArn": endpoint.arn}

    def _started(self, endpoint: FakeEndpoint) -> None:
        endpoint.pending = None
        endpoint.failure = self.starts.get(self.configs[endpoint.config]["InstanceType"], "")
        endpoint.status = "Failed" if endpoint.failure else "InService"
        endpoint.running = 0 if endpoint.failure else endpoint.desired

    def _update_endpoint(
        self,
        EndpointName: str,
        EndpointConfigName: str,
        RetainAllVariantProperties: bool = False,
        ExcludeRetainedVariantProperties: list[dict[str, str]] | None = None,
        DeploymentConfig: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        endpoint = self._still("UpdateEndpoint", EndpointName)
        if endpoint.status == "Failed":
            raise refusal("UpdateEndpoint", "ValidationException", f'Cannot update failed endpoint "{endpoint.arn}".')
        config = self._config("UpdateEndpoint", EndpointConfigName)
        known = self.configs.get(endpoint.config)
        if self._target_of(endpoint) and (known is None or known["InstanceType"] != config["InstanceType"]):
            raise refusal(
                "UpdateEndpoint",
                "ValidationException",
                "The variant(s) AllTraffic must be deregistered as scalable target before the instance type changes.",
            )
        self._check_deployment(endpoint, DeploymentConfig or {})
        excluded = {one["VariantPropertyType"] for one in ExcludeRetainedVariantProperties or []}
        if not RetainAllVariantProperties or "DesiredInstanceCount" in excluded:
            endpoint.desired = config["InitialInstanceCount"]
        endpoint.status, endpoint.failure, endpoint.pending = "Updating", "", EndpointConfigName
        endpoint.until, endpoint.then = self.time.now + UPDATE_SECONDS, self._updated
        endpoint.stale_until = self.time.now + self.stale_for
        return {"EndpointArn": endpoint.arn}

    def _check_deployment(self, endpoint: FakeEndpoint, deployment: dict[str, Any]) -> None:
        def refuse(text: str) -> ClientError:
            return refusal("UpdateEndpoint", "ValidationException", text)

        if rolling := deployment.get("RollingUpdatePolicy"):
            batch = rolling["MaximumBatchSize"]["Value"]
            if not endpoint.desired * 0.05 <= batch <= endpoint.desired * 0.5:
                raise refuse("MaximumBatchSize must be between 5% and 50% of the variant's total instance count.")
        elif policy := deployment.get("BlueGreenUpdatePolicy"):
            if policy["TrafficRoutingConfiguration"]["WaitIntervalInSeconds"] != 0:
                raise refuse("WaitIntervalInSeconds must be 0 for ALL_AT_ONCE.")
            if policy["TerminationWaitInSeconds"] >= policy["MaximumExecutionTimeoutInSeconds"]:
                raise refuse("MaximumExecutionTimeoutInSeconds is too short.")
        for alarm in deployment.get("AutoRollbackConfiguration", {}).get("Alarms", []):
            if alarm["AlarmName"] not in self.alarms:
                raise refuse(f"Alarm {alarm['AlarmName']} does not exist.")

    def _updated(self, endpoint: FakeEndpoint) -> None:
        target, endpoint.pending = endpoint.pending, None
        status, reason = self.updates.get(str(target), ("InService", ""))
        endpoint.status, endpoint.failure = status, reason
        if status == "InService" and not reason:
            endpoint.config, endpoint.running = str(target), endpoint.desired

    def _delete_endpoint(self, EndpointName: str) -> None:
        endpoint = self._still("DeleteEndpoint", EndpointName)
        endpoint.status, endpoint.until, endpoint.then = "Deleting", self.time.now + END_SECONDS, self._ended
        endpoint.stale_until = self.time.now + self.stale_for
        for resource in [one for one in self.targets if one.split("/")[1] == EndpointName]:
            self._forget_target(resource)

    def _ended(self, endpoint: FakeEndpoint) -> None:
        del self.endpoints[endpoint.name]

    def _update_endpoint_weights_and_capacities(
        self,
        EndpointName: str,
        DesiredWeightsAndCapacities: list[dict[str, Any]],
    ) -> dict[str, Any]:
        endpoint = self._still("UpdateEndpointWeightsAndCapacities", EndpointName)
        [variant] = DesiredWeightsAndCapacities
        assert variant["VariantName"] == "AllTraffic"
        if variant["DesiredInstanceCount"] < 1:
            raise refusal("UpdateEndpointWeightsAndCapacities", "ValidationException", "Instance count must be >= 1.")
        self._count(endpoint, variant["DesiredInstanceCount"])
        return {"EndpointArn": endpoint.arn}

    def _count(self, endpoint: FakeEndpoint, count: int) -> None:
        endpoint.desired, endpoint.status = count, "Updating"
        endpoint.stale_until = self.time.now + self.stale_for
        endpoint.until, endpoint.then = self.time.now + COUNT_SECONDS, self._counted

    def _counted(self, endpoint: FakeEndpoint) -> None:
        endpoint.status, endpoint.running = "InService", endpoint.desired

    def _list_tags(self, ResourceArn: str, NextToken: str = "0") -> dict[str, Any]:
        tags = sorted(self._by_arn("ListTags", ResourceArn).tags.items())
        start = int(NextToken)
        page = [{"Key": key, "Value": value} for key, value in tags[start : start + TAGS_PER_PAGE]]
        more = {"NextToken": str(start + TAGS_PER_PAGE)} if start + TAGS_PER_PAGE < len(tags) else {}
        return {"Tags": page, **more}

    def _add_tags(self, ResourceArn: str, Tags: list[dict[str, str]]) -> None:
        self._by_arn("AddTags", ResourceArn).tags.update({tag["Key"]: tag["Value"] for tag in Tags})

    def _delete_tags(self, ResourceArn: str, TagKeys: list[str]) -> None:
        for key in TagKeys:
            self._by_arn("DeleteTags", ResourceArn).tags.pop(key, None)

    # application-autoscaling

    def _register_scalable_target(self, MinCapacity: int, MaxCapacity: int, **identity: str) -> None:
        def refuse(text: str) -> ClientError:
            return refusal("RegisterScalableTarget", "ValidationException", text)

        resource = self._resource(identity)
        endpoint = self.endpoints.get(resource.split("/")[1])
        if endpoint is None or endpoint.status == "Creating":
            raise refuse(f"SageMaker endpoint variant does not exist or is not in service: {resource}")
        if MinCapacity < 1:
            raise refuse("Minimum capacity must be greater than or equal to 1 for an endpoint variant")
        if MaxCapacity < MinCapacity:
            raise refuse("Maximum capacity cannot be less than minimum capacity")
        self.targets[resource] = {"MinCapacity": MinCapacity, "MaxCapacity": MaxCapacity, **identity}
        count = min(max(endpoint.desired, MinCapacity), MaxCapacity)
        if count != endpoint.desired:
            self._count(endpoint, count)

    def _describe_scalable_targets(
        self,
        ServiceNamespace: str,
        ResourceIds: list[str],
        ScalableDimension: str,
    ) -> dict[str, Any]:
        assert (ServiceNamespace, ScalableDimension) == ("sagemaker", "sagemaker:variant:DesiredInstanceCount")
        return {"ScalableTargets": [self.targets[one] for one in ResourceIds if one in self.targets]}

    def _deregister_scalable_target(self, **identity: str) -> None:
        resource = self._resource(identity)
        if resource not in self.targets:
            raise refusal(
                "DeregisterScalableTarget", "ObjectNotFoundException", f"No scalable target found: {resource}"
            )
        self._forget_target(resource)

    def _put_scaling_policy(
        self,
        PolicyName: str,
        PolicyType: str,
        TargetTrackingScalingPolicyConfiguration: dict[str, Any],
        **identity: str,
    ) -> dict[str, Any]:
        resource = self._resource(identity)
        if resource not in self.targets:
            raise refusal("PutScalingPolicy", "ObjectNotFoundException", f"No scalable target registered: {resource}")
        assert PolicyType == "TargetTrackingScaling"
        self.policies[resource] = {
            "PolicyName": PolicyName,
            "TargetTrackingScalingPolicyConfiguration": TargetTrackingScalingPolicyConfiguration,
        }
        return {"PolicyARN": f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:{PolicyName}"}

    def _describe_scaling_policies(self, PolicyNames: list[str], **identity: str) -> dict[str, Any]:
        found = self.policies.get(self._resource(identity))
        return {"ScalingPolicies": [found] if found and found["PolicyName"] in PolicyNames else []}

    # the rest

    def _describe_alarms(self, AlarmNames: list[str]) -> dict[str, Any]:
        return {
            "MetricAlarms": [
                {"AlarmName": name, "StateValue": self.alarms[name]} for name in AlarmNames if name in self.alarms
            ]
        }

    def _describe_log_streams(self, logGroupName: str, limit: int) -> dict[str, Any]:
        assert logGroupName.startswith("/aws/sagemaker/Endpoints/")
        return {"logStreams": [{"logStreamName": name} for name in self.log_streams[:limit]]}

    def _get_caller_identity(self) -> dict[str, Any]:
        return {"Account": self.account, "Arn": f"arn:aws:iam::{self.account}:user/test", "UserId": "x"}

    # what the operations have in common

    def _endpoint(self, operation: str, name: str) -> FakeEndpoint:
        if name not in self.endpoints:
            raise self._no_endpoint(operation, name)
        return self.endpoints[name]

    def _no_endpoint(self, operation: str, name: str) -> ClientError:
        arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/{name.lower()}"
        return refusal(operation, "ValidationException", f'Could not find endpoint "{arn}".')

    def _still(self, operation: str, name: str) -> FakeEndpoint:
        endpoint = self._endpoint(operation, name)
        if endpoint.status in MOVING:
            text = f'Cannot update in-progress endpoint "{endpoint.arn}".'
            raise refusal(operation, "ValidationException", text)
        return endpoint

    def _config(self, operation: str, name: str) -> dict[str, Any]:
        if name not in self.configs or self.time.now < self.config_appears_at:
            arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint-config/{name}"
            raise refusal(operation, "ValidationException", f'Could not find endpoint configuration "{arn}".')
        return self.configs[name]

    def _by_arn(self, operation: str, arn: str) -> FakeEndpoint:
        found = next((one for one in self.endpoints.values() if one.arn == arn), None)
        if found is None:
            raise refusal(operation, "ValidationException", f"Could not find resource {arn}.")
        return found

    def _target_of(self, endpoint: FakeEndpoint) -> bool:
        return any(one.split("/")[1] == endpoint.name for one in self.targets)

    def _forget_target(self, resource: str) -> None:
        del self.targets[resource]
        self.policies.pop(resource, None)

    def _resource(self, identity: dict[str, str]) -> str:
        assert identity["ServiceNamespace"] == "sagemaker"
        assert identity["ScalableDimension"] == "sagemaker:variant:DesiredInstanceCount"
        assert re.fullmatch(r"endpoint/[^/]+/variant/AllTraffic", identity["ResourceId"])
        return identity["ResourceId"]


class FakeClient:
    """A client whose requests are checked like those of boto3, and further."""

    def __init__(self, aws: FakeAws, service: str) -> None:
        self._aws, self._service = aws, service

    def __getattr__(self, method: str) -> Any:
        operation = _operations(self._service)[method]

        def ask(**params: Any) -> dict[str, Any]:
            shape = _model(self._service).operation_model(operation).input_shape
            problems = [*_misfits(shape, params), *_violations(shape, params, operation)] if shape else []
            assert problems == [], problems
            return self._aws.answer(operation, params)

        return ask


def refusal(operation: str, code: str, message: str) -> ClientError:
    """Return the error of a call that AWS refuses."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@cache
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


@cache
def _operations(service: str) -> dict[str, str]:
    return {xform_name(name): name for name in _model(service).operation_names}


def _misfits(shape: Any, params: dict[str, Any]) -> list[str]:
    report = ParamValidator().validate(params, shape)
    unknown = [f"{name} is not a parameter" for name in params if name not in shape.members]
    return [*unknown, *(report.generate_report().splitlines() if report.has_errors() else [])]


def _violations(shape: Any, value: Any, path: str) -> list[str]:
    """What botocore leaves to the service: enums, patterns, lengths."""
    found: list[str] = []
    limit = shape.metadata.get("max")
    if limit is not None and (len(value) if hasattr(value, "__len__") else value) > limit:
        found.append(f"{path}: {value!r} is more than {limit}")
    if shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            found.append(f"{path}: {value!r} is none of {shape.enum}")
        pattern = _compiled(shape.metadata.get("pattern", ""))
        if pattern and not pattern.fullmatch(value):
            found.append(f"{path}: {value!r} does not match {pattern.pattern}")
    elif shape.type_name == "structure":
        found += [text for name, item in value.items() for text in _violations(shape.members[name], item, name)]
    elif shape.type_name == "list":
        found += [text for item in value for text in _violations(shape.member, item, path)]
    return found


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern) if pattern else None
    except re.error:  # Java's own syntax
        return None
