"""What does an account that pays have to be told once, so that the costs of services can be seen in its bill?

Cost allocation tags are switched on for a whole account, and only by the one that pays: in a stack of services they
would be switched off for everybody when that is destroyed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components.errors import BerthError, Problem, StackError
from components.tags import COST_TAG, MANAGED_BY

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE = "berth-account"
COST_TAGS = (COST_TAG, "managed-by")
"""The first tells one service from another, the second everything of Berth's from the rest."""
_LEAST_IMPACT_USD = 50.0
_MOST_EMAILS = 10


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """The settings of a stack of this program."""

    emails: tuple[str, ...] = ()
    """Who hears of unusual costs, once a day. None: the tags alone are switched on."""
    least_impact_usd: float = _LEAST_IMPACT_USD
    """What is unusual by less is not told."""

    @classmethod
    def parse(cls, emails: Any, least_impact_usd: Any, *, stack: str) -> AccountSettings:
        """Check what a stack says; raises StackError with every problem."""
        place, problems = f"account/Pulumi.{stack}.yaml: {NAMESPACE}", list[Problem]()
        mails = emails if isinstance(emails, list) else [emails]
        if not all(isinstance(mail, str) and mail.count("@") == 1 for mail in mails) or len(mails) > _MOST_EMAILS:
            fix = f"give up to {_MOST_EMAILS} addresses, as [ml@example.com]"
            problems.append(Problem(f"{place}:emails", str(emails), "is not a list of addresses", fix))
        if isinstance(least_impact_usd, bool) or not isinstance(least_impact_usd, int | float) or least_impact_usd <= 0:
            fix = f"give an amount, as {_LEAST_IMPACT_USD:.0f}"
            problems.append(Problem(f"{place}:leastImpactUsd", str(least_impact_usd), "is not an amount in USD", fix))
        if problems:
            raise StackError(problems)
        return cls(tuple(mails), float(least_impact_usd))


class AccountCosts(pulumi.ComponentResource):
    """The tags by which costs are known, and a watch over everything that Berth has made in the account."""

    def __init__(self, name: str, *, settings: AccountSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:AccountCosts", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        switched_on = [
            aws.costexplorer.CostAllocationTag(f"{name}-{key}", tag_key=key, status="Active", opts=inside)
            for key in COST_TAGS
        ]
        if not settings.emails:
            return
        tags = {"managed-by": MANAGED_BY, "Name": name}
        monitor = aws.costexplorer.AnomalyMonitor(
            name,
            name=name,
            monitor_type="CUSTOM",
            monitor_specification=json.dumps(_everything_of_berth()),
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=switched_on),
        )
        aws.costexplorer.AnomalySubscription(
            name,
            name=name,
            # Mails come once a day; at once, AWS tells topics alone.
            frequency="DAILY",
            monitor_arn_lists=[monitor.arn],
            subscribers=[{"type": "EMAIL", "address": mail} for mail in settings.emails],
            threshold_expression={
                "dimension": {
                    "key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    "match_options": ["GREATER_THAN_OR_EQUAL"],
                    "values": [f"{settings.least_impact_usd:g}"],
                }
            },
            tags=tags,
            opts=inside,
        )


def deploy() -> None:
    """Deploy the stack that is selected; what a user did wrong ends as one message."""
    config = pulumi.Config(NAMESPACE)
    try:
        settings = AccountSettings.parse(
            config.get_object("emails") or [],
            config.get_object("leastImpactUsd") or _LEAST_IMPACT_USD,
            stack=pulumi.get_stack(),
        )
    except BerthError as error:
        raise pulumi.RunError(str(error)) from None
    AccountCosts("berth-costs", settings=settings)


def _everything_of_berth() -> Mapping[str, Any]:
    # AWS answers with all of them, and what is left out would be a difference, which makes the monitor anew.
    others = dict.fromkeys(("And", "CostCategories", "Dimensions", "Not", "Or"))
    return {**others, "Tags": {"Key": "managed-by", "MatchOptions": None, "Values": [MANAGED_BY]}}
