"""How is a plan rendered to SageMaker: models and configurations of the provider, and an Endpoint of our own?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components.gateway.upstream import Upstream
from components.sagemaker import permissions
from components.sagemaker.endpoint import Endpoint
from components.sagemaker.found import Found, find
from components.sagemaker.models import make_alternatives
from components.sagemaker.role import make_log_group, make_role
from components.sagemaker.scope import Scope
from components.tags import Tags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.network import Network
    from components.plan.model import Hardware, Plan
    from components.sagemaker.models import Alternative

_DNS_SUFFIX = {"aws-cn": "amazonaws.com.cn"}
_CONSOLE = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
ERROR_SHARE = 0.05
"""Of the requests in a minute; in two minutes of three it is not chance."""


class SagemakerService(pulumi.ComponentResource):
    """One service on a SageMaker endpoint."""

    listener_arn: pulumi.Output[str] | None = None
    look_up = staticmethod(find)

    def __init__(
        self,
        name: str,
        *,
        plan: Plan,
        network: Network | None,  # noqa: ARG002 - every target is given one, and SageMaker brings its own
        found: Found | None = None,
        peers: Mapping[str, Upstream] | None = None,  # noqa: ARG002 - an endpoint falls back on nobody
        starts_awake: bool = True,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("berth:sagemaker:SagemakerService", name, None, opts)
        found = found or find(plan, parent=self)
        scope = Scope(
            plan=plan,
            sagemaker=found.sagemaker,
            account=found.account,
            access=found.access,
            subnets=found.subnets,
            tags=Tags.of_service(plan),
            parent=self,
            starts_awake=starts_awake,
        )
        logs = make_log_group(scope)
        role = make_role(scope, logs)
        alternatives = make_alternatives(scope, role)
        inputs = _endpoint_inputs(scope, alternatives, _make_alarm(scope))
        # Role and log outlive the endpoint: without its role, SageMaker could not take it down.
        endpoint = Endpoint(scope.name("endpoint"), inputs, opts=scope.options(depends_on=[logs, role.policy]))

        self.upstream = Upstream(
            plan=plan,
            settings={"kind": "sagemaker", "endpoint": scope.sagemaker.endpoint_name, "region": plan.region},
            statements=(permissions.invoke(found.account, scope.sagemaker.endpoint_name),),
        )
        self.keeper_details = {name: value for name, value in inputs.items() if name != "startsAwake"}
        self.outputs: dict[str, Any] = {
            "openai_base_url": _base_url(scope),
            "auth": {
                "scheme": "sigv4",
                "action": "sagemaker:InvokeEndpoint",
                # OpenAI clients know bearer tokens only; this one is made from AWS credentials, on the spot.
                "bearer": "sagemaker.core.token_generator.generate_token",
                "bearer_action": "sagemaker:CallWithBearerToken",
            },
            "state": endpoint.state,
            "hardware": endpoint.current_instance_type.apply(lambda current: _hardware(plan, alternatives, current)),
            "dashboard_url": _console_url(scope),
            "logs": {plan.engine.kind: logs.name},
            "endpoint_name": scope.sagemaker.endpoint_name,
            "endpoint_arn": scope.account.arn("sagemaker", f"endpoint/{scope.sagemaker.endpoint_name}"),
            "variant_name": scope.sagemaker.variant_name,
            "alternatives": [
                {
                    "accelerator": one.plan.hardware.accelerator,
                    "instance_type": one.plan.hardware.instance_type,
                    "endpoint_config_name": one.configuration.name,
                }
                for one in alternatives
            ],
        }
        self.register_outputs(self.outputs)


def _make_alarm(scope: Scope) -> aws.cloudwatch.MetricAlarm:
    """Make the alarm that takes an update back; latency says nothing, as answers are as long as somebody asked for."""
    plan = scope.sagemaker
    return aws.cloudwatch.MetricAlarm(
        scope.name("errors"),
        name=f"{plan.endpoint_name}-errors",
        alarm_description=f"More than {ERROR_SHARE:.0%} of the requests to {plan.endpoint_name} fail.",
        namespace="AWS/SageMaker",
        metric_name="Invocation5XXErrors",
        dimensions={"EndpointName": plan.endpoint_name, "VariantName": plan.variant_name},
        statistic="Average",
        period=60,
        evaluation_periods=3,
        datapoints_to_alarm=2,
        threshold=ERROR_SHARE,
        comparison_operator="GreaterThanThreshold",
        treat_missing_data="notBreaching",
        tags=scope.tagged("errors"),
        opts=scope.options(),
    )


def _endpoint_inputs(
    scope: Scope, alternatives: Sequence[Alternative], alarm: aws.cloudwatch.MetricAlarm
) -> dict[str, Any]:
    plan, scaling = scope.sagemaker, scope.plan.scaling
    return {
        **scope.access.inputs(scope.tagged("endpoint")),
        "endpointName": plan.endpoint_name,
        "variantName": plan.variant_name,
        "power": scope.plan.power,
        "keeperManaged": scope.plan.is_kept,
        **({"startsAwake": scope.starts_awake} if scope.plan.is_kept else {}),
        "configurations": [
            {
                "endpointConfigName": one.configuration.name,
                "instanceType": one.plan.hardware.instance_type,
                "accelerator": one.plan.hardware.accelerator,
            }
            for one in alternatives
        ],
        "minReplicas": scaling.min_replicas,
        "maxReplicas": scaling.max_replicas,
        "scaling": {
            "metric": scaling.metric,
            "target": scaling.target,
            "scaleOutCooldownSeconds": scaling.scale_out_cooldown_seconds,
            "scaleInCooldownSeconds": scaling.scale_in_cooldown_seconds,
        },
        "deployment": {
            "policy": plan.update_policy,
            "terminationWaitSeconds": plan.termination_wait_seconds,
            "maximumExecutionTimeoutSeconds": plan.update_timeout_seconds,
            "rollbackAlarmNames": [alarm.name],
        },
        "readyTimeoutSeconds": plan.ready_timeout_seconds,
    }


def _hardware(plan: Plan, alternatives: Sequence[Alternative], instance_type: str | None) -> dict[str, Any]:
    """Return what the endpoint runs on, which a shortage may have made another than the plan's first choice."""
    known: dict[str, Hardware] = {one.plan.hardware.instance_type: one.plan.hardware for one in alternatives}
    hardware = known.get(instance_type or "", plan.hardware)
    return {
        "instance_type": hardware.instance_type,
        "gpu": hardware.gpu,
        "gpu_count": hardware.gpu_count,
        "usd_per_hour": hardware.usd_per_hour,
    }


def _base_url(scope: Scope) -> str:
    suffix = _DNS_SUFFIX.get(scope.account.partition, "amazonaws.com")
    return f"https://runtime.sagemaker.{scope.plan.region}.{suffix}/endpoints/{scope.sagemaker.endpoint_name}/openai/v1"


def _console_url(scope: Scope) -> str:
    region = scope.plan.region
    host = _CONSOLE.get(scope.account.partition, "console.aws.amazon.com")
    return f"https://{region}.{host}/sagemaker/home?region={region}#/endpoints/{scope.sagemaker.endpoint_name}"
