"""What a target leaves out of a spec is read from the notes of its plan."""

from __future__ import annotations

from typing import Any

from components.compare.comparison import Comparison
from components.compare.unhonoured import EFFECTS, INFORMING, is_set
from components.plan.effects import NOTED
from components.spec import parse_spec
from tests.compare.conftest import IN_S3, Compared


def _left_out(comparison: Comparison, target: str) -> set[str]:
    column = next(column for column in comparison.columns if column.target == target)
    return {note.field for note in column.unhonoured}


def test_ecs_does_all_of_a_usual_spec(llama: dict[str, Any], compared: Compared) -> None:
    """It is the target with a gateway, a VPC and tags."""
    assert _left_out(compared(llama), "ecs") == set()


def test_runpod_leaves_keys_tags_and_the_inside_out(llama: dict[str, Any], compared: Compared) -> None:
    """It has no gateway, no tags, no VPC: the default, internal, is one that the plan warns of."""
    assert _left_out(compared(llama), "runpod") == {"gateway.keys_secret", "network.exposure", "tags"}


def test_what_nobody_asked_for_is_not_left_out(qwen: dict[str, Any], compared: Compared) -> None:
    """Without keys in the spec their absence on SageMaker takes nothing away."""
    assert _left_out(compared(qwen), "sagemaker") == set()


def test_a_long_answer_is_honoured_in_part_on_sagemaker(llama: dict[str, Any], compared: Compared) -> None:
    """Without streaming an answer has 60 seconds there; a limit below it is kept."""
    long = compared(llama, {"gateway": {"max_request": "10m"}}, {"sagemaker": IN_S3})
    short = compared(llama, {"gateway": {"max_request": "60s"}}, {"sagemaker": IN_S3})
    assert "gateway.max_request" in _left_out(long, "sagemaker")
    assert "gateway.max_request" not in _left_out(short, "sagemaker")


def test_a_field_that_only_informs_is_one_that_a_note_answers() -> None:
    """INFORMING names exceptions from the rule, so each must fall under the rule on some target."""
    noted = {path for effects in EFFECTS.values() for path, effect in effects.items() if effect.part == NOTED}
    assert noted >= INFORMING


def test_a_field_is_set_when_the_spec_writes_it(llama: dict[str, Any]) -> None:
    """Even to its default; a group that is left out sets nothing."""
    spec = parse_spec({**llama, "network": {"exposure": "internal"}}, "chat.yaml")
    assert is_set(spec, "network.exposure")
    assert not is_set(spec, "network.domain")
    assert not is_set(spec, "ecs.ami_id")
