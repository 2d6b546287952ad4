"""Whatever a resource holds, no rule crashes, none echoes a secret, and what cannot be read never passes for right."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.judge import by_service, judge
from policies.resources import Resource
from policies.rule import Rule, StackRule
from policies.rules import RULES
from policies.settings import read
from policies.value import SENTINELS, UNKNOWN, plain
from tests.policies.conftest import TODAY
from tests.policies.happy import CONFIG, HAPPY, SERVICE, state_of

CONFIGURATION = read(CONFIG, RULES, place="test")
TYPES = sorted({kind for rule in RULES for kind in (rule.checks if isinstance(rule, Rule) else rule.types)})
SECRET = "swordfish"
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10_000),
    st.floats(),
    st.sampled_from(
        [*SENTINELS, "[secret]", f"x {SENTINELS[0]} y", SECRET, "{", "[]", "null", "2026-02-30", "cron(", "*"]
    ),
    st.text(max_size=8),
)
KEYS = st.sampled_from(
    sorted({key for props in HAPPY.values() for key in props} | {"spec", "plan", "hours", "name", "value", "ebs"})
)
ANYTHING = st.recursive(
    SCALARS,
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(KEYS, below, max_size=4)),
    max_leaves=12,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(below for key, one in entries for below in paths(one, (*path, key)))]


@st.composite
def bent(draw: st.DrawFn) -> tuple[str, Any]:
    """A happy resource of any type with anything at one or two of its places."""
    kind = draw(st.sampled_from(sorted(HAPPY)))
    props: dict[str, Any] = {"": deepcopy(HAPPY[kind])}
    for _ in range(draw(st.integers(1, 2))):
        *parents, last = draw(st.sampled_from(paths(props[""], ("",))))
        holder: Any = props
        for part in parents:
            holder = holder[part]
        holder[last] = draw(ANYTHING)
    return kind, props[""]


def states(*found: tuple[str, Any]) -> list[Resource]:
    return [Resource.of_state(state_of(kind, props, name=f"part-{index}")) for index, (kind, props) in enumerate(found)]


@settings(max_examples=400, deadline=None)
@given(st.tuples(st.sampled_from(TYPES), ANYTHING))
def test_no_rule_fails_on_a_resource_of_anything(found: tuple[str, Any]) -> None:
    """The name of an exception in an outcome would be a bug of a rule."""
    outcomes = list(judge(RULES, states(found), CONFIGURATION, TODAY))
    assert [one.text for one in outcomes if "failed with" in one.text] == []


@settings(max_examples=400, deadline=None)
@given(st.lists(bent(), min_size=1, max_size=3))
def test_no_rule_fails_on_what_is_almost_right(found: list[tuple[str, Any]]) -> None:
    """Unknowns, wrong types and odd texts anywhere, in several resources of one stack."""
    service = (SERVICE, HAPPY[SERVICE])
    outcomes = list(judge(RULES, states(service, *found), CONFIGURATION, TODAY))
    assert [one.text for one in outcomes if "failed with" in one.text] == []
    assert not any(sentinel in one.text for one in outcomes for sentinel in SENTINELS)


@given(st.text("abcdef0123456789", min_size=16, max_size=40), st.sampled_from(["hf_{}", "sk-{}", "AKIA{}"]))
def test_a_secret_is_named_by_its_variable_and_never_by_its_value(random: str, shape: str) -> None:
    """The value is in no part of any outcome."""
    secret = shape.format(random.upper())
    found = [
        ("aws:lambda/function:Function", {"environment": {"variables": {"GREETING": secret}}}),
        ("pulumi-python:dynamic/runpod:Endpoint", {"env": {"GREETING": secret}}),
        (
            "aws:ecs/taskDefinition:TaskDefinition",
            {"containerDefinitions": json.dumps([{"environment": [{"name": "GREETING", "value": secret}]}])},
        ),
    ]
    outcomes = list(judge(RULES, states(*found), CONFIGURATION, TODAY))
    said = [one.message for one in outcomes if one.rule == "no-secrets-in-env" and one.status == "violation"]
    assert said == ["variable GREETING holds what looks like a secret"] * 3
    assert not any(secret in repr(one) for one in outcomes)


@given(st.dictionaries(st.sampled_from("abc"), SCALARS))
def test_outcomes_stand_under_their_service(tags: dict[str, Any]) -> None:
    """Every service is in the answer, also one of which nothing is said; what belongs to none stands apart."""
    own = states((SERVICE, {**deepcopy(HAPPY[SERVICE]), "tags": tags}))
    found = by_service(RULES, own, CONFIGURATION, TODAY)
    assert {one.service for outcomes in found.values() for one in outcomes} == set(found) == {"part-0", ""}
    single = [rule for rule in RULES if isinstance(rule, StackRule)]
    assert {one.rule for one in found[""]} == {rule.name for rule in single}


@given(ANYTHING)
def test_what_the_engine_hides_is_unknown_and_never_a_text(data: Any) -> None:
    """A mark of the engine is no value, wherever it stands."""
    assert not any(sentinel in repr(plain(data)) for sentinel in SENTINELS)
    assert plain("[secret]") is UNKNOWN
