"""Which services of a stack does its keeper look after, and do the secrets exist that they name for it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.errors import Problem, StackError
from components.keeper.document import config_of
from components.keeper.kept import Kept
from components.keeper.rights import MOST_KEPT
from components.secret import CLIENT_KEYS, SecretSearch
from components.stack import LOCAL_REGION
from components.tags import Tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pulumi

    from components.plan.model import Plan

_WEBHOOK = "the https address"
_RUNPOD_KEY = "a key of the RunPod account"


def is_kept_here(plan: Plan) -> bool:
    """Return whether a function in AWS keeps a service: on RunPod it has to be given a key for that, and a region."""
    if plan.keeper is None or plan.target == "local" or plan.region == LOCAL_REGION:
        return False
    return plan.runpod is None or plan.runpod.api_key_secret is not None


def find_kept(plans: Iterable[Plan], *, parent: pulumi.Resource | None = None) -> Sequence[Kept]:
    """Return the services that a keeper in AWS looks after; raises StackError with every secret that is missing."""
    plans = [plan for plan in plans if is_kept_here(plan)]
    found: list[Kept] = []
    problems: list[Problem] = [*_key_problems(plans), *_count_problems(plans)]
    for plan in plans:
        try:
            found.append(_find(plan, parent))
        except StackError as error:
            problems += error.problems
    if problems:
        raise StackError(problems)
    return found


def _find(plan: Plan, parent: pulumi.Resource | None) -> Kept:
    search = SecretSearch(plan, parent)
    answered = plan.ecs is not None and plan.front is None and plan.is_kept
    webhook = plan.budget and search.find("budget.notify.webhook_secret", plan.budget.webhook_secret, _WEBHOOK)
    runpod_key = plan.runpod and search.find("runpod.api_key_secret", plan.runpod.api_key_secret, _RUNPOD_KEY)
    keys = plan.gateway.keys_secret if answered and plan.gateway else None
    client_keys = search.find("gateway.keys_secret", keys, CLIENT_KEYS)
    search.end()
    return Kept(
        config=config_of(plan, {}),
        tags=Tags.of_service(plan),
        budget=plan.budget,
        webhook=webhook,
        runpod_key=runpod_key,
        client_keys=client_keys,
        answered_asleep=answered,
        wakes_by_url=plan.front is not None
        and plan.is_kept
        and plan.keeper is not None
        and plan.keeper.wake != "never",
    )


def _count_problems(plans: Sequence[Plan]) -> Iterable[Problem]:
    if len(plans) > MOST_KEPT:
        yield Problem(
            f"stacks/Pulumi.{plans[0].stack}.yaml: berth:services",
            f"{len(plans)} services with schedule, idle or budget",
            f"are more than the {MOST_KEPT} that the role of one keeper has room for",
            "divide them into two stacks",
        )


def _key_problems(plans: Sequence[Plan]) -> Iterable[Problem]:
    """Yield the services on RunPod that name another key than the first: one function has one."""
    named = [(plan.service, plan.runpod.api_key_secret) for plan in plans if plan.runpod]
    for service, secret in named[1:]:
        first, known = named[0]
        if secret != known:
            yield Problem(
                f"{service}: runpod.api_key_secret",
                str(secret),
                f"is another key than {known} of {first}, and one keeper moves the workers of both",
                "name one key that may change both endpoints, or put them into two stacks",
            )
