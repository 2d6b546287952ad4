"""Which target renders a planned service, and what does every target tell about it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pulumi

from components.errors import PlanError, Problem, StackError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from components.front.component import Front
    from components.gateway.upstream import Upstream
    from components.network import Network
    from components.plan.model import Plan


class TargetComponent(Protocol):
    """What a target offers: it renders a plan in its constructor, and says what came of it."""

    outputs: dict[str, Any]
    upstream: Upstream
    """How a front, and services that fall back on this one, reach it."""

    @staticmethod
    def look_up(plan: Plan) -> Any:
        """Ask the account about what the plan refers to, before anything is made."""
        ...

    def __init__(
        self,
        name: str,
        *,
        plan: Plan,
        network: Network | None,
        found: Any = None,
        peers: Mapping[str, Upstream] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Found:
    """What the account answered about a service: to its target, and to its front where it has one."""

    target: Any
    front: Any = None


def _ecs() -> type[TargetComponent]:
    from components.ecs.component import EcsService  # noqa: PLC0415 - a stack imports only the targets it has

    return EcsService


def _front() -> type[Front]:
    from components.front.component import Front  # noqa: PLC0415 - few services have one

    return Front


def _sagemaker() -> type[TargetComponent]:
    from components.sagemaker.component import SagemakerService  # noqa: PLC0415

    return SagemakerService


def _runpod() -> type[TargetComponent]:
    from components.runpod.component import RunpodService  # noqa: PLC0415

    return RunpodService


def _local() -> type[TargetComponent]:
    from components.local.component import LocalService  # noqa: PLC0415

    return LocalService


TARGETS: Mapping[str, Callable[[], type[TargetComponent]]] = {
    "ecs": _ecs,
    "sagemaker": _sagemaker,
    "runpod": _runpod,
    "local": _local,
}


class ModelService(pulumi.ComponentResource):
    """One model service on the target of its plan.

    `spec` and `costEstimate` are registered as inputs, before any child: a policy can refuse the service while nothing
    of it exists.
    """

    def __init__(
        self,
        name: str,
        *,
        spec: Mapping[str, Any],
        plan: Plan,
        network: Network | None = None,
        found: Found | None = None,
        peers: Mapping[str, Upstream] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Render `plan`; `found` is what `look_up` answered about it, asked here when it is not given.

        `peers` are the services that it may fall back on, by name.
        """
        estimate = plan.cost.to_outputs()
        super().__init__(
            "berth:index:ModelService",
            name,
            {"spec": spec, "target": plan.target, "costEstimate": estimate},
            opts,
        )
        for note in plan.notes:
            if note.level == "warning":
                pulumi.log.warn(f"{note.field}: {note.text}", resource=self)
        inside = pulumi.ResourceOptions(parent=self)
        rendered = _target(plan)(
            name,
            plan=plan,
            network=network if plan.ecs else None,
            found=found and found.target,
            peers=peers,
            opts=inside,
        )
        self.upstream = rendered.upstream
        self.outputs: dict[str, Any] = {
            **_known(plan),
            "estimate": {
                **{key: estimate[key] for key in ("floor", "expected", "max")},
                "shared": plan.cost.shared,
            },
            **rendered.outputs,
        }
        if plan.front is not None:
            front = _front()(
                name,
                plan=plan,
                target=rendered.upstream,
                network=network,
                peers=peers,
                found=found and found.front,
                opts=inside,
            )
            self.outputs |= _before(front.outputs, rendered.outputs)
        self.register_outputs({**self.outputs, "costEstimate": estimate})


def look_up(plan: Plan) -> Found:
    """Ask the account about what a plan refers to; raises StackError with all problems while nothing has been made."""
    asked: list[Callable[[Plan], Any]] = [_target(plan).look_up]
    if plan.front is not None:
        asked.append(_front().look_up)
    answers: list[Any] = []
    problems: dict[Problem, None] = {}
    for ask in asked:
        try:
            answers.append(ask(plan))
        except StackError as error:
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise StackError(list(problems))
    return Found(*answers)


def _target(plan: Plan) -> type[TargetComponent]:
    if plan.target not in TARGETS:
        raise PlanError(f"{plan.service}: target {plan.target} has no component; {did_you_mean(plan.target, TARGETS)}")
    return TARGETS[plan.target]()


def _before(front: Mapping[str, Any], target: Mapping[str, Any]) -> dict[str, Any]:
    """Return what clients have to know of a service whose front answers them."""
    return {
        "openai_base_url": front["openai_base_url"],
        "load_balancer": front["load_balancer"],
        "auth": front["auth"],
        "front": {
            "cluster": front["cluster"],
            "ecs_service": front["ecs_service"],
            "dashboard_url": front["dashboard_url"],
            "log": front["log"],
            "target_base_url": target["openai_base_url"],
        },
    }


def _known(plan: Plan) -> dict[str, Any]:
    return {
        "model_name": plan.model.served_name,
        "model": plan.model.id,
        "state": "parked" if plan.power == "off" else "awake",
        "target": plan.target,
        "region": plan.region,
        "hardware": {
            "instance_type": plan.hardware.instance_type,
            "gpu": plan.hardware.gpu,
            "gpu_count": plan.hardware.gpu_count,
            "usd_per_hour": plan.hardware.usd_per_hour,
        },
        "replicas": {"min": plan.scaling.min_replicas, "max": plan.scaling.max_replicas},
    }
