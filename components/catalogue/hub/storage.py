"""How a checkpoint is stored, by its `quantization_config`, and how large that makes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.hub.keys import Keys, mapping_of
from components.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.catalogue.models import Quantization

_GIB = 2**30
_DEFAULT_GROUP = 128
_WHOLE_CHANNEL = 1
"""Group of a checkpoint with one scale for a whole row: its rows can be divided anywhere."""
_METHODS = "awq, gptq, fp8, compressed-tensors, modelopt, mxfp4 or bitsandbytes"
_LAYER = re.compile(r"layers\.(\d+)\.")


@dataclass(frozen=True, slots=True)
class Storage:
    """How weights are stored: `bits` with scales for each weight that is quantized, `group` weights per scale."""

    quantization: Quantization
    bits: float = 16
    group: int = _DEFAULT_GROUP
    experts_only: bool = False
    attention_share: float = 1
    """Share of the attention layers that is quantized, too."""

    def checkpoint_gib(self, *, embeddings: int, attention: int, feed_forward: int, experts: int) -> float | None:
        """Return the GiB of a quantized checkpoint of so many parameters, None for one that is not.

        Embeddings and output head stay 16 bit. `experts` are part of `feed_forward`.
        """
        if self.quantization == "none":
            return None
        packed = experts if self.experts_only else feed_forward + attention * self.attention_share
        plain = embeddings + attention + feed_forward - packed
        return (packed * self.bits / 8 + plain * 2) / _GIB


def storage(config: Mapping[str, object], layers: int) -> Storage:
    """Return how a checkpoint is stored; `ConfigError` for a way that no plan sizes."""
    described = _described(config)
    if described is None:
        return Storage("none")
    keys = Keys(described)
    method = (keys.text("quant_method") or "").lower().replace("_", "-")
    kept = keys.texts("modules_to_not_convert") or keys.texts("ignore") or []
    found = _by_method(method, described, keys)
    return Storage(
        quantization=found.quantization,
        bits=found.bits,
        group=found.group,
        experts_only=found.experts_only,
        attention_share=_attention_share(kept, layers),
    )


def is_quantized(config: Mapping[str, object]) -> bool:
    """Tell whether a config says that its weights are stored in fewer than 16 bits."""
    return _described(config) is not None


def _described(config: Mapping[str, object]) -> Mapping[str, object] | None:
    return mapping_of(config.get("quantization_config")) or mapping_of(config.get("compression_config"))


def _by_method(method: str, described: Mapping[str, object], keys: Keys) -> Storage:
    if method in _FIXED:
        return _FIXED[method]
    if method in ("awq", "gptq", "auto-round", "intel/auto-round"):
        bits, group = keys.optional_whole("bits", "w_bit") or 4, _group(described.get("group_size", _DEFAULT_GROUP))
        return _integer(bits, group, "awq" if method == "awq" else "gptq", zeros=True)
    if method == "bitsandbytes":
        return _bitsandbytes(keys)
    if method.startswith("modelopt"):
        return _modelopt(described, keys)
    if method == "compressed-tensors":
        return _compressed(described)
    raise ConfigError(f"is stored with quantization_config {method or 'of no method'}, which is not sized", _OTHER)


_OTHER = f"serve a checkpoint made with {_METHODS}, or describe the model with model.shape"


_FIXED = {
    "fp8": Storage("fp8", 8),
    "fbgemm-fp8": Storage("fp8", 8),
    "mxfp4": Storage("mxfp4", 4.25, experts_only=True),
}


def _bitsandbytes(keys: Keys) -> Storage:
    if keys.flag("load_in_8bit", default=False) or keys.flag("_load_in_8bit", default=False):
        return Storage("bitsandbytes", 8)
    return Storage("bitsandbytes", 4.13 if keys.flag("bnb_4bit_use_double_quant", default=False) else 4.5)


def _integer(bits: int, group: int, four_bit: Quantization, *, zeros: bool) -> Storage:
    """Return integers of 4 or 8 bits: each group adds a 16-bit scale, and a zero as wide as a weight.

    Groups of 128, 64, 32: 4.16, 4.31, 4.63 bits.
    """
    if bits not in (4, 8):
        raise ConfigError(f"is stored in {bits} bits, which the engines do not serve", "serve a 4 or 8 bit checkpoint")
    scale = (16 + (bits if zeros else 0)) / group if group > _WHOLE_CHANNEL else 0
    return Storage(four_bit if bits == 4 else "int8", bits + scale, group)  # noqa: PLR2004 (the bits themselves)


def _modelopt(described: Mapping[str, object], keys: Keys) -> Storage:
    inner = mapping_of(described.get("quantization"))
    algorithm = (keys.text("quant_algo") or (Keys(inner).text("quant_algo") if inner else None) or "").upper()
    if algorithm.startswith("FP8"):
        return Storage("fp8", 8)
    if algorithm in ("NVFP4", "FP4"):
        return Storage("nvfp4", 4.5)
    if algorithm == "MXFP4":
        return Storage("mxfp4", 4.25)
    raise ConfigError(f"is stored with modelopt {algorithm or 'of no quant_algo'}, which is not sized", _OTHER)


def _compressed(described: Mapping[str, object]) -> Storage:
    """Return what the groups of a compressed-tensors checkpoint say; all of them must be stored alike."""
    groups = [mapping_of(one) for one in (mapping_of(described.get("config_groups")) or {}).values()]
    weights = [weights for one in groups if one is not None and (weights := mapping_of(one.get("weights"))) is not None]
    found = {_compressed_group(one) for one in weights}
    if len(found) != 1:
        what = "mixes formats" if found else "names no format of the weights"
        raise ConfigError(f"{what} in quantization_config.config_groups, which is not sized", _OTHER)
    return found.pop()


def _compressed_group(weights: Mapping[str, object]) -> Storage:
    keys = Keys(weights)
    bits, kind = keys.optional_whole("num_bits") or 0, keys.text("type")
    group = _group(weights.get("group_size") or -1)
    if kind == "float" and bits == 8:  # noqa: PLR2004 (the bits themselves)
        return Storage("fp8", 8)
    if kind == "float" and bits == 4:  # noqa: PLR2004
        mx = group == 32 or "mx" in (keys.text("scale_dtype") or "")  # noqa: PLR2004 (the group of the MX formats)
        return Storage("mxfp4", 4.25) if mx else Storage("nvfp4", 4.5)
    return _integer(bits, group, "gptq", zeros=not keys.flag("symmetric", default=True))


def _group(size: object) -> int:
    return size if isinstance(size, int) and size > 0 else _WHOLE_CHANNEL


def _attention_share(kept: list[str], layers: int) -> float:
    """Return the share of attention layers that a list of modules left alone does not name.

    >>> _attention_share(["lm_head"], 2), _attention_share(["model.layers.0.self_attn"], 2)
    (1.0, 0.5)
    >>> _attention_share(["re:.*self_attn.*"], 2)
    0.0
    """
    attention = [name for name in kept if "attn" in name]
    numbered = {int(found[1]) for name in attention if (found := _LAYER.search(name))}
    if any(_LAYER.search(name) is None for name in attention):
        return 0.0
    return 1 - len(numbered) / max(1, layers)
