"""Group `sagemaker`: what only the SageMaker target has."""

from __future__ import annotations

from typing import Literal

from components.spec.group import Group
from components.spec.retention import A_MONTH, LogRetention, retention_days

InferenceAmi = Literal[
    "al2-ami-sagemaker-inference-gpu-2",
    "al2-ami-sagemaker-inference-gpu-2-1",
    "al2-ami-sagemaker-inference-gpu-3-1",
    "al2023-ami-sagemaker-inference-gpu-4-1",
]
"""Machine images of GPU instances; source: ProductionVariantInferenceAmiVersion, botocore 1.44.5."""


class SagemakerSpec(Group):
    """What only the SageMaker target has."""

    inference_ami: InferenceAmi | None = None
    """Machine image of the instances, which decides the driver. Omitted: the one for the CUDA version of the engine's
    image."""
    update_policy: Literal["blue_green", "rolling"] | None = None
    """How a new version replaces the old one: blue_green starts a whole second fleet first, rolling one instance at a
    time and needs two replicas. Omitted: rolling with two replicas or more, else blue_green."""
    log_retention: LogRetention = A_MONTH
    """How long logs are kept. Omitted: 30d."""

    @property
    def log_retention_days(self) -> int:
        return retention_days(self.log_retention)
