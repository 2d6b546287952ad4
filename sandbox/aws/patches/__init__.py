"""Where does moto answer otherwise than AWS? One short function per difference.

`tests/sandbox/aws/test_patches_needed.py` asks a plain moto for each of them and tells when one can go.
"""

from __future__ import annotations

from functools import cache

from sandbox.aws.patches import (
    applicationautoscaling,
    autoscaling,
    awslambda,
    budgets,
    costexplorer,
    ec2,
    ecs,
    ecs_instances,
    efs,
    elbv2,
    kms,
    logs,
    s3,
    sagemaker_endpoint,
    sagemaker_model,
    sagemaker_scaling,
    sagemaker_tags,
    scheduler,
    sns,
    sqs,
)

PATCHES = (
    *applicationautoscaling.PATCHES,
    *autoscaling.PATCHES,
    *ec2.PATCHES,
    *ecs.PATCHES,
    *efs.PATCHES,
    *logs.PATCHES,
    *s3.PATCHES,
    *sagemaker_model.PATCHES,
    *sagemaker_endpoint.PATCHES,
    *sagemaker_tags.PATCHES,
    *sagemaker_scaling.PATCHES,
    *awslambda.PATCHES,
    *budgets.PATCHES,
    *costexplorer.PATCHES,
    *ecs_instances.PATCHES,
    *elbv2.PATCHES,
    *kms.PATCHES,
    *scheduler.PATCHES,
    *sns.PATCHES,
    *sqs.PATCHES,
)


@cache
def apply() -> None:
    """Patch moto, once per process."""
    for patch in PATCHES:
        patch()
