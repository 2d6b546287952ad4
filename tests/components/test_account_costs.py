"""What an account that pays is told once: tags that count, and a watch over everything that Berth has made."""

from __future__ import annotations

import json
from pathlib import Path

import pulumi
import pytest
import yaml

from components.account_costs import AccountCosts, AccountSettings, deploy
from components.errors import StackError
from sandbox.provider.contract import contract_of, type_problems
from tests.components.test_contract import whole

ROOT = Path(__file__).parents[2]


def test_the_tags_are_switched_on_and_costs_watched(run):
    """Two tags, one monitor over the second, and mails once a day; all as the provider takes it."""
    settings = AccountSettings(emails=("ml@example.com",), least_impact_usd=75)
    made = run(lambda: AccountCosts("berth-costs", settings=settings) and None)
    by_name = {(one.type.rpartition(":")[2], one.name): whole(one.inputs) for one in made.resources}
    tags = {"managed-by": "berth", "Name": "berth-costs"}
    monitor = by_name["AnomalyMonitor", "berth-costs"]
    assert json.loads(monitor.pop("monitorSpecification")) == {
        "And": None,
        "CostCategories": None,
        "Dimensions": None,
        "Not": None,
        "Or": None,
        "Tags": {"Key": "managed-by", "MatchOptions": None, "Values": ["berth"]},
    }
    assert by_name == {
        ("AccountCosts", "berth-costs"): {},
        ("CostAllocationTag", "berth-costs-berth"): {"tagKey": "berth", "status": "Active"},
        ("CostAllocationTag", "berth-costs-managed-by"): {"tagKey": "managed-by", "status": "Active"},
        ("AnomalyMonitor", "berth-costs"): {"name": "berth-costs", "monitorType": "CUSTOM", "tags": tags},
        ("AnomalySubscription", "berth-costs"): {
            "name": "berth-costs",
            "frequency": "DAILY",
            "monitorArnLists": ["arn:aws:anomalymonitor:us-east-1:123456789012:berth-costs"],
            "subscribers": [{"type": "EMAIL", "address": "ml@example.com"}],
            "thresholdExpression": {
                "dimension": {
                    "key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    "matchOptions": ["GREATER_THAN_OR_EQUAL"],
                    "values": ["75"],
                }
            },
            "tags": tags,
        },
    }
    for one in made.resources:
        if one.type.startswith("aws:"):
            assert [str(one) for one in type_problems(contract_of(one.type).inputs, whole(one.inputs))] == []


def test_without_an_address_the_tags_alone_are_switched_on(run):
    """Nobody would hear of it."""
    made = run(lambda: AccountCosts("berth-costs", settings=AccountSettings()) and None)
    assert sorted(one.type.rpartition(":")[2] for one in made.resources) == [
        "AccountCosts",
        "CostAllocationTag",
        "CostAllocationTag",
    ]


def test_all_that_is_wrong_with_its_settings_is_said():
    """In one message."""
    with pytest.raises(StackError) as error:
        AccountSettings.parse(["nobody"], -1, stack="acme")
    place = "account/Pulumi.acme.yaml: berth-account"
    assert str(error.value).splitlines() == [
        f"{place}:emails: ['nobody'] is not a list of addresses; give up to 10 addresses, as [ml@example.com]",
        f"{place}:leastImpactUsd: -1 is not an amount in USD; give an amount, as 50",
    ]


def test_the_program_reads_its_own_settings(run):
    """Under the name of its project."""
    assert yaml.safe_load((ROOT / "account" / "Pulumi.yaml").read_text())["name"] == "berth-account"
    pulumi.runtime.set_all_config({"berth-account:emails": '["ml@example.com"]', "berth-account:leastImpactUsd": "20"})
    try:
        made = run(deploy)
    finally:
        pulumi.runtime.set_all_config({})
    found = made.of("AnomalySubscription", "berth-costs").inputs["thresholdExpression"]["dimension"]["values"]
    assert found == ["20"]
