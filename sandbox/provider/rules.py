"""Which values does the provider refuse beyond types and enums?

Each function makes a rule for one property path; a rule passes over what is unknown or not given.
"""

from __future__ import annotations

import ipaddress
import json
import re
from typing import TYPE_CHECKING, Any

from sandbox.provider.contract import Failure
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.provider.resource import Rule
    from sandbox.provider.values import Props


def each(path: str, judge: Callable[[Any], str | None]) -> Rule:
    """Refuse each value at `path` (through lists) for which `judge` gives a reason."""

    def rule(props: Props) -> Iterator[Failure]:
        for place, value in _found(props, path.split("."), ""):
            reason = None if value is UNKNOWN or value is None else judge(value)
            if reason:
                yield Failure(place, reason)

    return rule


def one_of(path: str, *allowed: Any) -> Rule:
    """Allow only these values."""
    choices = ", ".join(str(item) for item in allowed)
    return each(path, lambda value: None if value in allowed else f"expected one of {choices}; got {value!r}")


def between(path: str, low: float, high: float, *also: float) -> Rule:
    """Allow a range, and single values outside it."""
    extra = f" or {', '.join(str(item) for item in also)}" if also else ""

    def judge(value: Any) -> str | None:
        fits = low <= float(value) <= high or float(value) in also
        return None if fits else f"expected {low} to {high}{extra}, got {value}"

    return each(path, judge)


def matches(path: str, pattern: str, says: str) -> Rule:
    """Allow only texts that match a pattern as a whole."""
    return each(path, lambda value: None if re.fullmatch(pattern, value) else f"{says}; got {value[:80]!r}")


def arn(path: str) -> Rule:
    """Allow only an ARN."""
    return matches(path, r"arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}|aws)?:.+", "invalid ARN")


def json_text(path: str) -> Rule:
    """Allow only JSON."""

    def judge(value: Any) -> str | None:
        try:
            json.loads(value)
        except ValueError as error:
            return f"contains invalid JSON: {error}"
        return None

    return each(path, judge)


def cidr_block(path: str) -> Rule:
    """Allow only a network address with its prefix length."""

    def judge(value: Any) -> str | None:
        try:
            ipaddress.ip_network(value)
        except ValueError as error:
            return f"{error}; write the network address, for example 10.0.0.0/16"
        return None

    return each(path, judge)


def exactly_one(*names: str) -> Rule:
    """Ask for one of these properties, and no two."""

    def rule(props: Props) -> Iterable[Failure]:
        given = [name for name in names if props.get(name) is not None]
        if len(given) != 1:
            yield Failure(
                names[0], f"exactly one of {', '.join(names)} must be given, got {', '.join(given) or 'none'}"
            )

    return rule


def conflict(*names: str) -> Rule:
    """Refuse two of these properties together."""

    def rule(props: Props) -> Iterable[Failure]:
        given = [name for name in names if props.get(name) not in (None, [])]
        if len(given) > 1:
            yield Failure(given[1], f"conflicts with {given[0]}; leave one of them out")

    return rule


def ordered(low: str, high: str) -> Rule:
    """Refuse a lower bound above its upper bound."""

    def rule(props: Props) -> Iterable[Failure]:
        least, most = props.get(low), props.get(high)
        if least not in (None, UNKNOWN) and most not in (None, UNKNOWN) and least > most:
            yield Failure(low, f"{least} is more than {high}, which is {most}")

    return rule


def needs(name: str, other: str, when: Callable[[Any], bool]) -> Rule:
    """Ask for `other` when `name` has a value for which `when` holds."""

    def rule(props: Props) -> Iterable[Failure]:
        value = props.get(name)
        if value not in (None, UNKNOWN) and when(value) and props.get(other) is None:
            yield Failure(other, f"must be given when {name} is {value!r}")

    return rule


def unknown_here(*names: str) -> Rule:
    """Refuse properties that AWS has and the sandbox does not carry; a value that says nothing is none."""

    def rule(props: Props) -> Iterable[Failure]:
        for name in names:
            if props.get(name) not in (None, [], False):
                yield Failure(name, "is not known to the sandbox; leave it out")

    return rule


def _found(holder: Any, path: list[str], place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(holder, list):
        for index, item in enumerate(holder):
            yield from _found(item, path, f"{place}[{index}]")
    elif not path:
        yield place, holder
    elif isinstance(holder, dict) and path[0] in holder:
        yield from _found(holder[path[0]], path[1:], f"{place}.{path[0]}" if place else path[0])
