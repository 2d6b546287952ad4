"""What shape a model has, and how it is stored, by its `config.json`: for models that the catalogue does not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from components.catalogue.hub.attention import attention
from components.catalogue.hub.families import family
from components.catalogue.hub.feed_forward import feed_forward
from components.catalogue.hub.keys import Keys
from components.catalogue.hub.kinds import refuse_other_kinds
from components.catalogue.hub.storage import is_quantized, storage
from components.catalogue.hub.windows import context_tokens
from components.catalogue.models import ModelShape
from components.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.catalogue.models import Quantization

_FLOAT16_OVERFLOWS = ("gemma2", "gemma3", "gemma4", "gpt_oss")
_BILLION = 1e9


@dataclass(frozen=True, slots=True)
class DescribedModel:
    """What a `config.json` says: `kind` is its `model_type`."""

    kind: str
    shape: ModelShape
    quantization: Quantization


def described(config: Mapping[str, object]) -> DescribedModel:
    """Return the shape that a `config.json` describes.

    Parameters are counted: attention, feed-forward, embeddings and norms, no biases, which stay below a thousandth.

    Raises:
        ConfigError: the model writes no text, is built in a way that cannot be sized, or keys are missing, all of
            which are named.

    >>> mixtral = described({
    ...     "model_type": "mixtral", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
    ...     "num_attention_heads": 32, "num_key_value_heads": 8, "num_local_experts": 8, "num_experts_per_tok": 2,
    ...     "vocab_size": 32000, "max_position_embeddings": 32768, "torch_dtype": "bfloat16",
    ... }).shape
    >>> round(mixtral.parameters_b, 1), round(mixtral.active_parameters_b, 1)
    (46.7, 12.9)
    """
    refuse_other_kinds(config)
    keys = Keys(config)
    kind = keys.text("model_type") or ""
    layers = keys.whole("num_hidden_layers", "n_layer", "n_layers", "num_layers")
    hidden = keys.whole("hidden_size", "n_embd", "d_model", "n_embed")
    vocab = keys.whole("vocab_size", "padded_vocab_size")
    tied = keys.flag("tie_word_embeddings", default=family(kind).tied_embeddings)
    attended = attention(config, keys, layers, hidden)
    between = feed_forward(config, keys, layers, hidden)
    longest = context_tokens(config, keys)
    dtype = _dtype(config, keys)
    keys.finish()
    _check_heads(attended.heads, attended.kv_heads)
    embeddings = vocab * hidden * (1 if tied else 2)
    always = embeddings + layers * attended.parameters + hidden * (2 * layers + 1)
    stored = storage(config, layers)
    shape = ModelShape(
        parameters_b=(always + between.parameters) / _BILLION,
        active_parameters_b=(always + between.active_parameters) / _BILLION,
        layers=layers,
        hidden=hidden,
        intermediate=between.intermediate,
        heads=attended.heads,
        kv_heads=attended.kv_heads,
        head_dim=attended.head_dim,
        vocab=vocab,
        tied_embeddings=tied,
        max_context_tokens=longest,
        dtype=dtype,
        float16_safe=not kind.startswith(_FLOAT16_OVERFLOWS),
        attention=attended.kind,
        latent_dim=attended.latent_dim,
        sliding_window=attended.sliding_window,
        sliding_layers=attended.sliding_layers,
        checkpoint_gib=stored.checkpoint_gib(
            embeddings=embeddings,
            attention=layers * attended.parameters,
            feed_forward=between.parameters,
            experts=between.expert_parameters,
        ),
        quantization_group=stored.group,
    )
    return DescribedModel(kind, shape, stored.quantization)


def _dtype(config: Mapping[str, object], keys: Keys) -> Literal["bfloat16", "float16"]:
    """Return the number format; a quantized model may leave it unsaid, as gpt-oss does, and is computed in bfloat16."""
    unsaid = keys.text("torch_dtype", "dtype") is None
    if unsaid and is_quantized(config):
        return "bfloat16"
    dtype = keys.required_text("torch_dtype", "dtype").removeprefix("torch.")
    if dtype == "float16":
        return "float16"
    if dtype in ("", "bfloat16"):
        return "bfloat16"
    raise ConfigError(
        f"has torch_dtype {dtype}: weights of that format are not sized",
        "save the weights as bfloat16 or float16 and name the config.json of that copy",
    )


def _check_heads(heads: int, kv_heads: int) -> None:
    if not kv_heads or heads % kv_heads:
        raise ConfigError(
            f"has num_attention_heads {heads}, which is no multiple of num_key_value_heads {kv_heads}",
            "copy both from the model's config.json",
        )
