"""Which configs are refused, and what the refusal says."""

from __future__ import annotations

from typing import Any

import pytest

from components.catalogue.hub.config import described
from components.errors import ConfigError
from tests.catalogue.hub.known_configs import CONFIGS

LLAMA = CONFIGS["meta-llama/Llama-3.1-8B-Instruct"]
BERT = {
    "architectures": ["BertForMaskedLM"],
    "model_type": "bert",
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "vocab_size": 30522,
    "max_position_embeddings": 512,
}
VIT = {
    "architectures": ["ViTForImageClassification"],
    "model_type": "vit",
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "image_size": 224,
    "patch_size": 16,
}
DECODER = "name the config.json of a decoder that generates text, as Llama, Qwen or Mistral"
TEXT_PART = "to size the text part alone, save the mapping under text_config, made complete, as a file of its own"


@pytest.mark.parametrize(
    ("config", "message", "fix"),
    [
        (BERT, "describes an encoder (bert), which embeds or labels text and writes none", DECODER),
        (
            {**BERT, "model_type": "modernbert", "architectures": None},
            "describes an encoder (modernbert), which embeds or labels text and writes none",
            DECODER,
        ),
        (
            {"model_type": "t5", "is_encoder_decoder": True, "d_model": 512},
            "describes an encoder-decoder model (t5), which is not served as a chat API",
            DECODER,
        ),
        (
            {"model_type": "whisper", "d_model": 512},
            "describes an encoder-decoder model (whisper), which is not served as a chat API",
            DECODER,
        ),
        (VIT, "describes a vision model (vit), which writes no text", DECODER),
        (
            {**VIT, "model_type": "acme_eye", "architectures": ["AcmeEyeModel"]},
            "describes a vision model (acme_eye), which writes no text",
            DECODER,
        ),
        ({"model_type": "wav2vec2"}, "describes a speech model (wav2vec2), which writes no text", DECODER),
        (
            {**LLAMA, "architectures": ["LlamaForSequenceClassification"]},
            "describes a classifier (llama), which scores text and writes none",
            DECODER,
        ),
        (
            {
                "model_type": "gemma3",
                "architectures": ["Gemma3ForConditionalGeneration"],
                "text_config": {"hidden_size": 2560},
                "vision_config": {"hidden_size": 1152},
            },
            (
                "describes a multimodal model (gemma3): it has vision_config, and what lies beside the text part is not"
                " sized"
            ),
            TEXT_PART,
        ),
        (
            {"model_type": "acme", "text_config": {"hidden_size": 2560}},
            (
                "describes a multimodal model (acme): it keeps its numbers under text_config, and what lies beside the"
                " text part is not sized"
            ),
            TEXT_PART,
        ),
    ],
)
def test_a_model_that_writes_no_text_is_refused(config: dict[str, Any], message: str, fix: str) -> None:
    """The refusal names what the file describes, and what to give instead."""
    with pytest.raises(ConfigError) as caught:
        described({name: value for name, value in config.items() if value is not None})
    assert (caught.value.message, caught.value.fix) == (message, fix)
    assert str(caught.value) == f"{message}; {fix}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "mamba"}, "describes a model with recurrent layers (mamba), whose state is not sized"),
        ({"block_configs": [{}]}, "has block_configs: layers of different widths, which are not counted"),
        (
            {"hidden_size_per_layer_input": 256},
            "has hidden_size_per_layer_input: embeddings of its own in each layer, which are not counted",
        ),
    ],
)
def test_what_the_shape_cannot_express_is_refused(change: dict[str, Any], message: str) -> None:
    """A wrong size would be worse than none."""
    with pytest.raises(ConfigError) as caught:
        described({**LLAMA, **change})
    assert caught.value.message == message
    assert caught.value.fix == "describe the model with model.shape from figures that its maker publishes"


@pytest.mark.parametrize("config", [{}, {"version": 3}, {"transformers_version": "5.0"}])
def test_another_json_file_is_refused(config: dict[str, Any]) -> None:
    """A tokenizer's or generation's config says so little that it is told apart."""
    with pytest.raises(ConfigError, match=r"is no config\.json of a model: it has neither"):
        described(config)


def test_an_unknown_family_of_decoders_is_taken_by_its_fields() -> None:
    """A model type that nobody has seen is sized when it says all that a Llama says."""
    found = described({**LLAMA, "model_type": "acme", "architectures": ["AcmeForCausalLM"]})
    assert found.shape.parameters_b == pytest.approx(8.03, rel=0.001)
    assert found.kind == "acme"
