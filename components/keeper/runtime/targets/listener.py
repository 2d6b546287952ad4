"""Who answers at the load balancer: the service, or the function that says that it is asleep?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from components.keeper.runtime.calls import Calls

IN_FRONT, BEHIND = 5, 20
"""Of the rule that forwards to the service, which has 10."""


class AsleepRule:
    """The listener rule of the function; it matches what the rule of the service does, so that the first one wins."""

    def __init__(self, arn: str | None, elb: Any, calls: Calls) -> None:
        """None: there is no such rule, and nothing is switched."""
        self._arn, self._elb, self._calls = arn, elb, calls

    def in_front(self) -> str:
        """Let the function answer from the next request on; answers under way go on."""
        return self._at(IN_FRONT, "asleep is answered")

    def behind(self) -> str:
        """Let the service answer."""
        return self._at(BEHIND, "the service is asked again")

    def _at(self, priority: int, said: str) -> str:
        if self._arn is None:
            return ""
        found = self._calls(self._elb.describe_rules, RuleArns=[self._arn])["Rules"]
        if found[0]["Priority"] == str(priority):
            return ""
        self._calls(self._elb.set_rule_priorities, RulePriorities=[{"RuleArn": self._arn, "Priority": priority}])
        return said
