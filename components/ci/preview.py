"""How is a change previewed: each stack that it touches is planned, previewed with its policies, and compared?"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.ci.assemble import Previewed, stack_report
from components.ci.exit_codes import CiError
from components.ci.git import changed_files, head, stacks_at
from components.ci.hidden import scrubbed
from components.ci.project import NOT_CHANGED_BY_REVIEW, planned_in
from components.ci.pulumi import unknown_to_backend
from components.ci.report import Report, StackReport
from components.ci.reprice import repriced
from components.ci.touched import touched
from components.errors import BerthError
from policies.rules import RULES
from policies.settings import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from components.ci.assemble import Registered
    from components.ci.money import Tolerance
    from components.ci.project import Project
    from components.ci.pulumi import Pulumi, Ran

PACK = "policies"


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be previewed, and what a rise of the cost is measured with."""

    project: Project
    pulumi: Pulumi
    tolerance: Tolerance
    now: datetime
    base_ref: str | None = None
    approved_by: str | None = None


def chosen_stacks(project: Project, named: Sequence[str], changed_since: str | None) -> dict[str, tuple[str, ...]]:
    """Return the stacks to look at, with the reasons: those that are named, those that a change touches, or both."""
    names = [project.checked(one) for one in dict.fromkeys(named)]
    if changed_since is None:
        return dict.fromkeys(names, ())
    candidates = names or [one for one in project.stacks() if one not in NOT_CHANGED_BY_REVIEW]
    return touched(changed_files(project.root, changed_since), [project.files(one) for one in candidates])


def preview(question: Question, stacks: Mapping[str, tuple[str, ...]]) -> Report:
    """Preview stacks, one after the other; what is wrong with one does not hide another."""
    known = set(question.pulumi.stacks()) if stacks else set[str]()
    reports = tuple(_preview(question, stack, reasons, stack in known) for stack, reasons in stacks.items())
    dates = [one.cost.priced_after for one in reports if one.cost and one.cost.priced_after]
    return Report(
        stacks=reports,
        price_table_date=min(dates, default=None),
        commit=head(question.project.root),
        made_at=question.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def _preview(question: Question, stack: str, reasons: tuple[str, ...], is_known: bool) -> StackReport:
    try:
        return previewed(question, stack, reasons, is_known=is_known)
    except BerthError as error:
        lines = tuple(scrubbed(str(error)).splitlines())
        return StackReport(stack, "", is_known, "", program_errors=lines, reasons=reasons)


def previewed(question: Question, stack: str, reasons: tuple[str, ...] = (), *, is_known: bool) -> StackReport:
    """Preview one stack; raises BerthError where its files are wrong, or Pulumi cannot begin."""
    project, today = question.project, question.now.date()
    planned = project.plan(stack, today)
    configuration = load(planned.environment, RULES)
    begun = time.monotonic()
    with ExitStack() as opened:
        pulumi, config_file = question.pulumi, None
        if not is_known:
            pulumi, config_file = opened.enter_context(unknown_to_backend(pulumi, stack, project.file(stack)))
        ran = pulumi.preview(stack, policy_arguments(planned.environment), config_file)
    seconds = time.monotonic() - begun
    refuse_unjudged(ran)
    return stack_report(
        Previewed(
            stack=stack,
            planned=planned,
            told=ran.told,
            code=ran.code,
            output=ran.output,
            configuration=configuration,
            now=question.now,
            tolerance=question.tolerance,
            reprice=lambda _, deployed: repriced(stack, deployed, project.folder, today),
            base=_at_base(question, stack),
            base_name=question.base_ref or "",
            approved_by=question.approved_by,
            reasons=reasons,
            seconds=seconds,
        )
    )


def policy_arguments(environment: str) -> tuple[str, ...]:
    """Return what makes Pulumi ask the policies of an environment."""
    return ("--policy-pack", PACK, "--policy-pack-config", f"{PACK}/config/{environment}.json")


def refuse_unjudged(ran: Ran) -> None:
    """Raise CiError for a run that succeeded and asked no policies: it says nothing of them."""
    if ran.told.succeeded and not ran.told.judged:
        raise CiError("pulumi previewed, and its event log has no word of the policies; use the CLI that Berth pins")


def _at_base(question: Question, stack: str) -> dict[str, Registered] | None:
    """Return what the stack was before the change; None where nobody asks, or it was not there or was wrong."""
    if question.base_ref is None:
        return None
    with stacks_at(question.project.root, question.base_ref) as folder:
        if folder is None or not (folder / f"Pulumi.{stack}.yaml").is_file():
            return None
        try:
            return planned_in(folder, stack, question.now.date()).registered
        except BerthError:
            return None
