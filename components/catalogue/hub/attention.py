"""What a config says about attention: heads, the width of the cache, windows, and parameters of one layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.hub.windows import sliding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.catalogue.hub.keys import Keys
    from components.catalogue.models import Attention

_INDEX_SCALE_BYTES = 4
_CACHE_BYTES = 2


@dataclass(frozen=True, slots=True)
class AttentionPart:
    """Attention of one layer; `latent_dim` is the cached width of latent attention in 16-bit numbers."""

    kind: Attention
    heads: int
    kv_heads: int
    head_dim: int
    latent_dim: int
    parameters: int
    sliding_window: int
    sliding_layers: int


def attention(config: Mapping[str, object], keys: Keys, layers: int, hidden: int) -> AttentionPart:
    """Return the attention of a config."""
    heads = keys.whole("num_attention_heads", "n_head", "n_heads", "num_heads")
    kv_heads = keys.optional_whole("num_key_value_heads", "num_kv_heads", "n_head_kv", "multi_query_group_num")
    if kv_heads is None:
        kv_heads = 1 if keys.flag("multi_query", default=False) else heads
    window, sliding_layers = sliding(config, keys, layers)
    if keys.optional_whole("kv_lora_rank") is not None:
        return _latent(keys, hidden, heads, window=window, sliding_layers=sliding_layers)
    head_dim = keys.optional_whole("head_dim", "kv_channels") or 0
    if not head_dim:
        head_dim = hidden // max(1, heads) if hidden % max(1, heads) == 0 else keys.whole("head_dim")
    return AttentionPart(
        kind="gqa",
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        latent_dim=0,
        parameters=2 * hidden * head_dim * (heads + kv_heads),
        sliding_window=window,
        sliding_layers=sliding_layers,
    )


def _latent(keys: Keys, hidden: int, heads: int, *, window: int, sliding_layers: int) -> AttentionPart:
    """Return multi-head latent attention: one compressed vector and one rotary key per token, for all heads together.

    DeepSeek V3: 512 + 64 cached numbers, 187 million parameters a layer. Sparse attention (V3.2) caches besides, for
    its index, one 8-bit key with its scale. Source: `DeepseekV32IndexerCache` of vLLM 0.11 (recalled).
    """
    rank, rope = keys.whole("kv_lora_rank"), keys.whole("qk_rope_head_dim")
    plain, value = keys.whole("qk_nope_head_dim"), keys.whole("v_head_dim")
    query_rank = keys.optional_whole("q_lora_rank")
    query = plain + rope
    queries = query_rank * (hidden + heads * query) if query_rank else hidden * heads * query
    parameters = queries + hidden * (rank + rope) + rank * heads * (plain + value) + heads * value * hidden
    latent = rank + rope
    index = keys.optional_whole("index_head_dim")
    if index:
        index_heads = keys.whole("index_n_heads")
        parameters += (query_rank or hidden) * index_heads * index + hidden * (index + index_heads)
        latent += -(-(index + _INDEX_SCALE_BYTES) // _CACHE_BYTES)
    return AttentionPart(
        kind="mla",
        heads=heads,
        kv_heads=heads,
        head_dim=query,
        latent_dim=latent,
        parameters=parameters,
        sliding_window=window,
        sliding_layers=sliding_layers,
    )
