"""Which rules need a service not keep, why, and until when? A spec says so under `policy_exemptions`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from policies.resources import MODEL_SERVICE
from policies.rule import Rule, each
from policies.value import CannotTell, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from policies.rule import Finding, Subject

EXEMPTIONS = "policy-exemptions"


@dataclass(frozen=True, slots=True)
class Exemption:
    """One entry of a spec; it holds on the day on which it expires, and not on the next."""

    rule: str
    reason: str
    expires: date


def read_exemption(value: Value) -> Exemption:
    """Return one entry of `policy_exemptions`; `CannotTell` when it is none."""
    rule, reason, expires = (value[key].text() for key in ("rule", "reason", "expires"))
    if rule is None or reason is None or expires is None:
        raise CannotTell(value.path, "has not all of rule, reason and expires", unknown=False)
    try:
        return Exemption(rule, reason, date.fromisoformat(expires))
    except ValueError:
        raise CannotTell(f"{value.path}.expires", "is not a date", unknown=False) from None


def exemptions_of(service: Value, today: date) -> dict[str, Exemption]:
    """Return the exemptions that hold today, by rule; of several for one rule the last to expire.

    What cannot be read exempts from nothing, and is a violation of the rule about exemptions.
    """
    found: dict[str, Exemption] = {}
    for entry in _entries(service):
        try:
            one = read_exemption(entry)
        except CannotTell:
            continue
        longest = found.get(one.rule)
        if today <= one.expires and (longest is None or longest.expires < one.expires):
            found[one.rule] = one
    return found


def _entries(service: Value) -> tuple[Value, ...]:
    try:
        return service["spec"]["policy_exemptions"].each()
    except CannotTell:
        return ()


def exemption_rule(known: Collection[str], firm: Collection[str], suggest: Callable[[str], str]) -> Rule:
    """Return the rule about exemptions: they name a rule, nobody is exempt from the `firm` ones, and they end soon."""

    def check(subject: Subject) -> Iterator[Finding]:
        yield from each(subject.props["spec"]["policy_exemptions"].each(), lambda entry: _entry(subject, entry))

    def _entry(subject: Subject, entry: Value) -> Iterator[Finding]:
        one = read_exemption(entry)
        days = (one.expires - subject.today).days
        if one.rule not in known:
            yield f"{entry.path}.rule: {one.rule} is not a rule, {suggest(one.rule)}"
        elif one.rule in firm:
            yield f"{entry.path}.rule: nothing is exempt from {one.rule}"
        if days < 0:
            yield f"{entry.path}.expires: the exemption from {one.rule} ended on {one.expires}"
        elif days > subject.settings["maxDays"]:
            yield (
                f"{entry.path}.expires: {one.expires} is in {days:,} days, and an exemption lasts up to "
                f"{subject.settings['maxDays']:g}"
            )

    return Rule(
        name=EXEMPTIONS,
        about="An exemption names a rule and its reason, and ends soon.",
        remedy="keep the rule and remove the exemption, or agree on a new date in review",
        severity="high",
        level="mandatory",
        checks={MODEL_SERVICE: check},
        settings={
            "maxDays": {"type": "integer", "minimum": 1, "default": 180, "description": "Days that one may last."}
        },
        exemptible=False,
    )
