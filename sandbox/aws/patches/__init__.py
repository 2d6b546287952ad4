"""Where does moto answer otherwise than AWS? One short function per difference.

`tests/sandbox/aws/test_patches_needed.py` asks a plain moto for each of them and tells when one can go.
"""

from __future__ import annotations

from functools import cache

from sandbox.aws.patches import (
    applicationautoscaling,
    autoscaling,
    ec2,
    ecs,
    efs,
    logs,
    sagemaker_endpoint,
    sagemaker_model,
    sagemaker_scaling,
    sagemaker_tags,
)

PATCHES = (
    *applicationautoscaling.PATCHES,
    *autoscaling.PATCHES,
    *ec2.PATCHES,
    *ecs.PATCHES,
    *efs.PATCHES,
    *logs.PATCHES,
    *sagemaker_model.PATCHES,
    *sagemaker_endpoint.PATCHES,
    *sagemaker_tags.PATCHES,
    *sagemaker_scaling.PATCHES,
)


@cache
def apply() -> None:
    """Patch moto, once per process."""
    for patch in PATCHES:
        patch()
