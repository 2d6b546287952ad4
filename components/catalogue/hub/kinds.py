"""Which configs describe no model that writes text, or one whose memory the shape of a plan cannot express."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.hub.families import family
from components.catalogue.hub.keys import Keys, mapping_of
from components.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_DECODER = "name the config.json of a decoder that generates text, as Llama, Qwen or Mistral"
_SHAPE = "describe the model with model.shape from figures that its maker publishes"

_REFUSED = {
    "encoder": ("an encoder", "which embeds or labels text and writes none", _DECODER),
    "encoder-decoder": ("an encoder-decoder model", "which is not served as a chat API", _DECODER),
    "classifier": ("a classifier", "which scores text and writes none", _DECODER),
    "vision": ("a vision model", "which writes no text", _DECODER),
    "speech": ("a speech model", "which writes no text", _DECODER),
    "recurrent": ("a model with recurrent layers", "whose state is not sized", _SHAPE),
}
_ARCHITECTURES = {
    "ForMaskedLM": "encoder",
    "ForTokenClassification": "encoder",
    "ForQuestionAnswering": "encoder",
    "ForSequenceClassification": "classifier",
    "RewardModel": "classifier",
    "ForImageClassification": "vision",
    "ForConditionalGeneration": "decoder",
    "ForCausalLM": "decoder",
}
"""What the end of a class's name says; it is asked before `model_type`, since a classifier may be a Llama."""
_TOWERS = ("vision_config", "audio_config", "speech_config", "vision_tower", "mm_vision_tower", "visual")
_UNCOUNTED = {
    "block_configs": "layers of different widths",
    "hidden_size_per_layer_input": "embeddings of its own in each layer",
    "ssm_cfg": "state-space layers",
    "hybrid_override_pattern": "state-space layers",
    "layers_block_type": "layers of different kinds",
    "attn_layer_period": "state-space layers between those with attention",
}


def refuse_other_kinds(config: Mapping[str, object]) -> None:
    """Raise `ConfigError` for a model that the engines do not serve as a chat API, or that cannot be sized."""
    keys = Keys(config)
    named = keys.text("model_type") or next(iter(keys.texts("architectures") or []), "")
    if not named and "num_hidden_layers" not in config:
        raise ConfigError(
            "is no config.json of a model: it has neither model_type nor architectures",
            "name the config.json that lies beside the weights",
        )
    kind = _kind(config, keys)
    if kind in _REFUSED:
        what, why, fix = _REFUSED[kind]
        raise ConfigError(f"describes {what} ({named}), {why}", fix)
    _refuse_towers(config, named)
    for name, what in _UNCOUNTED.items():
        if config.get(name):
            raise ConfigError(f"has {name}: {what}, which are not counted", _SHAPE)


def _kind(config: Mapping[str, object], keys: Keys) -> str:
    by_type = family(keys.text("model_type") or "").kind
    if keys.flag("is_encoder_decoder", default=False):
        return "encoder-decoder"
    architecture = next(iter(keys.texts("architectures") or []), "")
    by_class = next((kind for end, kind in _ARCHITECTURES.items() if architecture.endswith(end)), "decoder")
    if by_type == "decoder" and by_class != "decoder":
        return by_class
    if "vocab_size" not in config and "text_config" not in config and "patch_size" in config:
        return "vision"
    return by_type


def _refuse_towers(config: Mapping[str, object], named: str) -> None:
    tower = next((name for name in _TOWERS if config.get(name)), None)
    if tower is None and mapping_of(config.get("text_config")) is None:
        return
    has = f"has {tower}" if tower else "keeps its numbers under text_config"
    raise ConfigError(
        f"describes a multimodal model ({named}): it {has}, and what lies beside the text part is not sized",
        "to size the text part alone, save the mapping under text_config, made complete, as a file of its own",
    )
