"""What a config may leave unsaid, say under another name, or say in a way that changes memory."""

from __future__ import annotations

from typing import Any

import pytest

from components.catalogue.hub.config import described
from components.catalogue.models import ModelShape
from components.errors import ConfigError
from tests.catalogue.hub.known_configs import CONFIGS

LLAMA = CONFIGS["meta-llama/Llama-3.1-8B-Instruct"]
DEEPSEEK = CONFIGS["deepseek-ai/DeepSeek-V3"]
MIXTRAL = CONFIGS["mistralai/Mixtral-8x7B-Instruct-v0.1"]
QWEN = CONFIGS["Qwen/Qwen2.5-7B-Instruct"]
GEMMA = CONFIGS["google/gemma-2-9b-it"]


def shape(config: dict[str, Any], **change: object) -> ModelShape:
    """The shape of a config after a change; None takes a key away."""
    changed = {name: value for name, value in {**config, **change}.items() if value is not None}
    return described(changed).shape


def refusal(config: dict[str, Any], **change: object) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        shape(config, **change)
    return caught.value


def test_all_missing_keys_are_named_at_once() -> None:
    """One error lists them; nothing is guessed."""
    error = refusal(LLAMA, num_hidden_layers=None, vocab_size=None, intermediate_size=None, torch_dtype=None)
    assert error.message == "lacks num_hidden_layers, vocab_size, intermediate_size, torch_dtype"
    assert error.fix.startswith("copy the whole config.json of the model")


def test_wrong_values_are_named_beside_the_missing_ones() -> None:
    """A number that is a text, a switch or negative is as wrong as one that is not there."""
    error = refusal(LLAMA, hidden_size="4096", num_attention_heads=True, vocab_size=-1, num_hidden_layers=None)
    assert error.message == (
        "lacks num_hidden_layers; hidden_size '4096' is not a whole number; vocab_size -1 is not a whole number; "
        "num_attention_heads True is not a whole number"
    )


def test_the_size_of_a_head_follows_or_is_asked_for() -> None:
    """It is hidden / heads, unless that is no whole number; a head_dim that is written wins."""
    assert shape(LLAMA).head_dim == 128
    assert shape(LLAMA, head_dim=64).head_dim == 64
    assert refusal(LLAMA, num_attention_heads=24).message == "lacks head_dim"


def test_without_key_value_heads_each_head_has_its_own() -> None:
    """As in the first Llama; multi_query means one for all."""
    assert shape(LLAMA, num_key_value_heads=None).kv_heads == 32
    assert shape(LLAMA, num_key_value_heads=None, multi_query=True).kv_heads == 1


def test_heads_that_do_not_divide_are_refused() -> None:
    """32 heads cannot share 5."""
    error = refusal(LLAMA, num_key_value_heads=5)
    assert error.message == "has num_attention_heads 32, which is no multiple of num_key_value_heads 5"


@pytest.mark.parametrize(("kind", "tied"), [("llama", False), ("gemma2", True), ("cohere2", True), ("acme", False)])
def test_tied_embeddings_are_the_familys_when_unsaid(kind: str, tied: bool) -> None:
    """What transformers leaves out of a file is the default of the class."""
    assert shape(LLAMA, model_type=kind, tie_word_embeddings=None).tied_embeddings is tied


def test_a_tied_head_is_counted_once() -> None:
    """One matrix of 128,256 * 4,096 less."""
    untied, tied = shape(LLAMA), shape(LLAMA, tie_word_embeddings=True)
    assert untied.parameters_b - tied.parameters_b == pytest.approx(128256 * 4096 / 1e9)


def test_a_layer_without_a_gate_has_two_matrices() -> None:
    """Starcoder2 has no gate: a third of the feed-forward less."""
    gated, plain = shape(LLAMA), shape(LLAMA, model_type="starcoder2", tie_word_embeddings=False)
    assert gated.parameters_b - plain.parameters_b == pytest.approx(32 * 4096 * 14336 / 1e9)


def test_older_names_are_understood() -> None:
    """GPT-2: n_layer, n_embd, n_head, n_positions; its inner width is four times the outer one."""
    gpt2 = described(
        {
            "model_type": "gpt2",
            "architectures": ["GPT2LMHeadModel"],
            "n_layer": 12,
            "n_embd": 768,
            "n_head": 12,
            "n_positions": 1024,
            "vocab_size": 50257,
            "torch_dtype": "float16",
        }
    ).shape
    assert (gpt2.layers, gpt2.heads, gpt2.intermediate, gpt2.max_context_tokens) == (12, 12, 3072, 1024)
    assert gpt2.parameters_b == pytest.approx(0.124, rel=0.01)


@pytest.mark.parametrize(
    ("change", "window", "layers"),
    [
        ({}, 0, 0),
        ({"use_sliding_window": True, "sliding_window": 4096, "max_window_layers": 21}, 4096, 7),
        ({"use_sliding_window": True, "sliding_window": 32768}, 0, 0),
        ({"use_sliding_window": None, "sliding_window": 4096, "model_type": "mistral"}, 4096, 28),
    ],
)
def test_a_window_counts_only_where_it_is_used(change: dict[str, Any], window: int, layers: int) -> None:
    """Qwen switches it off; one as long as the context is none; Mistral has it in every layer."""
    found = shape(QWEN, **change)
    assert (found.sliding_window, found.sliding_layers) == (window, layers)


