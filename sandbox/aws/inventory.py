"""What exists in the account, apart from what an untouched account has? Empty again after a complete destroy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.autoscaling.models import autoscaling_backends
from moto.awslambda_simple.models import lambda_simple_backends
from moto.backends import get_backend
from moto.ec2.models import ec2_backends
from moto.ecs.models import ecs_backends
from moto.efs.models import efs_backends
from moto.elbv2.models import elbv2_backends
from moto.iam.models import iam_backends
from moto.sagemaker.models import sagemaker_backends

from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.patches.costexplorer import held
from sandbox.aws.patches.sagemaker_change import settle
from sandbox.aws.seeds import SECRETS

if TYPE_CHECKING:
    from moto.core.base_backend import BackendDict

_OF_AWS = "alias/aws/"

Lister = Callable[[str], Iterable[str]]


@dataclass(frozen=True)
class Inventory:
    """Ids of resources by kind."""

    ids: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __add__(self, other: Inventory) -> Inventory:
        kinds = self.ids.keys() | other.ids.keys()
        return Inventory({k: self.ids.get(k, frozenset()) | other.ids.get(k, frozenset()) for k in kinds})

    def __sub__(self, other: Inventory) -> Inventory:
        return Inventory({kind: ids - other.ids.get(kind, frozenset()) for kind, ids in self.ids.items()})

    def to_json(self) -> dict[str, Any]:
        """Counts and ids, empty kinds left out."""
        ids = {kind: sorted(members) for kind, members in sorted(self.ids.items()) if members}
        counts = {kind: len(members) for kind, members in ids.items()}
        return {"total": sum(counts.values()), "counts": counts, "ids": ids}


def take(regions: Iterable[str]) -> Inventory:
    """What exists in these regions now; the account's global services are counted once."""
    found = Inventory({kind: frozenset(list_ids("aws")) for kind, list_ids in _GLOBAL.items()})
    for region in regions:
        found += take_regional(region)
    return found


def take_regional(region: str) -> Inventory:
    """What exists in one region now."""
    return Inventory({kind: frozenset(list_ids(region)) for kind, list_ids in _REGIONAL.items()})


def _elastic_compute(attribute: str) -> Lister:
    return lambda region: list(getattr(ec2_backends[ACCOUNT_ID][region], attribute))


def _subnets(region: str) -> Iterable[str]:
    return [subnet for by_zone in ec2_backends[ACCOUNT_ID][region].subnets.values() for subnet in by_zone]


def _security_groups(region: str) -> Iterable[str]:
    return [group for by_id in ec2_backends[ACCOUNT_ID][region].groups.values() for group in by_id]


def _instances(region: str) -> Iterable[str]:
    reservations = ec2_backends[ACCOUNT_ID][region].reservations.values()
    return [i.id for reservation in reservations for i in reservation.instances if i.state != "terminated"]


def _nat_gateways(region: str) -> Iterable[str]:
    return [g.id for g in ec2_backends[ACCOUNT_ID][region].nat_gateways.values() if g.state != "deleted"]


def _endpoints(region: str) -> Iterable[str]:
    return [e.id for e in ec2_backends[ACCOUNT_ID][region].vpc_end_points.values() if e.state != "deleted"]


def _clusters(region: str) -> Iterable[str]:
    return [c.arn for c in ecs_backends[ACCOUNT_ID][region].clusters.values() if c.status == "ACTIVE"]


def _services(region: str) -> Iterable[str]:
    return [s.arn for s in ecs_backends[ACCOUNT_ID][region].services.values() if s.status == "ACTIVE"]


def _task_definitions(region: str) -> Iterable[str]:
    families = ecs_backends[ACCOUNT_ID][region].task_definitions.values()
    return [t.arn for revisions in families for t in revisions.values() if t.status == "ACTIVE"]


def _listeners(region: str) -> Iterable[str]:
    balancers = elbv2_backends[ACCOUNT_ID][region].load_balancers.values()
    return [arn for balancer in balancers for arn in balancer.listeners]


def _scalable_targets(region: str) -> Iterable[str]:
    targets = applicationautoscaling_backends[ACCOUNT_ID][region].targets.values()
    return [target.arn for by_resource in targets for target in by_resource.values()]


def _scheduled_actions(region: str) -> Iterable[str]:
    return [action.arn for action in applicationautoscaling_backends[ACCOUNT_ID][region].scheduled_actions]


def _models(region: str) -> Iterable[str]:
    return list(sagemaker_backends[ACCOUNT_ID][region]._models)  # noqa: SLF001


def _model_endpoints(region: str) -> Iterable[str]:
    backend = sagemaker_backends[ACCOUNT_ID][region]
    settle(backend)  # one that is being deleted is still there
    return list(backend.endpoints)


def _secrets(region: str) -> Iterable[str]:
    secrets = _of("secretsmanager", region).secrets.values()
    return [s.arn for s in secrets if not s.is_deleted() and s.name not in SECRETS]


def _parameters(region: str) -> Iterable[str]:
    return [name for name in _of("ssm", region)._parameters if not name.startswith("/aws/")]  # noqa: SLF001


def _role_policies(_partition: str) -> Iterable[str]:
    roles = iam_backends[ACCOUNT_ID]["aws"].roles.values()
    return [f"{role.name}:{policy}" for role in roles for policy in (*role.policies, *role.managed_policies)]


def _customer_policies(_partition: str) -> Iterable[str]:
    return [arn for arn in iam_backends[ACCOUNT_ID]["aws"].managed_policies if f":{ACCOUNT_ID}:" in arn]


