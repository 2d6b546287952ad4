"""What is not as it should be of a kept service on ECS: its limits, its tasks, its instances, who answers for it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.keeper.runtime.targets.ecs import DIMENSION, NAMESPACE, EcsDetails
from components.keeper.runtime.targets.listener import BEHIND, IN_FRONT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from components.keeper.drift.band import Band
    from components.keeper.runtime.calls import Calls
    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.facts import Capacity


def ecs_drift(
    config: KeeperConfig, band: Band, capacity: Capacity, clients: Callable[[str, str | None], Any], calls: Calls
) -> Iterator[str]:
    """Yield each difference; raises KeeperError where AWS does not say."""
    names, region = EcsDetails.parse(config.details), config.region
    least, most = config.min_replicas, config.max_replicas
    limits = calls(
        clients("application-autoscaling", region).describe_scalable_targets,
        ServiceNamespace=NAMESPACE,
        ResourceIds=[f"service/{names.cluster}/{names.service}"],
        ScalableDimension=DIMENSION,
    )["ScalableTargets"]
    allowed = [pair for pair, may in (((least, most), band.awake), ((0, 0), band.asleep)) if may]
    if limits and (found := (limits[0]["MinCapacity"], limits[0]["MaxCapacity"])) not in allowed:
        yield f"limits are {found[0]} to {found[1]}, and not {' or '.join(f'{a} to {b}' for a, b in allowed)}"
    service = calls(clients("ecs", region).describe_services, cluster=names.cluster, services=[names.service])[
        "services"
    ][0]
    count = service["desiredCount"]
    if not ((band.awake and max(1, least) <= count <= most) or (band.asleep and count == 0)):
        counts = [f"{max(1, least)} to {most}"] if band.awake else []
        yield f"{count} tasks are wanted, and not {' or '.join([*counts, *(['0'] if band.asleep else [])])}"
    if names.asleep_rule is not None:
        yield from _rule(names.asleep_rule, band, capacity, clients("elbv2", region), calls)


def _rule(arn: str, band: Band, capacity: Capacity, elb: Any, calls: Calls) -> Iterator[str]:
    rule = calls(elb.describe_rules, RuleArns=[arn])["Rules"][0]
    priority = rule["Priority"]
    if priority not in (str(IN_FRONT), str(BEHIND)):
        yield f"the listener rule that answers asleep has priority {priority}, and not {IN_FRONT} or {BEHIND}"
    elif priority == str(BEHIND) and not band.awake:
        yield "the listener asks the service, which sleeps"
    elif priority == str(IN_FRONT) and not band.asleep and capacity.power == "on" and not band.is_waking:
        yield "the listener answers that the service sleeps, which it does not"