@pytest.mark.parametrize(
    ("change", "layers"),
    [
        ({}, 21),
        ({"model_type": "gemma3_text"}, 35),
        ({"model_type": "cohere2"}, 32),
        ({"model_type": "acme", "sliding_window_pattern": 3}, 28),
        ({"model_type": "exaone4", "sliding_window_pattern": "LLLG"}, 32),
        ({"layer_types": ["sliding_attention"] * 40 + ["full_attention"] * 2}, 40),
        ({"layer_types": ["full_attention"] * 42}, 0),
    ],
)
def test_which_layers_have_the_window(change: dict[str, Any], layers: int) -> None:
    """By layer_types, by a pattern, or by what the family is known to do."""
    assert shape(GEMMA, **change).sliding_layers == layers


def test_layers_that_are_not_attention_are_refused() -> None:
    """A linear layer keeps a state, which is not sized; a list that is too short is a damaged file."""
    mixed = refusal(GEMMA, layer_types=["linear_attention", "full_attention"] * 21)
    assert mixed.message == "has layers of type linear_attention, whose cache is not sized"
    assert refusal(GEMMA, layer_types=["full_attention"]).message == "has 1 layer_types and 42 layers"


@pytest.mark.parametrize(
    ("scaling", "tokens"),
    [
        (None, 32768),
        ({"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}, 131072),
        ({"type": "linear", "factor": 2.0}, 65536),
        ({"rope_type": "llama3", "factor": 8.0}, 32768),
        ({"type": "longrope", "long_factor": [1.0]}, 32768),
    ],
)
def test_the_context_has_what_a_stretch_adds(scaling: dict[str, Any] | None, tokens: int) -> None:
    """YaRN and linear stretches multiply, others are in max_position_embeddings already."""
    assert shape(QWEN, rope_scaling=scaling).max_context_tokens == tokens


def test_latent_attention_caches_one_vector_for_all_heads() -> None:
    """512 + 64 numbers a token and layer; the index of sparse attention adds one byte a dimension and a scale."""
    found = shape(DEEPSEEK)
    assert (found.attention, found.latent_dim, found.head_dim, found.kv_heads) == ("mla", 576, 192, 128)
    sparse = shape(DEEPSEEK, model_type="deepseek_v32", index_head_dim=128, index_n_heads=64, index_topk=2048)
    assert sparse.latent_dim == 576 + 66
    assert sparse.parameters_b > found.parameters_b


def test_latent_attention_without_compressed_queries() -> None:
    """DeepSeek V2 Lite: 15.7 billion, 2.7 of them active with both embeddings."""
    lite = described(
        {
            **DEEPSEEK,
            "model_type": "deepseek_v2",
            "num_hidden_layers": 27,
            "hidden_size": 2048,
            "intermediate_size": 10944,
            "moe_intermediate_size": 1408,
            "num_attention_heads": 16,
            "num_key_value_heads": 16,
            "n_routed_experts": 64,
            "n_shared_experts": 2,
            "num_experts_per_tok": 6,
            "first_k_dense_replace": 1,
            "q_lora_rank": None,
            "vocab_size": 102400,
            "quantization_config": None,
        }
    ).shape
    assert lite.parameters_b == pytest.approx(15.7, rel=0.01)
    assert lite.active_parameters_b == pytest.approx(2.66, rel=0.01)
    assert lite.is_mixture


def test_a_mixture_without_its_choice_is_refused() -> None:
    """How many experts work on a token decides the speed."""
    assert refusal(MIXTRAL, num_experts_per_tok=None).message == "lacks num_experts_per_tok"


def test_a_single_expert_is_a_dense_model() -> None:
    """num_experts 1, or null, says nothing."""
    dense = shape(MIXTRAL, num_local_experts=1)
    assert dense.parameters_b == dense.active_parameters_b == pytest.approx(7.2, rel=0.01)


def test_dense_layers_of_a_mixture() -> None:
    """The first ones, every other one, or those that are named, have the wide feed-forward."""
    moe = CONFIGS["Qwen/Qwen3-30B-A3B"]
    expert_layer, dense_layer = 128 * 3 * 2048 * 768 + 2048 * 128, 3 * 2048 * 6144
    less = (expert_layer - dense_layer) / 1e9
    full = shape(moe).parameters_b
    assert full - shape(moe, mlp_only_layers=[0, 1]).parameters_b == pytest.approx(2 * less)
    assert full - shape(moe, decoder_sparse_step=2).parameters_b == pytest.approx(24 * less)
    assert full - shape(moe, first_k_dense_replace=3).parameters_b == pytest.approx(3 * less)


def test_shared_experts_work_on_every_token() -> None:
    """Both counts grow by a matrix of the shared width in each layer."""
    moe = CONFIGS["Qwen/Qwen3-30B-A3B"]
    plain, shared = shape(moe), shape(moe, shared_expert_intermediate_size=5632)
    more = 48 * 3 * 2048 * 5632 / 1e9
    assert shared.parameters_b - plain.parameters_b == pytest.approx(more)
    assert shared.active_parameters_b - plain.active_parameters_b == pytest.approx(more)


def test_only_half_precision_is_sized() -> None:
    """A 32-bit checkpoint is twice as large as what is sized, so it is not taken for one of 16 bits."""
    error = refusal(LLAMA, torch_dtype="float32")
    assert error.message == "has torch_dtype float32: weights of that format are not sized"
    assert shape(LLAMA, torch_dtype=None, dtype="float16").dtype == "float16"


def test_a_quantized_model_need_not_say_in_which_format_it_computes() -> None:
    """gpt-oss is published without torch_dtype: vLLM computes it in bfloat16. One of 16 bits has to say which."""
    published = {**CONFIGS["openai/gpt-oss-20b"], "torch_dtype": None}
    assert shape(published) == shape(CONFIGS["openai/gpt-oss-20b"])
    assert refusal(published, quantization_config=None).message == "lacks torch_dtype"