def _roles(_partition: str) -> Iterable[str]:
    return [role.name for role in iam_backends[ACCOUNT_ID]["aws"].roles.values()]


def _of(service: str, region: str) -> Any:
    backends: BackendDict[Any] = get_backend(service)  # type: ignore[call-overload,assignment]
    return backends[ACCOUNT_ID][region]


def _keys(service: str, attribute: str) -> Lister:
    return lambda region: list(getattr(_of(service, region), attribute))


def _permissions(region: str) -> Iterable[str]:
    functions = lambda_simple_backends[ACCOUNT_ID][region].list_functions()
    return [f"{one.function_name}:{statement['Sid']}" for one in functions for statement in one.policy.statements]


def _schedules(region: str) -> Iterable[str]:
    groups = _of("scheduler", region).schedule_groups.values()
    return [schedule.arn for group in groups for schedule in group.schedules.values()]


def _aliases(region: str) -> Iterable[str]:
    names = [name for key in _of("kms", region).keys.values() for name in key.aliases]
    return [name for name in names if not name.startswith(_OF_AWS)]


def _encryption_keys(region: str) -> Iterable[str]:
    keys = _of("kms", region).keys.values()
    lasting = [key for key in keys if key.key_state != "PendingDeletion"]
    # What AWS encrypts with by default is made at its first use.
    return [key.id for key in lasting if not any(name.startswith(_OF_AWS) for name in key.aliases)]


def _budgets(_partition: str) -> Iterable[str]:
    return list(_of("budgets", "aws").budgets[ACCOUNT_ID])


# Network interfaces are left out: others own them, and moto forgets to delete those of instances and gateways.
_REGIONAL: dict[str, Lister] = {
    "applicationautoscaling.policy": lambda r: [
        p.policy_arn for p in applicationautoscaling_backends[ACCOUNT_ID][r].policies.values()
    ],
    "applicationautoscaling.scheduled_action": _scheduled_actions,
    "applicationautoscaling.target": _scalable_targets,
    "autoscaling.group": lambda r: list(autoscaling_backends[ACCOUNT_ID][r].autoscaling_groups),
    "cloudwatch.alarm": _keys("cloudwatch", "alarms"),
    "cloudwatch.dashboard": _keys("cloudwatch", "dashboards"),
    "dynamodb.table": _keys("dynamodb", "tables"),
    "ec2.address": lambda r: [str(a.allocation_id) for a in ec2_backends[ACCOUNT_ID][r].addresses],
    "ec2.instance": _instances,
    "ec2.internet_gateway": _elastic_compute("internet_gateways"),
    "ec2.launch_template": _elastic_compute("launch_templates"),
    "ec2.nat_gateway": _nat_gateways,
    "ec2.route_table": _elastic_compute("route_tables"),
    "ec2.security_group": _security_groups,
    "ec2.subnet": _subnets,
    "ec2.volume": _elastic_compute("volumes"),
    "ec2.vpc": _elastic_compute("vpcs"),
    "ec2.vpc_endpoint": _endpoints,
    "ecr.repository": _keys("ecr", "repositories"),
    "ecs.capacity_provider": lambda r: list(ecs_backends[ACCOUNT_ID][r].capacity_providers),
    "ecs.cluster": _clusters,
    "ecs.service": _services,
    "ecs.task_definition": _task_definitions,
    "efs.access_point": lambda r: list(efs_backends[ACCOUNT_ID][r].access_points),
    "efs.file_system": lambda r: list(efs_backends[ACCOUNT_ID][r].file_systems_by_id),
    "efs.mount_target": lambda r: list(efs_backends[ACCOUNT_ID][r].mount_targets_by_id),
    "elbv2.listener": _listeners,
    "elbv2.load_balancer": lambda r: list(elbv2_backends[ACCOUNT_ID][r].load_balancers),
    "elbv2.target_group": lambda r: list(elbv2_backends[ACCOUNT_ID][r].target_groups),
    "kms.alias": _aliases,
    "kms.key": _encryption_keys,
    "lambda.function": lambda r: [one.function_name for one in lambda_simple_backends[ACCOUNT_ID][r].list_functions()],
    "lambda.permission": _permissions,
    "logs.group": _keys("logs", "groups"),
    "sagemaker.endpoint": _model_endpoints,
    "sagemaker.endpoint_config": lambda r: list(sagemaker_backends[ACCOUNT_ID][r].endpoint_configs),
    "sagemaker.model": _models,
    "scheduler.group": lambda r: [name for name in _of("scheduler", r).schedule_groups if name != "default"],
    "scheduler.schedule": _schedules,
    "secretsmanager.secret": _secrets,
    "sns.subscription": _keys("sns", "subscriptions"),
    "sns.topic": _keys("sns", "topics"),
    "sqs.queue": _keys("sqs", "queues"),
    "ssm.parameter": _parameters,
}
_GLOBAL: dict[str, Lister] = {
    "budgets.budget": _budgets,
    "ce.anomaly_monitor": lambda _: list(held(_of("ce", "aws"), "monitor")),
    "ce.anomaly_subscription": lambda _: list(held(_of("ce", "aws"), "subscription")),
    "iam.open_id_connect_provider": lambda _: list(iam_backends[ACCOUNT_ID]["aws"].open_id_providers),
    "iam.instance_profile": lambda _: [p.name for p in iam_backends[ACCOUNT_ID]["aws"].instance_profiles.values()],
    "iam.policy": _customer_policies,
    "iam.role": _roles,
    "iam.role_policy": _role_policies,
    "s3.bucket": lambda _: list(_of("s3", "aws").buckets),
}
