"""Which rules apply to which operation?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from sandbox.aws.call import Call

Rule = Callable[[Call], None]

_RULES: dict[tuple[str, str], list[Rule]] = defaultdict(list)


def rule(service: str, *operations: str) -> Callable[[Rule], Rule]:
    """Register a function that raises AwsError for calls of these operations that AWS refuses."""

    def register(function: Rule) -> Rule:
        for operation in operations:
            _RULES[service, operation].append(function)
        return function

    return register


def rules_of(service: str, operation: str) -> list[Rule]:
    return _RULES.get((service, operation), [])
