"""How many replicas of a deployed service run now, and between which limits may that move?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from components.errors import DeployedError
from components.live import Replicas

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3.session import Session


def replicas(session: Session, outputs: Mapping[str, Any]) -> Replicas:
    """Ask ECS and Application Auto Scaling about the service that `outputs` names.

    Raises:
        DeployedError: AWS refuses the question, or knows no such service.
    """
    cluster, service, region = outputs["cluster"], outputs["ecs_service"], outputs["region"]
    place = f"{region}: ECS service {cluster}/{service}"
    try:
        found = session.client("ecs", region_name=region).describe_services(cluster=cluster, services=[service])
        targets = session.client("application-autoscaling", region_name=region).describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=[f"service/{cluster}/{service}"]
        )["ScalableTargets"]
    except ClientError as error:
        details = error.response["Error"]
        raise DeployedError(f"{place}: {details['Code']}: {details['Message']}") from error
    except BotoCoreError as error:
        raise DeployedError(f"{place}: {error}") from error
    active = [one for one in found["services"] if one["status"] == "ACTIVE"]
    if not active:
        raise DeployedError(f"{place}: is not there any more; run `pulumi refresh`")
    limits = (targets[0]["MinCapacity"], targets[0]["MaxCapacity"]) if targets else (None, None)
    return Replicas(
        running=active[0]["runningCount"], wanted=active[0]["desiredCount"], least=limits[0], most=limits[1]
    )
