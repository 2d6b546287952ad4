"""Is the hardware bought well: on spare capacity, for long enough, of the right size, in the right region?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.instances import instances, region_price, regions_offering
from components.catalogue.sagemaker import PREFIX, sagemaker_instances, sagemaker_region_price
from components.cost.estimate import HOURS_PER_MONTH
from policies.kinds import GROUP
from policies.resources import MODEL_SERVICE
from policies.rule import NotApplicable, Rule, each, on_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policies.rule import Finding, Subject
    from policies.value import Value

_PERCENT = {"type": "number", "minimum": 0, "maximum": 100}
_NOT_AWS = NotApplicable("the service is not on AWS")


def _is_on_aws(subject: Subject) -> bool:
    return subject.target in ("ecs", "sagemaker")


def _spot(subject: Subject) -> Iterator[Finding]:
    if subject.target != "ecs":
        yield NotApplicable("only ECS can run on spare capacity")
        return
    yield from _share(subject, subject.props["spec"]["pricing"]["spot_percent"])


def _share(subject: Subject, value: Value) -> Iterator[Finding]:
    share = value.number() or 0
    least, most = subject.settings["minSpotPercent"], subject.settings["maxSpotPercent"]
    if share > most:
        yield f"{value.path}: {share:g} % can be taken back within two minutes, and {most:g} % are allowed here"
    elif share < least:
        yield f"{value.path}: {share:g} %, and {least:g} % cheaper spare capacity are wanted here"


def _distribution(subject: Subject) -> Iterator[Finding]:
    distribution = subject.props["mixedInstancesPolicy"]["instancesDistribution"]
    if distribution.is_missing:
        yield NotApplicable("the group has on-demand instances alone")
        return
    above = distribution["onDemandPercentageAboveBaseCapacity"]
    base = distribution["onDemandBaseCapacity"]
    percent = above.number()
    # The API's own default for what is above the base.
    spot = 100 - (100 if percent is None else percent)
    if spot > subject.settings["maxSpotPercent"] and (base.number() or 0) < subject.settings["minOnDemandBase"]:
        yield (
            f"{base.path}: {base.number() or 0:g} instances on demand, and "
            f"{subject.settings['minOnDemandBase']:g} are needed beside {spot:g} % spare capacity"
        )


def _commitment(subject: Subject) -> Iterator[Finding]:
    spec, plan = subject.props["spec"], subject.props["plan"]
    if not _is_on_aws(subject):
        yield _NOT_AWS
        return
    if spec["pricing"]["commitment"].text() not in (None, "on_demand"):
        return
    hours, replicas = plan["awakeHoursPerMonth"].number(), plan["replicas"]["min"].number()
    if hours is None or replicas is None:
        yield "plan.awakeHoursPerMonth is missing"
    elif replicas and hours / HOURS_PER_MONTH > subject.settings["maxOnDemandShare"]:
        yield (
            f"{replicas:g} replica{'' if replicas == 1 else 's'} on demand run {hours:,.0f} of {HOURS_PER_MONTH} hours "
            "a month, more than a Savings Plan needs to be worth it"
        )


def _size(subject: Subject) -> Iterator[Finding]:
    memory = subject.props["plan"]["memory"]
    if memory.is_missing:
        yield NotApplicable("the target rents no GPU")
        return
    weights, runtime, budget = (memory[key].number() for key in ("weightsGib", "runtimeGib", "budgetGib"))
    if weights is None or runtime is None or not budget:
        yield "plan.memory does not say what the model needs"
        return
    share = (weights + runtime) / budget
    least, most = subject.settings["minUsedPercent"], subject.settings["maxUsedPercent"]
    said = f"weights and runtime take {weights + runtime:.1f} of {budget:.1f} GiB, {share:.0%} of what may be used"
    if share * 100 < least:
        yield f"{said}: less than {least:g} %, so a smaller GPU would do"
    elif share * 100 > most:
        yield f"{said}: more than {most:g} %, so that hardly a request fits beside them"


def _region(subject: Subject) -> Iterator[Finding]:
    if not _is_on_aws(subject):
        yield _NOT_AWS
        return
    plan, allowed = subject.props["plan"], subject.settings["allowedRegions"]
    region = plan["region"].text()
    if region is None:
        yield "plan.region is missing"
        return
    if allowed and region not in allowed:
        yield f"plan.region: {region} is none of {', '.join(allowed)}"
    yield from each(plan["hardware"].each()[:1], lambda value: _premium(subject, value, region))


def _premium(subject: Subject, value: Value, region: str) -> Iterator[Finding]:
    kind = value.text() or ""
    here = _usd_per_hour(kind, region)
    if here is None:
        yield NotApplicable(f"nobody publishes a price of {kind or 'the hardware'} in {region}")
        return
    elsewhere = {
        other: usd
        for other in subject.settings["allowedRegions"]
        if other in regions_offering(kind.removeprefix(PREFIX)) and (usd := _usd_per_hour(kind, other)) is not None
    }
    if not elsewhere:
        return
    cheapest = min(elsewhere, key=lambda other: (elsewhere[other], other))
    limit = subject.settings["maxPremiumPercent"]
    premium = 100 * (here / elsewhere[cheapest] - 1)
    if premium > limit:
        yield (
            f"{kind} costs {here:.4f} USD per hour in {region}, {premium:.0f} % more than {elsewhere[cheapest]:.4f} in "
            f"{cheapest}, and {limit:g} % are allowed here"
        )


def _usd_per_hour(kind: str, region: str) -> float | None:
    if kind in sagemaker_instances():
        price = sagemaker_region_price(kind, region)
    else:
        price = region_price(kind, region) if kind in instances() else None
    return price.usd_per_hour if price else None


RULES = [
    Rule(
        name="spot-share",
        about="Spare capacity is used where an interruption hurts nobody, and nowhere else.",
        remedy="set pricing.spot_percent",
        severity="low",
        level="advisory",
        checks={MODEL_SERVICE: _spot, GROUP: _distribution},
        settings={
            "minSpotPercent": {**_PERCENT, "default": 0, "description": "Least share of spare capacity."},
            "maxSpotPercent": {**_PERCENT, "default": 100, "description": "Largest share of spare capacity."},
            "minOnDemandBase": {
                "type": "integer",
                "minimum": 0,
                "default": 1,
                "description": "Instances on demand beside more spare capacity than that.",
            },
        },
    ),
    Rule(
        name="commitment-hint",
        about="What runs most of the time is not paid for by the hour.",
        remedy="set schedule or scaling.min_replicas: 0, or buy a Savings Plan and write it as pricing.commitment",
        severity="low",
        level="advisory",
        checks=on_service(_commitment),
        settings={
            "maxOnDemandShare": {
                "type": "number",
                "minimum": 0,
                "maximum": 1,
                "default": 0.65,
                "description": "Share of a month in which a replica may run on demand.",
            }
        },
    ),
    Rule(
        name="over-provisioned-gpu",
        about="The memory that is rented is used, and there is room for requests.",
        remedy="`berth plan` names cheaper hardware, and what a longer context would need",
        severity="low",
        level="advisory",
        checks=on_service(_size),
        settings={
            "minUsedPercent": {**_PERCENT, "default": 40, "description": "Of the memory that the engine may use."},
            "maxUsedPercent": {**_PERCENT, "default": 95, "description": "Of the memory that the engine may use."},
        },
    ),
    Rule(
        name="region-premium",
        about="A service runs where it may, and not where the same instance costs much more.",
        remedy="set aws:region to the cheaper one, or raise maxPremiumPercent in policies/config",
        severity="low",
        level="advisory",
        checks=on_service(_region),
        settings={
            "allowedRegions": {
                "type": "array",
                "items": {"type": "string"},
                "default": [],
                "description": "Regions of AWS; none: all are allowed, and no other is compared.",
            },
            "maxPremiumPercent": {"type": "number", "minimum": 0, "default": 20, "description": "Over the cheapest."},
        },
    ),
]
