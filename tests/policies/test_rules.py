"""Every rule on every type that it reads: kept, broken in one way at a time, unknown, of a wrong type, exempted."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from policies.judge import Outcome, by_service
from policies.resources import Resource
from policies.rule import Rule
from policies.rules import RULES
from policies.settings import read
from tests.policies.cases import CASES, RUNPOD
from tests.policies.conftest import TODAY, Pack
from tests.policies.happy import CONFIG, HAPPY, IGNORED, SERVICE, SERVICE_URN, UNKNOWN, changed, state_of, urn_of

BY_NAME = {rule.name: rule for rule in RULES}
SINGLE = [(rule.name, kind) for rule in RULES if isinstance(rule, Rule) for kind in rule.checks if kind in HAPPY]
IDS = [f"{rule} {kind.rpartition(':')[2]} {list(change)[-1]}" for rule, kind, change, _ in CASES]
TWO_IN_A_POOL = {("prod-ha", RUNPOD): {"workers.min": 2}}
"""Workers that never stop are what another rule forbids: no endpoint is right for both."""
GIVEN = {"kmsKeyId", "kmsMasterKeyId"}
"""What only has to be there: a key that is made in the same deployment is one, and nobody knows its id before."""
READ = [case for case in CASES if list(case[2])[-1] not in {*GIVEN, "tagsAll"}]
READ_IDS = [one for one, case in zip(IDS, CASES, strict=True) if case in READ]


def broken(kind: str, change: dict[str, Any]) -> dict[str, Any]:
    """The happy properties with several of them changed, the later ones inside of the earlier."""
    before = HAPPY[kind]
    try:
        for path, value in change.items():
            HAPPY[kind] = changed(kind, path, value)
        return HAPPY[kind]
    finally:
        HAPPY[kind] = before


@cache
def only(rule: str) -> Pack:
    """The pack with one rule in force."""
    return Pack({name: settings if name == rule else "disabled" for name, settings in CONFIG.items()})


def outcomes(
    rule: str, kind: str, props: dict[str, Any], exemptions: list[dict[str, str]] | None = None
) -> list[Outcome]:
    """What one rule says of a resource of the happy service."""
    service = changed(SERVICE, "spec.policy_exemptions", exemptions or [])
    states = [state_of(SERVICE, service)] if kind != SERVICE else []
    if kind == SERVICE and exemptions:
        props["spec"]["policy_exemptions"] = exemptions
    states.append(state_of(kind, props, ignoreChanges=IGNORED.get(kind, [])))
    resources = [Resource.of_state(state) for state in states]
    found = by_service([BY_NAME[rule]], resources, read(CONFIG, RULES, place="test"), TODAY)
    return [one for one in found["chat"] if one.resource == urn_of(kind)]


@pytest.mark.parametrize(("rule", "kind"), SINGLE)
def test_what_is_right_is_said_nothing_about(rule: str, kind: str) -> None:
    """The happy resource keeps every rule that reads its type."""
    props = broken(kind, TWO_IN_A_POOL.get((rule, kind), {}))
    pack = only(rule)
    pack.resource(SERVICE, HAPPY[SERVICE], urn=SERVICE_URN)
    said = pack.resource(kind, props, urn=urn_of(kind), parent=SERVICE_URN, ignored=IGNORED.get(kind, []))
    assert said == []


@pytest.mark.parametrize(("rule", "kind", "change", "message"), CASES, ids=IDS)
def test_what_is_wrong_is_said_with_both_sides_and_what_to_do(
    rule: str, kind: str, change: dict[str, Any], message: str
) -> None:
    """One thing broken gives one violation: resource, property, value, what is allowed, remedy."""
    pack = only(rule)
    pack.resource(SERVICE, HAPPY[SERVICE], urn=SERVICE_URN)
    name = urn_of(kind).rpartition("::")[2]
    said = pack.resource(
        kind, broken(kind, change), urn=urn_of(kind), parent=SERVICE_URN, ignored=IGNORED.get(kind, [])
    )
    assert said == [f"mandatory {rule}: {name}: {message}; {BY_NAME[rule].remedy}"]


@pytest.mark.parametrize(("rule", "kind", "change", "_"), READ, ids=READ_IDS)
def test_what_is_not_known_yet_never_passes(rule: str, kind: str, change: dict[str, Any], _: str) -> None:
    """Whatever a rule reads: unknown, it is reported with its name, and counts as a failure of a mandatory rule."""
    *before, path = change
    outer = path.partition("|")[0]
    props = broken(kind, {**{key: change[key] for key in before}, outer: UNKNOWN})
    found = outcomes(rule, kind, props)
    assert {one.status for one in found} <= {"unknown", "violation"}
    assert any(one.blocks for one in found)
    assert all(one.unknown is not None for one in found if one.status == "unknown")


@pytest.mark.parametrize(("rule", "kind", "change", "_"), READ, ids=READ_IDS)
def test_a_value_of_a_wrong_type_never_passes(rule: str, kind: str, change: dict[str, Any], _: str) -> None:
    """Neither does it crash, and what the value is stays unsaid."""
    *before, path = change
    outer = path.partition("|")[0]
    props = broken(kind, {**{key: change[key] for key in before}, outer: [{"odd": "hf_swordfish"}]})
    found = outcomes(rule, kind, props)
    assert any(one.blocks for one in found)
    assert not any("swordfish" in one.text for one in found)


@pytest.mark.parametrize(("rule", "kind", "change", "message"), CASES, ids=IDS)
def test_an_exemption_is_listed_and_blocks_nothing(rule: str, kind: str, change: dict[str, Any], message: str) -> None:
    """Its reason and last day are part of the outcome; some rules have none."""
    granted = {"rule": rule, "reason": "agreed with the owner", "expires": "2026-11-21"}
    props = broken(kind, change)
    found = [one for one in outcomes(rule, kind, props, [granted]) if one.message == message]
    if not BY_NAME[rule].exemptible:
        assert [one.status for one in found] in (["violation"], [])
        return
    assert [(one.status, one.blocks, str(one.exemption and one.exemption.expires)) for one in found] == [
        ("exempted", False, "2026-11-21")
    ]


def test_an_exemption_that_has_ended_exempts_from_nothing() -> None:
    """The day after its last day, the rule holds again."""
    ended = {"rule": "log-retention", "reason": "agreed with the owner", "expires": "2026-11-20"}
    kind = "aws:cloudwatch/logGroup:LogGroup"
    [one] = outcomes("log-retention", kind, changed(kind, "retentionInDays", 0), [ended])
    assert (one.status, one.blocks, one.exemption) == ("violation", True, None)


def test_every_rule_on_single_resources_has_a_case_for_each_type_that_it_reads() -> None:
    """Types that share a check are read alike; of the others none is left out."""
    covered = {(rule, kind) for rule, kind, *_ in CASES}
    checks = {(rule.name, rule.checks[kind]) for rule in RULES if isinstance(rule, Rule) for kind in rule.checks}
    tested = {(rule, BY_NAME[rule].checks[kind]) for rule, kind in covered}
    elsewhere = {"capacity-ignored", "no-public-unauth"}
    assert {name for name, check in checks - tested} <= elsewhere
