"""Group `policy_exemptions`: which rules of the policies a service need not keep, why, and until when."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

from components.spec.group import Group
from components.spec.values import refusal

_LEAST_WORDS = 3


def _is_a_day(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return datetime.strptime(str(value), "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise refusal("is not a date", 'write the last day on which it holds, as "2027-03-31"') from None


Day = Annotated[date, BeforeValidator(_is_a_day), Field(examples=["2027-03-31"])]


class ExemptionSpec(Group):
    """One rule that the service need not keep for a while; reports list it."""

    rule: str
    """Name of the rule, as prod-ha. Must be given."""
    reason: str
    """Why, for whoever reviews it: three words or more. Must be given."""
    expires: Day
    """Last day on which it holds; from the next day on it is a violation itself. Must be given."""

    @field_validator("rule")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9-]{1,63}", value):
            raise refusal("is not the name of a rule", "write it as policies/config has it, as prod-ha")
        return value

    @field_validator("reason")
    @classmethod
    def _says_why(cls, value: str) -> str:
        if len(value.split()) < _LEAST_WORDS:
            raise refusal("says nothing", "write why, and what ends it")
        return value
