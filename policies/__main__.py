"""Build the policy pack; its constructor serves the engine and never returns, so nothing imports this file."""

from datetime import UTC, datetime

from pulumi_policy import PolicyPack

from policies.pack import DESCRIPTION, policies
from policies.rules import RULES

PolicyPack("berth", policies=policies(RULES, lambda: datetime.now(UTC).date()), description=DESCRIPTION)
