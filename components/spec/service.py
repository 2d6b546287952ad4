"""What a user declares about one model service: the whole spec, one field per group."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator

from components.spec.budget import BudgetSpec  # noqa: TC001 (pydantic reads it)
from components.spec.ecs import EcsSpec
from components.spec.engine import EngineSpec
from components.spec.exemption import ExemptionSpec  # noqa: TC001 (pydantic reads it)
from components.spec.gateway import GatewaySpec
from components.spec.group import Group, omitted
from components.spec.idle import IdleSpec  # noqa: TC001 (pydantic reads it)
from components.spec.local import LocalSpec
from components.spec.model import ModelSpec  # noqa: TC001 (pydantic reads it)
from components.spec.network import NetworkSpec
from components.spec.pricing import PricingSpec
from components.spec.runpod import RunpodSpec
from components.spec.sagemaker import SagemakerSpec
from components.spec.scaling import ScalingSpec
from components.spec.schedule import ScheduleSpec  # noqa: TC001 (pydantic reads it)
from components.spec.slo import SloSpec  # noqa: TC001 (pydantic reads it)
from components.spec.traffic import LoadSpec  # noqa: TC001 (pydantic reads it)
from components.spec.values import Accelerator, refusal, switch

Auto = Annotated[Literal["auto"], Tag("<auto>")]
Ordered = Annotated[tuple[Accelerator, ...], Tag("<list>")]
Accelerators = Annotated[Auto | Ordered, Discriminator(lambda value: "<auto>" if isinstance(value, str) else "<list>")]


class ServiceSpec(Group):
    """One model service."""

    name: str
    """Lower-case name, 2 to 20 characters; AWS names, metrics and log groups are built from it. Must be given."""
    environment: str = "dev"
    """`prod` asks for a pinned revision and image digests. Omitted: the stack's environment."""
    tags: dict[str, str] = Field(default_factory=dict)
    """Tags on every resource, for cost allocation. Omitted: the stack's alone."""
    power: Annotated[Literal["on", "off"], BeforeValidator(switch)] = "on"
    """off parks the service: it is deployed, and no GPU runs. Omitted: on."""
    model: ModelSpec
    """Must be given."""
    engine: EngineSpec = omitted(EngineSpec)
    """Omitted: the target's default, in the newest version of the catalogue."""
    accelerators: Accelerators = "auto"
    """GPUs in order of preference; the first that fits and is offered in the region is used. Omitted: auto, the
    cheapest that fits."""
    load: LoadSpec | None = None
    """Omitted: no expected cost and no cost per million tokens, only floor and maximum."""
    scaling: ScalingSpec = omitted(ScalingSpec)
    """Omitted: one replica, always."""
    pricing: PricingSpec = omitted(PricingSpec)
    """Omitted: on demand."""
    schedule: ScheduleSpec | None = None
    """Omitted: always awake."""
    idle: IdleSpec | None = None
    """Omitted: awake whether it is used or not."""
    budget: BudgetSpec | None = None
    """Omitted: nothing watches what it costs."""
    slo: SloSpec | None = None
    """Omitted: the plan is made whatever its speed."""
    gateway: GatewaySpec = omitted(GatewaySpec)
    """Omitted: no client keys, no limits, requests of up to 10m."""
    network: NetworkSpec = omitted(NetworkSpec)
    """Omitted: a VPC of the stack's own, reachable from inside only."""
    policy_exemptions: tuple[ExemptionSpec, ...] = ()
    """Rules of the policies that the service need not keep, each with its reason and last day. Omitted: none."""
    ecs: EcsSpec = omitted(EcsSpec)
    """What only ECS has; other targets do not read it. Omitted: the defaults of its fields."""
    sagemaker: SagemakerSpec = omitted(SagemakerSpec)
    """What only SageMaker has; other targets do not read it. Omitted: the defaults of its fields."""
    runpod: RunpodSpec = omitted(RunpodSpec)
    """What only RunPod has; other targets do not read it. Omitted: the defaults of its fields."""
    local: LocalSpec = omitted(LocalSpec)
    """What only the local target has; others do not read it. Omitted: the defaults of its fields."""

    @field_validator("name")
    @classmethod
    def _fits_aws_names(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,18}[a-z0-9]", value):
            raise refusal(
                "is not a service name",
                "use 2 to 20 lower-case letters, digits and dashes, starting with a letter",
            )
        if value.startswith(("internal-", "sg-")):
            raise refusal("has a prefix that AWS keeps for itself", "choose a name without internal- or sg- in front")
        return value

    @field_validator("environment")
    @classmethod
    def _is_a_short_name(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", value):
            raise refusal("is not an environment", "use lower-case letters, digits and dashes, as dev or prod")
        return value

    @field_validator("tags")
    @classmethod
    def _are_tags(cls, value: dict[str, str]) -> dict[str, str]:
        for key, text in value.items():
            if key.lower().startswith("aws:") or not re.fullmatch(r"[\w .:/=+@-]{1,128}", key):
                raise refusal(f"has the key {key!r}", "use 1 to 128 of letters, digits, space and _.:/=+-@, not aws:")
            if not re.fullmatch(r"[\w .:/=+@-]{0,256}", text):
                raise refusal(f"has {key}: {text!r}", "use up to 256 of letters, digits, space and _.:/=+-@")
        return value

    @field_validator("accelerators", mode="before")
    @classmethod
    def _is_auto_or_a_list(cls, value: object) -> object:
        if isinstance(value, str) and value != "auto":
            raise refusal("is not a list", f"write [{value}], or auto for the cheapest that fits")
        return value

    @field_validator("accelerators")
    @classmethod
    def _are_distinct(
        cls, value: Literal["auto"] | tuple[Accelerator, ...]
    ) -> Literal["auto"] | tuple[Accelerator, ...]:
        if value == ():
            raise refusal("is an empty list", "name a GPU, or write auto")
        if len(set(value)) < len(value):
            raise refusal("names an accelerator twice", "name each once, in order of preference")
        return value
