"""What does a stack deploy? Its configuration, checked as a whole, and the plans that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Self, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from components.contracts import NO_REGION
from components.errors import BerthError, Problem, StackError
from components.stack_problems import (
    duplicate,
    missing_image,
    missing_region,
    name_problems,
    service_problems,
    shape_problems,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from components.plan.model import Plan, Target
    from components.spec import ServiceSpec

LOCAL_REGION = NO_REGION
PUBLIC_STACK = "local"
PUBLIC_PASSPHRASE = "berth-local"  # noqa: S105 - public on purpose, and refused everywhere but in the sandbox's stack


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Images(_Group):
    """Container images of a stack."""

    gateway: str | None = None
    """In environment prod with its digest. Omitted: refused when a service is on ECS or has a front."""
    weight_cache: str | None = None
    """In environment prod with its digest. Omitted: refused when a service is on ECS."""
    engine: str | None = None
    """Engine of the services on ECS. Omitted: the image of the catalogue for the planned engine version."""
    runpod_worker: str | None = None
    """Worker of the services behind RunPod's load balancer. In environment prod with its digest. Omitted: refused when
    a service has `runpod.mode: load_balancer` and no `engine.image`."""


class RunpodAccount(_Group):
    """What cannot be asked of RunPod's API about the account."""

    worker_quota: Annotated[int, Field(ge=1, le=10_000)] = 5
    """Workers that the account may run at once, over all its endpoints; it grows with the balance. Omitted: 5."""


class ServiceEntry(_Group):
    """One service of a stack."""

    spec: str
    """Path of the spec, relative to the folder of the stack files. Must be given."""
    target: str
    """Must be given."""
    overrides: dict[str, Any] = {}
    """Fields that this stack sets over the spec's. Omitted: none."""


class StackConfig(_Group):
    """The `berth:` part of a stack file."""

    environment: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
    """Environment of the services that name none; `prod` asks for digests and revisions. Must be given."""
    images: Images = Images()
    """Omitted: none, refused when a service is on ECS or has a front."""
    tags: dict[str, str] = {}
    """Tags on every resource. Omitted: those of the specs alone."""
    permissions_boundary: Annotated[str, Field(pattern=r"^arn:[\w-]+:iam::\d{12}:policy/.+$")] | None = None
    """ARN of the policy that every role of the stack stays within; the account's stack makes one. Omitted: none."""
    runpod: RunpodAccount = RunpodAccount()
    """The account at RunPod. Omitted: a new one."""
    services: tuple[ServiceEntry, ...]
    """Must be given."""

    @property
    def needs_region(self) -> bool:
        """Whether a service runs in AWS; this machine and RunPod do without, as long as no service has a front."""
        return any(entry.target not in ("local", "runpod") for entry in self.services)

    @classmethod
    def parse(cls, raw: Mapping[str, Any], *, stack: str, directory: Path) -> Self:
        """Check the `berth:` keys of a stack file; raises StackError with every problem."""
        problems = name_problems(stack)
        try:
            config = cls.model_validate(dict(raw))
        except ValidationError as error:
            raise StackError([*problems, *shape_problems(error, cls, stack)]) from None
        problems += service_problems(config, stack, directory)
        if problems:
            raise StackError(problems)
        return config


@dataclass(frozen=True, slots=True)
class PlannedService:
    """A spec and what was decided for it."""

    spec: ServiceSpec
    plan: Plan


def plan_services(
    config: StackConfig, *, stack: str, region: str, directory: Path, today: date
) -> Sequence[PlannedService]:
    """Plan every service of a stack; raises BerthError with the problems of all of them."""
    from components.plan import StackImages, make_plan  # noqa: PLC0415 - the catalogue is read only when planning
    from components.plan.front.peers import peer_problems, with_peer_notes  # noqa: PLC0415
    from components.plan.local.ports import port_problems  # noqa: PLC0415
    from components.plan.runpod.mode import lacks_worker_image  # noqa: PLC0415
    from components.plan.runpod.quota import worker_quota_problems  # noqa: PLC0415
    from components.spec import load_spec  # noqa: PLC0415

    images = StackImages(**config.images.model_dump())
    planned: list[PlannedService] = []
    failed: list[BerthError] = []
    names: dict[str, int] = {}
    for index, entry in enumerate(config.services):
        try:
            spec = load_spec(directory / entry.spec, entry.overrides, config.environment)
            if spec.name in names:
                raise StackError([duplicate(stack, spec.name, names[spec.name], index)])
            names[spec.name] = index
            if spec.gateway.front and region == LOCAL_REGION:
                raise StackError([missing_region(stack)])
            if spec.gateway.front and images.gateway is None:
                raise StackError([missing_image(stack, "gateway")])
            if lacks_worker_image(spec, entry.target, images.runpod_worker):
                raise StackError([missing_image(stack, "runpod_worker")])
            plan = make_plan(
                spec,
                target=cast("Target", entry.target),
                stack=stack,
                region=region,
                images=images,
                today=today,
                tags=config.tags,
            )
        except BerthError as error:
            failed.append(error)
        else:
            planned.append(PlannedService(spec, plan))
    crowded = worker_quota_problems([one.plan for one in planned], config.runpod.worker_quota)
    crowded += port_problems([one.plan for one in planned])
    # A service that could not be planned is not missing: its own problems come first.
    crowded += [] if failed else peer_problems([one.plan for one in planned])
    if crowded:
        failed.append(StackError(crowded))
    if failed:
        # Services share images and region, so they share problems: each is said once.
        lines = [line for error in failed for line in str(error).splitlines()]
        raise BerthError("\n".join(dict.fromkeys(lines)))
    noted = with_peer_notes([one.plan for one in planned])
    return [PlannedService(one.spec, plan) for one, plan in zip(planned, noted, strict=True)]


def refuse_public_passphrase(stack: str, passphrase: str | None) -> None:
    """Raise StackError when a stack other than `local` would encrypt its secrets with the passphrase everyone knows."""
    if passphrase == PUBLIC_PASSPHRASE and stack != PUBLIC_STACK:
        raise StackError(
            [
                Problem(
                    "PULUMI_CONFIG_PASSPHRASE",
                    "",
                    f"is the public passphrase of stack {PUBLIC_STACK}, and would protect nothing in stack {stack}",
                    "init the stack in a new shell, without the sandbox's environment, or give it a secrets provider:"
                    f" pulumi stack change-secrets-provider --stack {stack} awskms://KEY",
                )
            ]
        )
