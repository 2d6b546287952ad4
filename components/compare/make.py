"""How a comparison is made: each target plans the spec, then plans it again for every load, and asleep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.instances import known_regions
from components.compare.asleep import sleep_of
from components.compare.at_load import at_load, awake, planned, priced
from components.compare.comparison import Candidate, Column, Comparison
from components.compare.limits import limits_of
from components.compare.recommendation import recommended
from components.compare.traffic import spec_at, traffics_of
from components.compare.unhonoured import unhonoured
from components.errors import BerthError, PlanError, Problem, SpecError, did_you_mean
from components.plan.target import CLOUD_TARGETS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from components.compare.traffic import Traffic
    from components.plan.model import Plan
    from components.spec.service import ServiceSpec


def compare(candidates: Sequence[Candidate], *, region: str, today: date) -> Comparison:
    """Return the candidates side by side, in their order; the first one's load is what all are compared at.

    A target that cannot serve its spec is a column with its reasons. `SpecError` for a region, or a target, that
    nobody knows: no column would mean anything.
    """
    _check(candidates, region)
    first = candidates[0].spec
    traffics = traffics_of(first)
    columns = tuple(_column(candidate, traffics, region, today) for candidate in candidates)
    return Comparison(
        service=first.name,
        model_id=first.model.id,
        environment=first.environment,
        region=region,
        traffics=traffics,
        load_is_assumed=first.load is None,
        columns=columns,
        recommendation=recommended(columns),
    )


def _check(candidates: Sequence[Candidate], region: str) -> None:
    problems = [
        Problem("--targets", one.target, "is not a target", did_you_mean(one.target, CLOUD_TARGETS))
        for one in candidates
        if one.target not in CLOUD_TARGETS
    ]
    if not candidates:
        problems.append(Problem("--targets", "", "names none", f"name one or more of {', '.join(CLOUD_TARGETS)}"))
    if region not in known_regions():
        problems.append(
            Problem("region", region, "is not a region of the catalogue", did_you_mean(region, known_regions()))
        )
    if problems:
        raise SpecError(problems)


def _column(given: Candidate, traffics: Sequence[Traffic], region: str, today: date) -> Column:
    candidate = awake(given)
    middle = traffics[len(traffics) // 2]
    declared = spec_at(candidate.spec, middle.requests_per_hour)
    try:
        plan = planned(declared, candidate, region, today, brief=False)
    except BerthError as error:
        return Column(candidate.target, candidate.differs, None, _reasons(error))
    return Column(
        target=candidate.target,
        differs=candidate.differs,
        plan=plan,
        refusal=(),
        at_loads=tuple(
            priced(plan, traffic) if traffic is middle else at_load(candidate, traffic, region, today)
            for traffic in traffics
        ),
        sleep=sleep_of(plan, _parked(declared, candidate, region, today)),
        limits=limits_of(declared, plan),
        unhonoured=unhonoured(candidate.spec, plan),
    )


def _reasons(error: BerthError) -> tuple[str, ...]:
    if isinstance(error, SpecError):
        return tuple(str(problem) for problem in error.problems)
    return tuple(line.strip() for line in str(error).splitlines())


def _parked(spec: ServiceSpec, candidate: Candidate, region: str, today: date) -> Plan | None:
    try:
        return planned(spec.model_copy(update={"power": "off"}), candidate, region, today)
    except PlanError:
        return None
