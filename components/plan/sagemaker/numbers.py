"""Which numbers SageMaker needs for a service, kept within what its API accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.machine_images import machine_image_for
from components.catalogue.sagemaker import sagemaker_instances
from components.plan.sagemaker.startup import LEAST_TIMEOUT_SECONDS, load_timeout
from components.plan.sagemaker.values import SagemakerAlternative, SagemakerPlan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from components.catalogue.images import EngineImage
    from components.plan.model import Hardware
    from components.spec.service import ServiceSpec

VARIANT = "main"
MOST_NAME = 63

_LAUNCH_SECONDS = 1200
"""For the instance and its image, which neither of the API's timeouts counts."""
_LEAST_WAIT_SECONDS, _MOST_WAIT_SECONDS = 300, 3600
"""The roll-back alarms look at three minutes: a fleet that is gone before they ring cannot be rolled back to."""
_LEAST_UPDATE_SECONDS, _MOST_UPDATE_SECONDS = 600, 28_800
_MOST_ROLLING = 20
"""A batch of one must be 5% of the replicas or more."""
_LEAST_ROLLING = 2
_MARGIN_SECONDS = 300
_LONGEST_ANSWER_SECONDS = 600


def endpoint_name(stack: str, service: str) -> str:
    """Return the endpoint's name: at most 61 of its 63 letters, as a stack has 40 and a service 20.

    >>> endpoint_name("prod", "chat")
    'prod-chat'
    """
    return f"{stack}-{service}"


def inference_ami(spec: ServiceSpec, image: EngineImage, instance_type: str) -> str | None:
    """Return the machine image whose driver carries the engine's CUDA, None where AWS says nothing of the family."""
    if spec.sagemaker.inference_ami is not None:
        return spec.sagemaker.inference_ami
    found = machine_image_for(image.cuda, sagemaker_instances()[instance_type].family)
    return found.name if found else None


def rolling_refusal(spec: ServiceSpec) -> str | None:
    """Return why replicas cannot be replaced one at a time, None when they can."""
    least, most = spec.scaling.min_replicas, spec.scaling.max_count
    if least < _LEAST_ROLLING:
        return f"needs {_LEAST_ROLLING} replicas at any time, scaling.min_replicas is {least}"
    if most > _MOST_ROLLING:
        return (
            f"replaces one replica at a time, which has to be 5% of them or more: {_MOST_ROLLING} replicas at most, "
            f"scaling.max_replicas is {most}"
        )
    return None


def update_policy(spec: ServiceSpec) -> Literal["blue_green", "rolling"]:
    """Return how a new version replaces the old one: as the spec says, else without a second fleet where possible."""
    return spec.sagemaker.update_policy or ("blue_green" if rolling_refusal(spec) else "rolling")


def termination_wait(max_request_seconds: int) -> int:
    """Return how long the old fleet may finish its requests, and stays to be rolled back to.

    >>> termination_wait(60), termination_wait(3600)
    (300, 600)
    """
    return max(_LEAST_WAIT_SECONDS, min(max_request_seconds, _LONGEST_ANSWER_SECONDS, _MOST_WAIT_SECONDS))


def sagemaker_alternative(
    spec: ServiceSpec,
    image: EngineImage,
    hardware: Hardware,
    *,
    checkpoint_gib: float,
    start_seconds: int,
    environment: Mapping[str, str],
) -> SagemakerAlternative:
    """Return one alternative: what SageMaker copies from S3 has a timeout of its own, the Hub counts as start."""
    return SagemakerAlternative(
        hardware=hardware,
        environment=environment,
        inference_ami_version=inference_ami(spec, image, hardware.instance_type),
        startup_health_check_timeout_seconds=start_seconds,
        model_data_download_timeout_seconds=load_timeout(checkpoint_gib)
        if spec.model.source == "s3"
        else LEAST_TIMEOUT_SECONDS,
    )


def start_limit(spec: ServiceSpec, alternative: SagemakerAlternative) -> int:
    """Return how long weights and engine may take before SageMaker gives a start up."""
    download = alternative.model_data_download_timeout_seconds if spec.model.source == "s3" else 0
    return download + alternative.startup_health_check_timeout_seconds


def update_seconds(spec: ServiceSpec, alternative: SagemakerAlternative) -> int:
    """Return how long an update may take when every start uses up its limit, whatever the API accepts."""
    batches = spec.scaling.max_count if update_policy(spec) == "rolling" else 1
    wait = termination_wait(spec.gateway.max_request.seconds)
    return batches * (_LAUNCH_SECONDS + start_limit(spec, alternative) + wait)


def sagemaker_plan(spec: ServiceSpec, stack: str, alternatives: tuple[SagemakerAlternative, ...]) -> SagemakerPlan:
    """Return the numbers of a service on SageMaker."""
    first = alternatives[0]
    update = max(_LEAST_UPDATE_SECONDS, min(update_seconds(spec, first), _MOST_UPDATE_SECONDS))
    timeouts = first.model_data_download_timeout_seconds + first.startup_health_check_timeout_seconds
    return SagemakerPlan(
        endpoint_name=endpoint_name(stack, spec.name),
        variant_name=VARIANT,
        alternatives=alternatives,
        model_data_uri=spec.model.s3_uri,
        network_isolation=spec.model.source == "s3",
        initial_instance_count=max(1, spec.scaling.min_replicas),
        update_policy=update_policy(spec),
        termination_wait_seconds=termination_wait(spec.gateway.max_request.seconds),
        update_timeout_seconds=update,
        ready_timeout_seconds=max(_LAUNCH_SECONDS + timeouts, update) + _MARGIN_SECONDS,
        log_retention_days=spec.sagemaker.log_retention_days,
    )
