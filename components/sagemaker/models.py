"""Which models and configurations can an endpoint run: one of each per accelerator of the plan?

Both cost nothing. Their names are automatic: SageMaker changes neither, so that every change is a new pair.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi_aws as aws

if TYPE_CHECKING:
    from components.plan.sagemaker.values import SagemakerAlternative
    from components.sagemaker.role import EndpointRole
    from components.sagemaker.scope import Scope

HTTPS_PORT = 443
ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, slots=True)
class Alternative:
    """One accelerator of the plan, ready to run."""

    plan: SagemakerAlternative
    configuration: aws.sagemaker.EndpointConfiguration


def accelerator_slug(accelerator: str) -> str:
    """Return an accelerator as a part of a logical name.

    >>> accelerator_slug("L40S:2"), accelerator_slug("RTX PRO 6000")
    ('l40s-2', 'rtx-pro-6000')
    """
    return re.sub(r"[^a-z0-9]+", "-", accelerator.lower()).strip("-")


def make_alternatives(scope: Scope, role: EndpointRole) -> list[Alternative]:
    """Make a model and a configuration for each accelerator, in the plan's order."""
    vpc_config = _vpc_config(scope)
    return [
        Alternative(one, _configuration(scope, one, _model(scope, one, role, vpc_config)))
        for one in scope.sagemaker.alternatives
    ]


def _model(
    scope: Scope,
    alternative: SagemakerAlternative,
    role: EndpointRole,
    vpc_config: aws.sagemaker.ModelVpcConfigArgsDict | None,
) -> aws.sagemaker.Model:
    container: aws.sagemaker.ModelPrimaryContainerArgsDict = {
        "image": scope.plan.engine.image,
        "environment": dict(alternative.environment),
    }
    if scope.sagemaker.model_data_uri is not None:
        container["model_data_source"] = {
            "s3_data_sources": [
                {
                    "s3_uri": scope.sagemaker.model_data_uri,
                    "s3_data_type": "S3Prefix",
                    "compression_type": "None",
                }
            ]
        }
    name = f"model-{accelerator_slug(alternative.hardware.accelerator)}"
    return aws.sagemaker.Model(
        scope.name(name),
        execution_role_arn=role.role.arn,
        primary_container=container,
        enable_network_isolation=scope.sagemaker.network_isolation,
        vpc_config=vpc_config,
        tags=scope.tagged(name),
        # SageMaker looks at once whether the role may do what the model needs.
        opts=scope.options(depends_on=[role.policy]),
    )


def _configuration(
    scope: Scope, alternative: SagemakerAlternative, model: aws.sagemaker.Model
) -> aws.sagemaker.EndpointConfiguration:
    plan = scope.sagemaker
    name = f"config-{accelerator_slug(alternative.hardware.accelerator)}"
    variant: aws.sagemaker.EndpointConfigurationProductionVariantArgsDict = {
        "variant_name": plan.variant_name,
        "model_name": model.name,
        "instance_type": alternative.hardware.instance_type,
        "initial_instance_count": plan.initial_instance_count,
        "initial_variant_weight": 1,
        "container_startup_health_check_timeout_in_seconds": alternative.startup_health_check_timeout_seconds,
        "model_data_download_timeout_in_seconds": alternative.model_data_download_timeout_seconds,
        # Requests last seconds to minutes, so taking turns would pile them up on one instance.
        "routing_configs": [{"routing_strategy": "LEAST_OUTSTANDING_REQUESTS"}],
    }
    if alternative.inference_ami_version is not None:
        variant["inference_ami_version"] = alternative.inference_ami_version
    return aws.sagemaker.EndpointConfiguration(
        scope.name(name),
        production_variants=[variant],
        tags=scope.tagged(name),
        # With how many instances a new endpoint starts is no reason to exchange those that run: the Endpoint counts.
        opts=scope.options(ignore_changes=["productionVariants[0].initialInstanceCount"]),
    )


def _vpc_config(scope: Scope) -> aws.sagemaker.ModelVpcConfigArgsDict | None:
    """Put the instances into the user's subnets, from where they may only speak, and only HTTPS."""
    if scope.subnets is None:
        return None
    group = aws.ec2.SecurityGroup(
        scope.name("container"),
        vpc_id=scope.subnets.vpc_id,
        # A changed description replaces the group: it has no words that could need changing.
        description="Berth endpoint",
        tags=scope.tagged("container"),
        opts=scope.options(),
    )
    rule = f"container-{HTTPS_PORT}-to-anywhere"
    aws.vpc.SecurityGroupEgressRule(
        scope.name(rule),
        security_group_id=group.id,
        ip_protocol="tcp",
        from_port=HTTPS_PORT,
        to_port=HTTPS_PORT,
        cidr_ipv4=ANYWHERE,
        tags=scope.tagged(rule),
        opts=scope.options(),
    )
    return {"security_group_ids": [group.id], "subnets": list(scope.subnets.subnet_ids)}
