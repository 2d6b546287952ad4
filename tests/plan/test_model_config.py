"""A model that only its config.json describes is planned like one of the catalogue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.catalogue.hub.known_configs import CONFIGS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from components.plan import Plan

QWEN = CONFIGS["Qwen/Qwen3-8B"]
AWQ = {"quant_method": "awq", "bits": 4, "group_size": 128}


@pytest.fixture
def described(tmp_path: Path, llama: dict[str, Any], plan: Callable[..., Plan]) -> Callable[..., Plan]:
    """Plan a model by the config that is given."""

    def described_(config: dict[str, Any], model_id: str = "acme/own", **change: object) -> Plan:
        path = tmp_path / "own.config.json"
        path.write_text(json.dumps(config))
        model = {"id": model_id, "config": str(path), "max_context_tokens": None}
        return plan({**llama, **change, "model": model})

    return described_


def test_it_gets_the_hardware_of_the_same_model_in_the_catalogue(
    described: Callable[..., Plan], llama: dict[str, Any], plan: Callable[..., Plan]
) -> None:
    """Qwen3 8B by its config.json and by its row: same GPU, same context, same price."""
    known = plan({**llama, "model": {"id": "Qwen/Qwen3-8B"}})
    own = described(QWEN)
    assert own.hardware.instance_type == known.hardware.instance_type
    assert own.model.max_context_tokens == known.model.max_context_tokens
    assert own.hardware.fit.weights_gib == pytest.approx(known.hardware.fit.weights_gib, rel=0.001)
    assert own.cost.floor == known.cost.floor


def test_the_plan_says_where_the_shape_is_from(described: Callable[..., Plan]) -> None:
    """A note names the file and what was counted."""
    [note] = [note for note in described(QWEN).notes if note.field == "model.config"]
    assert note.text.startswith("the shape is that of /")
    assert note.text.endswith("own.config.json; 8.2 billion parameters counted from it")
    [note] = [note for note in described(QWEN, "Qwen/Qwen3-8B").notes if note.field == "model.config"]
    assert "own.config.json, not of the catalogue; 8.2 billion" in note.text


def test_a_quantized_config_is_loaded_as_it_is_stored(described: Callable[..., Plan]) -> None:
    """AWQ: 5.7 GiB of weights where 16 bits take 15.3."""
    own = described({**QWEN, "quantization_config": AWQ})
    assert own.model.quantization == "awq"
    assert own.hardware.fit.weights_gib == pytest.approx(5.66, abs=0.05)


def test_a_window_leaves_room_for_a_longer_context(described: Callable[..., Plan]) -> None:
    """Qwen3 8B with a window in every layer keeps 1,023 tokens and two batches of each sequence."""
    plain = described(QWEN)
    windowed = described({**QWEN, "sliding_window": 1024, "use_sliding_window": True, "max_window_layers": 0})
    assert plain.model.max_context_tokens < 40960
    assert windowed.model.max_context_tokens == 40960
