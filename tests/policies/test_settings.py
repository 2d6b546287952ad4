"""Configurations: those that are here are right, and what is wrong with one is said before the engine is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.errors import StackError
from policies.rules import RULES
from policies.settings import CONFIG, Configured, environments, load, read
from tests.policies.happy import CONFIG as HAPPY

STACKS = sorted(path.name.split(".")[1] for path in (Path(__file__).parents[2] / "stacks").glob("Pulumi.*.yaml"))


def problems(**change: Any) -> list[str]:
    with pytest.raises(StackError) as error:
        read({**HAPPY, **change}, RULES, place="dev.json")
    return [str(one) for one in error.value.problems]


@pytest.mark.parametrize("environment", environments())
def test_every_configuration_is_right_and_names_every_rule(environment: str) -> None:
    """Nothing is left to a default that a reader would have to look up; limits are in order."""
    configured = load(environment, RULES)
    document = json.loads((CONFIG / f"{environment}.json").read_text())
    assert list(document) == [rule.name for rule in RULES]
    assert list(configured) == [rule.name for rule in RULES]
    expected = configured["cost-ceiling-service"].settings["maxExpectedUsdPerMonth"]
    assert 0 < expected <= configured["cost-ceiling-worst-case"].settings["maxUsdPerMonth"]
    assert expected <= configured["cost-ceiling-stack"].settings["maxExpectedUsdPerMonth"]


def test_every_stack_has_a_configuration() -> None:
    """A stack without one would be deployed under the rules' defaults, some of which have none."""
    assert set(STACKS) <= set(environments())


def test_what_protects_people_is_mandatory_everywhere() -> None:
    """An environment may be generous with money, and not with secrets, keys and rights."""
    firm = ("no-secrets-in-env", "no-public-unauth", "public-listener-auth", "no-public-http", "iam-wildcard")
    found = {load(environment, RULES)[name].level for environment in environments() for name in firm}
    assert found == {"mandatory"}


def test_production_is_the_strictest() -> None:
    """What is only advised elsewhere is asked for there."""
    prod = load("prod", RULES)
    names = ("prod-ha", "cost-unknown", "cost-ceiling-worst-case", "model-revision-pinned", "schedule-sane")
    assert {prod[name].level for name in names} == {"mandatory"}
    assert prod["image-pinned"].settings == {"requireDigest": True}


def test_a_rule_is_configured_by_a_word_a_mapping_or_for_all() -> None:
    """As the engine reads it: settings keep their defaults beside those that are given."""
    given = {"all": "advisory", **{name: HAPPY[name] for name in ("cost-ceiling-service", "cost-ceiling-stack")}}
    given |= {name: HAPPY[name] for name in ("cost-ceiling-worst-case", "gpu-family-per-env", "max-replicas")}
    given |= {"budget-required": "disabled", "encryption": {"ownKeys": True}}
    found = read(given, RULES, place="dev.json")
    assert found["log-retention"] == Configured("advisory", {"maxDays": 365})
    assert found["encryption"] == Configured("mandatory", {"ownKeys": True})
    assert found["budget-required"] == Configured("disabled", {})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"log-retentoin": "mandatory"}, "dev.json: log-retentoin: is not a rule; did you mean log-retention?"),
        (
            {"log-retention": "strict"},
            (
                "dev.json: log-retention: enforcementLevel: 'strict' is no level; use one of: "
                "advisory, mandatory, disabled"
            ),
        ),
        (
            {"log-retention": {"days": 3}},
            "dev.json: log-retention: days: is not a setting; did you mean maxDays?",
        ),
        ({"budget-filter": {"days": 3}}, "dev.json: budget-filter: days: is not a setting; the rule has no settings"),
        (
            {"log-retention": {"maxDays": "30"}},
            'dev.json: log-retention: maxDays: "30" is not allowed; write a whole number from 1',
        ),
        (
            {"log-retention": {"maxDays": True}},
            "dev.json: log-retention: maxDays: true is not allowed; write a whole number from 1",
        ),
        (
            {"log-retention": {"maxDays": 0}},
            "dev.json: log-retention: maxDays: 0 is not allowed; write a whole number from 1",
        ),
        (
            {"commitment-hint": {"maxOnDemandShare": 65}},
            "dev.json: commitment-hint: maxOnDemandShare: 65 is not allowed; write a number from 0 to 1",
        ),
        (
            {"encryption": {"ownKeys": "yes"}},
            'dev.json: encryption: ownKeys: "yes" is not allowed; write true or false',
        ),
        (
            {"region-premium": {"allowedRegions": "us-east-1"}},
            'dev.json: region-premium: allowedRegions: "us-east-1" is not allowed; write a list of texts',
        ),
        (
            {"tags-required": {"allowedValues": {"env": "dev"}}},
            'dev.json: tags-required: allowedValues: {"env": "dev"} is not allowed; write a mapping of lists of texts',
        ),
        (
            {"cost-ceiling-service": "mandatory"},
            "dev.json: cost-ceiling-service: maxExpectedUsdPerMonth: is missing; write a number",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_the_fix(change: dict[str, Any], said: str) -> None:
    """The engine calls a misspelt rule an invalid enforcement level, and names none."""
    assert problems(**change) == [said]


def test_all_problems_are_said_together() -> None:
    """Nobody has to run it three times."""
    assert len(problems(one="mandatory", two="mandatory", encryption={"three": 1})) == 3


def test_a_file_may_be_anywhere(tmp_path: Path) -> None:
    """A team's own limits, by path; a file that is missing or no JSON is said to be."""
    own = tmp_path / "own.json"
    own.write_text(json.dumps(HAPPY))
    assert load(str(own), RULES)["log-retention"].level == "mandatory"
    own.write_text("{")
    with pytest.raises(StackError, match=r"own\.json: is not JSON: .*; correct it"):
        load(str(own), RULES)
    own.write_text("[]")
    with pytest.raises(StackError, match=r"own\.json: is not a mapping; write the name of a rule and its settings"):
        load(str(own), RULES)
    with pytest.raises(StackError, match=r"--policies: other\.json has no configuration; check the path"):
        load("other.json", RULES)
    with pytest.raises(StackError, match=r"--policies: prd has no configuration; did you mean prod\?"):
        load("prd", RULES)
