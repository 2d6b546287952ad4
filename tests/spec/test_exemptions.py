"""`policy_exemptions`: a rule, a reason that says something, and a last day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from components.errors import SpecError
from components.spec.document import read_document
from components.spec.read import parse_spec

SPEC = read_document(Path(__file__).resolve().parents[2] / "stacks/services/qwen-2-5-32b.yaml")
GOOD = {"rule": "prod-ha", "reason": "one replica until the quota is granted", "expires": "2027-01-31"}


def parsed(*entries: dict[str, Any]) -> Any:
    return parse_spec({**SPEC, "policy_exemptions": list(entries)}, "chat.yaml").policy_exemptions


def test_an_exemption_is_read_and_written_as_it_stands() -> None:
    """The state of a stack holds the day as text."""
    [one] = parsed(GOOD)
    assert one.expires == date(2027, 1, 31)
    assert one.model_dump(mode="json") == GOOD
    assert parse_spec(SPEC, "chat.yaml").policy_exemptions == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"rule": "Prod HA"},
            "rule: Prod HA is not the name of a rule; write it as policies/config has it, as prod-ha",
        ),
        ({"reason": "later"}, "reason: later says nothing; write why, and what ends it"),
        (
            {"expires": "31.1.2027"},
            'expires: 31.1.2027 is not a date; write the last day on which it holds, as "2027-03-31"',
        ),
        (
            {"expires": "2027-02-30"},
            'expires: 2027-02-30 is not a date; write the last day on which it holds, as "2027-03-31"',
        ),
        ({"expires": 2027}, 'expires: 2027 is not a date; write the last day on which it holds, as "2027-03-31"'),
        ({"until": "2027-01-31"}, "until: is an unknown field; use one of: expires, reason, rule"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place_and_the_fix(change: dict[str, Any], said: str) -> None:
    """An exemption that nobody can read would exempt from nothing, or from everything."""
    with pytest.raises(SpecError) as error:
        parsed(GOOD, {**GOOD, **change})
    assert str(error.value) == f"chat.yaml: policy_exemptions[1].{said}"


@pytest.mark.parametrize("name", ["rule", "reason", "expires"])
def test_nothing_of_it_may_be_left_out(name: str) -> None:
    """Why and until when are what makes it an exemption."""
    with pytest.raises(SpecError, match=rf"policy_exemptions\[0\]\.{name}: is missing; add it"):
        parsed({key: value for key, value in GOOD.items() if key != name})
