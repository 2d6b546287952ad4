"""Which target renders a planned service, and what does every target tell about it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, get_args

import pulumi

from components.contracts import ParameterKind, parameter_name
from components.errors import PlanError, Problem, StackError, did_you_mean
from components.live import KEPT
from components.plan.registered import registered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from components.front.component import Front
    from components.front.keeper import Keeper as FrontKeeper
    from components.front.keeper import WakeHook
    from components.gateway.upstream import Upstream
    from components.network import Network
    from components.plan.model import Plan


class TargetComponent(Protocol):
    """What a target offers: it renders a plan in its constructor, and says what came of it."""

    outputs: dict[str, Any]
    upstream: Upstream
    """How a front, and services that fall back on this one, reach it."""
    keeper_details: dict[str, Any]
    """What a keeper has to know of what was made; empty where none can keep it."""
    listener_arn: pulumi.Output[str] | None
    """Of a load balancer of its own; None where it has none."""

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
        starts_awake: bool = True,
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


@dataclass(frozen=True, slots=True)
class KeptBy:
    """The stack's function that keeps a service; `wake` is how a front has it woken, where requests may."""

    function: str
    wake: WakeHook | None = None


class ModelService(pulumi.ComponentResource):
    """One model service on the target of its plan.

    `spec`, `plan` and `costEstimate` are registered as inputs, before any child: a policy can refuse the service while
    nothing of it exists. They are outputs too, which is what policies on whole stacks and the state see.
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
        starts_awake: bool = True,
        keeper: KeptBy | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Render `plan`; `found` is what `look_up` answered about it, asked here when it is not given.

        `peers` are the services that it may fall back on, by name. `starts_awake` matters where a keeper moves its
        replicas, and it is made now; `keeper` is None where no function of the stack keeps it.
        """
        told = registered(spec, plan)
        estimate = told["costEstimate"]
        super().__init__("berth:index:ModelService", name, told, opts)
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
            starts_awake=starts_awake,
            opts=inside,
        )
        self.upstream = rendered.upstream
        self.keeper_details = rendered.keeper_details
        self.listener_arn = rendered.listener_arn
        self.outputs: dict[str, Any] = {
            **_known(plan),
            "estimate": {
                **{key: estimate[key] for key in ("floor", "expected", "max")},
                "shared": plan.cost.shared,
            },
            **rendered.outputs,
            **_kept(plan, keeper),
        }
        if plan.front is not None:
            front = _front()(
                name,
                plan=plan,
                target=rendered.upstream,
                network=network,
                peers=peers,
                found=found and found.front,
                keeper=_told(plan, keeper),
                opts=inside,
            )
            self.outputs |= _before(front.outputs, rendered.outputs)
        self.register_outputs({**self.outputs, **told})


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


def _kept(plan: Plan, keeper: KeptBy | None) -> dict[str, Any]:
    """Return what is to be known of a service that is kept; what it does now is in its parameter, not in the stack."""
    if plan.keeper is None:
        return {}
    names = {kind: parameter_name(plan.stack, plan.service, kind) for kind in get_args(ParameterKind)}
    told = {
        "owns": plan.keeper.owns_capacity,
        "parameters": names if keeper else {},
        "function": keeper.function if keeper else None,
    }
    return {"keeper": told, **({"state": KEPT} if plan.is_kept else {})}


def _told(plan: Plan, keeper: KeptBy | None) -> FrontKeeper | None:
    """Return how a front learns that its target sleeps."""
    if keeper is None or not plan.is_kept:
        return None
    from components.front.keeper import Keeper  # noqa: PLC0415 - few services have one

    return Keeper(parameter_name(plan.stack, plan.service, "state"), keeper.wake)


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
