"""How many instances of a deployed endpoint run now, and what is it doing?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from components.errors import DeployedError
from components.live import KEPT, Replicas
from components.sagemaker.scaling import DIMENSION, NAMESPACE, resource_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3.session import Session

_WORDS: Mapping[str, str] = {
    "InService": "awake",
    "RollingBack": "rolling back",
    "SystemUpdating": "maintenance",
    "OutOfService": "out of service",
    "UpdateRollbackFailed": "rollback failed",
}
"""States in words, where the word is not the state itself."""


def replicas(session: Session, outputs: Mapping[str, Any]) -> Replicas:
    """Ask SageMaker and Application Auto Scaling about the endpoint that `outputs` names.

    Raises:
        DeployedError: AWS refuses the question, or knows no such endpoint although it should be in service.
    """
    name, region = outputs["endpoint_name"], outputs["region"]
    place = f"{region}: SageMaker endpoint {name}"
    try:
        found = session.client("sagemaker", region_name=region).describe_endpoint(EndpointName=name)
        targets = session.client("application-autoscaling", region_name=region).describe_scalable_targets(
            ServiceNamespace=NAMESPACE,
            ResourceIds=[resource_id(name, outputs["variant_name"])],
            ScalableDimension=DIMENSION,
        )["ScalableTargets"]
    except ClientError as error:
        details = error.response["Error"]
        if "could not find endpoint" not in details["Message"].lower():
            raise DeployedError(f"{place}: {details['Code']}: {details['Message']}") from error
        if outputs["state"] in ("parked", KEPT):
            # Whether one that is kept should be there, its keeper says.
            state = "parked" if outputs["state"] == "parked" else "asleep"
            return Replicas(running=0, wanted=0, least=None, most=None, state=state)
        raise DeployedError(f"{place}: is not there any more; run `pulumi refresh`, then `pulumi up`") from error
    except BotoCoreError as error:
        raise DeployedError(f"{place}: {error}") from error
    variants = found.get("ProductionVariants", [])
    limits = (targets[0]["MinCapacity"], targets[0]["MaxCapacity"]) if targets else (None, None)
    status = found["EndpointStatus"]
    return Replicas(
        running=sum(one.get("CurrentInstanceCount", 0) for one in variants),
        wanted=sum(one.get("DesiredInstanceCount", 0) for one in variants),
        least=limits[0],
        most=limits[1],
        state=_WORDS.get(status, status.lower()),
    )
