"""How is a stack deployed so that it is what was reviewed, is proven, and can be taken back?"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from components.ci.exit_codes import COST, LOCKED, NOT_REVIEWED, OK, POLICY, PROGRAM, PROVIDER, SMOKE, CiError
from components.ci.failures import failure_of
from components.ci.history import (
    GOOD_TAG,
    deployments,
    earlier_project,
    good_tag,
    last_good,
    with_specs,
)
from components.ci.preview import policy_arguments, previewed
from components.ci.pulumi import Pulumi
from components.ci.reviewed import differences

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.ci.history import Deployment
    from components.ci.preview import Question
    from components.ci.pulumi import Ran
    from components.ci.report import StackReport
    from components.ci.reviewed import Reviewed

MESSAGE = "berth ci deploy"
ROLLBACK = "berth rollback"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a stack is to be deployed; `smoke` returns whether its services answered, None where one sleeps."""

    stack: str
    reviewed: Reviewed | None
    approve_cost: bool
    smoke: Callable[[str], bool | None] | None
    rolls_back: bool
    show: Callable[[StackReport], None]


def deploy(question: Question, wanted: Wanted) -> int:
    """Preview with the policies, compare with the review, deploy, prove, and take back what does not answer."""
    stack, say = wanted.stack, question.pulumi.say
    is_known = stack in question.pulumi.stacks()
    report = previewed(question, stack, is_known=is_known)
    wanted.show(report)
    if (code := _refused(report, wanted, question)) != OK:
        return code
    if not is_known:
        question.pulumi.create(stack)
    policies = policy_arguments(report.environment)
    with TemporaryDirectory() as folder:
        config = with_specs(question.project, stack, Path(folder))
        message = f"{MESSAGE} {report.digest}"
        ran = question.pulumi.up(stack, policies, message, config)
    if not ran.told.succeeded:
        return failed(stack, ran, say)
    if wanted.smoke is None:
        mark_good(question.pulumi, stack)
        return OK
    answered = wanted.smoke(stack)
    if answered is None:
        say(f"berth: {stack}: a service sleeps, so the deployment is not proven; it stays, and is not called good")
        return OK
    if answered:
        mark_good(question.pulumi, stack)
        return OK
    return _taken_back(question, stack, report.environment, rolls_back=wanted.rolls_back)


def _refused(report: StackReport, wanted: Wanted, question: Question) -> int:
    """Return why a deployment must not begin, 0 where nothing speaks against it."""
    say, others = question.pulumi.say, [code for code in report.codes if code != COST]
    if others:
        say(f"berth: {report.stack}: nothing was deployed; the report says why")
        return report.code if report.code != COST else others[0]
    if wanted.reviewed is not None:
        found = differences(wanted.reviewed, report, question.tolerance)
        for one in found:
            say(f"berth: {report.stack}: not what was reviewed in {wanted.reviewed.source}: {one}")
        return NOT_REVIEWED if found else OK
    if report.rise and not wanted.approve_cost:
        say(f"berth: {report.stack}: {report.rise}; nothing was deployed: have it reviewed, or give --approve-cost")
        return COST
    return OK


def failed(stack: str, ran: Ran, say: Callable[[str], None]) -> int:
    """Say why a deployment failed, and return its code."""
    failure = failure_of(ran.told, ran.code, ran.output)
    if failure.locked:
        say(
            f"berth: {stack} is locked by {failure.locked}. Wait for that deployment. If its process is gone, look with"
            f" `pulumi stack export --stack {stack}` for pending operations, then `pulumi cancel --stack {stack}`;"
            " nothing is cancelled for you"
        )
        return LOCKED
    for one in (*failure.program, *failure.provider):
        say(f"berth: {stack}: {one}")
    say(f"berth: {stack}: the deployment failed; what it had made by then stays, and the next one goes on from there")
    if failure.program:
        return PROGRAM
    return PROVIDER if failure.provider else POLICY


def mark_good(pulumi: Pulumi, stack: str) -> None:
    """Remember that the latest deployment is proven."""
    history = pulumi.history(stack)
    latest = next((one for one in history if one.get("kind") == "update"), None)
    if latest is not None and latest.get("result") == "succeeded":
        pulumi.set_tag(stack, GOOD_TAG, good_tag(pulumi.tags(stack).get(GOOD_TAG, ""), str(latest["startTime"])))


def past(pulumi: Pulumi, stack: str) -> list[Deployment]:
    """Return the deployments of a stack, the latest first."""
    return deployments(pulumi.history(stack), pulumi.tags(stack).get(GOOD_TAG, ""))


def apply_again(question: Question, stack: str, environment: str, one: Deployment) -> int:
    """Deploy the specs of an earlier deployment with today's program, under today's policies."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(TemporaryDirectory()))
        root = earlier_project(question.project, stack, one, folder)
        # The pack is today's: paths lead to this checkout.
        policies = [str(question.project.root / part) if "/" in part or part == "policies" else part
                    for part in policy_arguments(environment)]  # fmt: skip
        pulumi = Pulumi(root, question.pulumi.say, question.pulumi.environment)
        ran = pulumi.up(stack, policies, f"{ROLLBACK} to {one.number}")
    if not ran.told.succeeded:
        return failed(stack, ran, question.pulumi.say)
    mark_good(question.pulumi, stack)
    return OK


def _taken_back(question: Question, stack: str, environment: str, *, rolls_back: bool) -> int:
    say = question.pulumi.say
    good = last_good(past(question.pulumi, stack))
    if not rolls_back or good is None:
        why = "--no-rollback was given" if not rolls_back else "no earlier deployment is known to be good"
        say(f"berth: {stack}: the smoke test failed; it is not rolled back: {why}")
        return SMOKE
    say(f"berth: {stack}: the smoke test failed; back to deployment {good.number} of {good.at}")
    try:
        code = apply_again(question, stack, environment, good)
    except CiError as error:
        say(f"berth: {stack}: {error}")
        code = error.code
    say(f"berth: {stack}: {'rolled back' if code == OK else f'the rollback failed with {code}: act on it by hand'}")
    return SMOKE
