"""Which target renders a planned service, and what does every target tell about it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pulumi

from components.errors import PlanError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from components.network import Network
    from components.plan.model import Plan


class TargetComponent(Protocol):
    """What a target offers: it renders a plan in its constructor, and says what came of it."""

    outputs: dict[str, Any]

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
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...


def _ecs() -> type[TargetComponent]:
    from components.ecs.component import EcsService  # noqa: PLC0415 - a stack imports only the targets it has

    return EcsService


def _sagemaker() -> type[TargetComponent]:
    from components.sagemaker.component import SagemakerService  # noqa: PLC0415

    return SagemakerService


def _runpod() -> type[TargetComponent]:
    from components.runpod.component import RunpodService  # noqa: PLC0415

    return RunpodService


TARGETS: Mapping[str, Callable[[], type[TargetComponent]]] = {
    "ecs": _ecs,
    "sagemaker": _sagemaker,
    "runpod": _runpod,
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
        found: Any = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Render `plan`; `found` is what `look_up` answered about it, asked here when it is not given."""
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
        rendered = _target(plan)(
            name, plan=plan, network=network, found=found, opts=pulumi.ResourceOptions(parent=self)
        )
        self.outputs: dict[str, Any] = {
            **_known(plan),
            "estimate": {
                **{key: estimate[key] for key in ("floor", "expected", "max")},
                "shared": plan.cost.shared,
            },
            **rendered.outputs,
        }
        self.register_outputs({**self.outputs, "costEstimate": estimate})


def look_up(plan: Plan) -> Any:
    """Ask the account about what a plan refers to; raises StackError while nothing has been made."""
    return _target(plan).look_up(plan)


def _target(plan: Plan) -> type[TargetComponent]:
    if plan.target not in TARGETS:
        raise PlanError(f"{plan.service}: target {plan.target} has no component; {did_you_mean(plan.target, TARGETS)}")
    return TARGETS[plan.target]()


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
