"""Does a model's config.json yield what the catalogue says of that model?"""

from __future__ import annotations

import json

import pytest

from components.catalogue.hub.config import described
from components.catalogue.models import models
from tests.catalogue.hub.known_configs import CONFIGS

EXACT = (
    "layers",
    "hidden",
    "intermediate",
    "heads",
    "kv_heads",
    "head_dim",
    "vocab",
    "tied_embeddings",
    "max_context_tokens",
    "dtype",
    "float16_safe",
    "attention",
    "latent_dim",
    "sliding_window",
    "sliding_layers",
)
ROUNDED = {"deepseek-ai/DeepSeek-V3", "meta-llama/Llama-4-Maverick-17B-128E-Instruct"}
"""Models whose makers publish the active parameters in whole billions."""


def test_at_least_a_dozen_families_are_checked() -> None:
    """Dense, mixtures, latent attention, windows, tied embeddings: each is there."""
    assert len(CONFIGS) >= 12
    assert len({config["model_type"] for config in CONFIGS.values()}) >= 12


@pytest.mark.parametrize("model_id", CONFIGS)
def test_the_shape_is_the_one_of_the_catalogue(model_id: str) -> None:
    """Every number but the counts is exactly the row's; so is how the weights are stored."""
    found, known = described(CONFIGS[model_id]), models()[model_id]
    assert {name: getattr(found.shape, name) for name in EXACT} == {name: getattr(known.shape, name) for name in EXACT}
    assert found.quantization == known.quantization


@pytest.mark.parametrize("model_id", CONFIGS)
def test_parameters_are_counted_within_one_percent(model_id: str) -> None:
    """Attention, feed-forward, embeddings and norms add up to what the maker publishes."""
    found, known = described(CONFIGS[model_id]).shape, models()[model_id].shape
    assert found.parameters_b == pytest.approx(known.parameters_b, rel=0.01)
    # OpenAI leaves the input embedding out of what is active.
    lookup = found.vocab * found.hidden / 1e9 if model_id.startswith("openai/") else 0
    rounding = 0.02 if model_id in ROUNDED else 0.01
    assert found.active_parameters_b - lookup == pytest.approx(known.active_parameters_b, rel=rounding)


@pytest.mark.parametrize(
    ("model_id", "gib"), [("openai/gpt-oss-20b", 12.8), ("openai/gpt-oss-120b", 61.0), ("deepseek-ai/DeepSeek-V3", 627)]
)
def test_the_size_of_a_quantized_checkpoint_is_counted(model_id: str, gib: float) -> None:
    """gpt-oss quantizes its experts only, DeepSeek all but the embeddings; both as large as what is published."""
    assert described(CONFIGS[model_id]).shape.checkpoint_gib == pytest.approx(gib, rel=0.01)


def test_a_config_is_read_as_json_writes_it() -> None:
    """What json.loads returns is what the parser takes: floats that are whole, nulls that are nothing."""
    config = json.loads(json.dumps({**CONFIGS["Qwen/Qwen3-8B"], "num_hidden_layers": 36.0, "rope_scaling": None}))
    assert described(config) == described(CONFIGS["Qwen/Qwen3-8B"])
