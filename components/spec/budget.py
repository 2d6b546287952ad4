"""Group `budget`: what a service may cost in a month, who hears of it, and what happens when it is spent."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from components.spec.group import Group, omitted
from components.spec.secret import SecretReference  # noqa: TC001 (pydantic reads it)
from components.spec.values import Duration, refusal

MOST_NOTIFICATIONS = 5
"""Of one budget; source: AWS Budgets user guide, "Quotas" (2026-11)."""
_MOST_EMAILS = 10
"""Of one notification; source: AWS Budgets API reference, `NotificationWithSubscribers` (2026-11)."""
_MOST_TOPICS = 4
"""An alarm of CloudWatch takes five actions for a state, and one is the stack's own topic."""
_LONGEST_GRACE_SECONDS = 86_400
_EMAIL = r"[^@\s,;<>]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
_TOPIC = r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}"

Percent = Annotated[int, Field(ge=1, le=500)]


class NotifySpec(Group):
    """Who is told that a service is about to stop, fails to start, or spends its budget."""

    emails: tuple[str, ...] = ()
    """Up to 10 addresses; AWS asks each once whether it wants these mails. Omitted: nobody gets one."""
    topics: tuple[str, ...] = ()
    """ARNs of up to 4 standard SNS topics of the stack's region. Omitted: the stack's own topic alone."""
    webhook_secret: SecretReference | None = None
    """Secret of AWS Secrets Manager that holds an https address, as Slack and Teams give it; it is sent a JSON object
    with `text`. Omitted: none is called."""

    @field_validator("emails")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            if not re.fullmatch(_EMAIL, address):
                raise refusal(f"has {address!r}, which is not an e-mail address", "write one, as ml@example.com")
        if len({address.lower() for address in value}) < len(value):
            raise refusal("names an address twice", "name each once")
        if len(value) > _MOST_EMAILS:
            raise refusal(
                f"has {len(value)} addresses, and a notification of AWS Budgets takes {_MOST_EMAILS}",
                "write a mailing list, or use a topic",
            )
        return value

    @field_validator("topics")
    @classmethod
    def _are_topics(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for arn in value:
            if not re.fullmatch(_TOPIC, arn):
                raise refusal(
                    f"has {arn!r}, which is not the ARN of a standard SNS topic",
                    "write the whole ARN, as arn:aws:sns:eu-west-1:123456789012:ml-costs",
                )
        if len(set(value)) < len(value):
            raise refusal("names a topic twice", "name each once")
        if len(value) > _MOST_TOPICS:
            raise refusal(
                f"has {len(value)} topics, and an alarm tells {_MOST_TOPICS} besides the stack's own",
                "let one topic pass messages on",
            )
        return value


class BudgetSpec(Group):
    """What a service may cost in a calendar month, in UTC, as AWS bills it."""

    monthly_usd: Annotated[float, Field(gt=0, le=10_000_000)]
    """Everything that is tagged as this service's, in USD. Must be given."""
    alert_at_percent: tuple[Percent, ...] = (50, 80, 100)
    """When people are told, in percent of `monthly_usd`; up to 4 with `forecast`, up to 5 without.
    Omitted: 50, 80, 100."""
    forecast: bool = True
    """Whether people are told that the month is about to cost more, too. Omitted: true."""
    notify: NotifySpec = omitted(NotifySpec)
    """Who is told. Omitted: whoever subscribes to the stack's topic."""
    on_breach: Literal["alert", "park"] | None = None
    """What happens when the month's money is spent. park: the service is stopped until the month ends or
    `berth awake --ack-budget`. alert: people are told. Omitted: alert in environment prod, park elsewhere."""
    grace: Duration = Duration(1800)
    """Time between the notice and the stop of `park`, 0s to 24h. Omitted: 30m."""

    @field_validator("alert_at_percent")
    @classmethod
    def _are_in_order(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(value)) < len(value):
            raise refusal("names a percentage twice", "name each once")
        return tuple(sorted(value))

    @field_validator("grace")
    @classmethod
    def _is_a_grace(cls, value: Duration) -> Duration:
        if value.seconds > _LONGEST_GRACE_SECONDS:
            raise refusal("is more than 24h", "use 24h or less, as 30m: what runs meanwhile is over the budget")
        return value

    @model_validator(mode="after")
    def _fit_one_budget_of_aws(self) -> Self:
        wanted = len(self.alert_at_percent) + self.forecast
        if wanted > MOST_NOTIFICATIONS:
            forecast = " and a forecast" if self.forecast else ""
            raise refusal(
                f"has {len(self.alert_at_percent)} percentages{forecast}, and a budget of AWS has "
                f"{MOST_NOTIFICATIONS} notifications",
                "remove some of alert_at_percent",
            )
        return self
