"""What a config says about the layers between attention: dense ones, and mixtures of experts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.hub.families import family
from components.catalogue.hub.keys import list_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.catalogue.hub.keys import Keys


@dataclass(frozen=True, slots=True)
class FeedForward:
    """Parameters of all layers together; `expert_parameters` are those of `parameters` that lie in routed experts."""

    intermediate: int
    parameters: int
    active_parameters: int
    expert_parameters: int


def feed_forward(config: Mapping[str, object], keys: Keys, layers: int, hidden: int) -> FeedForward:
    """Return the feed-forward part of a config."""
    gated = family(keys.text("model_type") or "").gated_feed_forward
    experts = keys.optional_whole("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts") or 0
    if experts > 1:
        return _mixture(config, keys, layers, hidden, experts)
    inner = keys.optional_whole("intermediate_size", "ffn_dim", "n_inner", "ffn_hidden_size", "ffn_intermediate_size")
    if inner is None and not gated:
        inner = 4 * hidden
    intermediate = inner if inner is not None else keys.whole("intermediate_size")
    parameters = layers * (3 if gated else 2) * hidden * intermediate
    return FeedForward(intermediate, parameters, parameters, 0)


def _mixture(config: Mapping[str, object], keys: Keys, layers: int, hidden: int, experts: int) -> FeedForward:
    """Return a mixture: routed experts, those that every token passes, a router, and dense layers between them.

    Mixtral 8x7B: 32 layers of 8 experts with 3 * 4,096 * 14,336 parameters, two of them active.
    """
    chosen = keys.whole("num_experts_per_tok", "num_experts_per_token", "moe_k", "moe_topk", "top_k_experts")
    width = keys.optional_whole("moe_intermediate_size", "expert_hidden_size", "ffn_hidden_size")
    width = width if width is not None else keys.whole("intermediate_size")
    mixed = _mixed_layers(config, keys, layers)
    dense_width = 0
    if mixed < layers:
        dense_width = keys.whole("intermediate_size_mlp", "intermediate_size")
    shared = _shared_width(keys, width)
    one, router = 3 * hidden * width, hidden * experts
    always = mixed * (3 * hidden * shared + router) + (layers - mixed) * 3 * hidden * dense_width
    return FeedForward(
        intermediate=width,
        parameters=always + mixed * experts * one,
        active_parameters=always + mixed * chosen * one,
        expert_parameters=mixed * experts * one,
    )


def _shared_width(keys: Keys, width: int) -> int:
    """Return the width of the experts that every token passes."""
    own = keys.optional_whole("shared_expert_intermediate_size", "shared_intermediate_size")
    if own is not None:
        return own
    count = keys.optional_whole("n_shared_experts", "num_shared_experts", "num_shared_expert", "moe_num_shared_experts")
    if count is None and (keys.text("model_type") or "").startswith("llama4"):
        count = 1
    return (count or 0) * width


def _mixed_layers(config: Mapping[str, object], keys: Keys, layers: int) -> int:
    """Return how many layers have experts: all but the first, every nth, or all but those that are named."""
    listed = list_of(config.get("moe_layers"))
    if listed:
        return len(listed)
    dense_first = keys.optional_whole("first_k_dense_replace", "moe_layer_start_index") or 0
    every = keys.optional_whole("interleave_moe_layer_step", "decoder_sparse_step", "moe_layer_freq") or 1
    dense = list_of(config.get("mlp_only_layers"))
    return sum(
        index >= dense_first and index not in dense and ((index + 1) % every == 0 or every == 1)
        for index in range(layers)
    )
