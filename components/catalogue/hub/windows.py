"""How far a model looks back: which layers keep a window of the context only, and how long the context may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.hub.keys import COPY, mapping_of
from components.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.catalogue.hub.keys import Keys

_WINDOWED = frozenset({"sliding_attention", "chunked_attention", "local_attention", "local"})
_GLOBAL = frozenset({"full_attention", "global_attention", "global"})
_EVERY_OTHER = frozenset({"gemma2", "gpt_oss"})
"""Families whose layers take turns, the first one windowed, and whose older configs do not say so."""
_EVERY_NTH = {"gemma3_text": 6, "cohere2": 4, "llama4_text": 4}
"""Families in which each nth layer sees everything, and whose configs may not say so."""
_SCALED_ALREADY = frozenset({"su", "longrope", "llama3", "default", "mrope"})
"""Ways to stretch positions after which `max_position_embeddings` is the stretched length."""


def sliding(config: Mapping[str, object], keys: Keys, layers: int) -> tuple[int, int]:
    """Return the window in tokens and how many of the layers have it; zeros when all layers see everything."""
    window = keys.optional_whole("sliding_window", "attention_chunk_size", "sliding_window_size") or 0
    longest = keys.optional_whole("max_position_embeddings") or 0
    if not window or not keys.flag("use_sliding_window", default=True) or (longest and window >= longest):
        _layer_types(keys, layers)
        return 0, 0
    windowed = _windowed_layers(config, keys, layers)
    return (window, windowed) if windowed else (0, 0)


def _windowed_layers(config: Mapping[str, object], keys: Keys, layers: int) -> int:
    types = _layer_types(keys, layers)
    if types is not None:
        return sum(kind in _WINDOWED for kind in types)
    kind = keys.text("model_type") or ""
    pattern = config.get("sliding_window_pattern") or config.get("no_rope_layer_interval")
    if isinstance(pattern, str) and pattern:
        return sum(pattern[index % len(pattern)].upper() == "L" for index in range(layers))
    if kind in _EVERY_OTHER:
        return (layers + 1) // 2
    every = pattern if isinstance(pattern, int) and pattern > 0 else _EVERY_NTH.get(kind)
    if every:
        return layers - layers // every
    if keys.flag("use_sliding_window", default=False):
        # Qwen: layers from this one on have the window.
        return max(0, layers - (keys.optional_whole("max_window_layers") or 0))
    return layers


def _layer_types(keys: Keys, layers: int) -> list[str] | None:
    types = keys.texts("layer_types")
    if types is None:
        return None
    strange = sorted(set(types) - _WINDOWED - _GLOBAL)
    if strange:
        raise ConfigError(
            f"has layers of type {', '.join(strange)}, whose cache is not sized",
            "describe the model with model.shape from figures that its maker publishes",
        )
    if len(types) != layers:
        raise ConfigError(f"has {len(types)} layer_types and {layers} layers", COPY)
    return types


def context_tokens(config: Mapping[str, object], keys: Keys) -> int:
    """Return the longest context, with what a stretch of the positions adds to it.

    Source: how vLLM 0.11 derives `max_model_len` (recalled); a config whose stretch is already in
    `max_position_embeddings` is taken as it is.
    """
    longest = keys.whole("max_position_embeddings", "n_positions", "max_sequence_length", "max_seq_len", "seq_length")
    scaling = mapping_of(config.get("rope_scaling")) or mapping_of(config.get("rope_parameters")) or {}
    kind, factor = scaling.get("rope_type", scaling.get("type")), scaling.get("factor")
    if kind is None or kind in _SCALED_ALREADY or not isinstance(factor, int | float) or factor <= 0:
        return longest
    if "gemma3" in (keys.text("model_type") or ""):
        return longest
    original = scaling.get("original_max_position_embeddings")
    if kind == "yarn" and isinstance(original, int):
        return max(longest, round(original * factor))
    return round(longest * factor)
