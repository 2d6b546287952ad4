"""What the catalogue knows about a model: the shape that decides memory, and how its checkpoint is stored."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from components.catalogue.tables import optional_float, read_table

Quantization = Literal["none", "awq", "gptq", "fp8", "int8", "mxfp4", "nvfp4", "bitsandbytes"]
Attention = Literal["gqa", "mla"]


@dataclass(frozen=True, slots=True)
class ModelShape:
    """The numbers of a model's configuration that decide memory, tensor parallelism and speed.

    `intermediate` is that of one expert in a mixture of experts. `latent_dim` is the cached width of multi-head
    latent attention. `sliding_layers` of the `layers` look back `sliding_window` tokens only.
    """

    parameters_b: float
    active_parameters_b: float
    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head_dim: int
    vocab: int
    tied_embeddings: bool
    max_context_tokens: int
    dtype: Literal["bfloat16", "float16"] = "bfloat16"
    float16_safe: bool = True
    attention: Attention = "gqa"
    latent_dim: int = 0
    sliding_window: int = 0
    sliding_layers: int = 0
    checkpoint_gib: float | None = None
    """Size of the published checkpoint where it does not follow from the parameters."""
    quantization_group: int = 128
    """Weights that share a scale in a 4-bit checkpoint; they cannot be divided between GPUs."""

    @property
    def is_mixture(self) -> bool:
        return self.active_parameters_b < 0.9 * self.parameters_b


@dataclass(frozen=True, slots=True)
class Model:
    """One model that can be served: whose shape it has, and how its weights are stored."""

    id: str
    shape: ModelShape
    quantization: Quantization
    gated: bool
    base_id: str
    source: str
    as_of: str


@cache
def models() -> dict[str, Model]:
    """Return every model of `models.csv` by id."""
    return {row["id"]: _model(row) for row in read_table("models")}


def _model(row: dict[str, str]) -> Model:
    shape = ModelShape(
        parameters_b=float(row["parameters_b"]),
        active_parameters_b=float(row["active_parameters_b"]),
        layers=int(row["layers"]),
        hidden=int(row["hidden"]),
        intermediate=int(row["intermediate"]),
        heads=int(row["heads"]),
        kv_heads=int(row["kv_heads"]),
        head_dim=int(row["head_dim"]),
        vocab=int(row["vocab"]),
        tied_embeddings=row["tied_embeddings"] == "yes",
        max_context_tokens=int(row["max_context_tokens"]),
        dtype="float16" if row["dtype"] == "float16" else "bfloat16",
        float16_safe=row["float16"] == "yes",
        attention="mla" if row["attention"] == "mla" else "gqa",
        latent_dim=int(row["latent_dim"] or 0),
        sliding_window=int(row["sliding_window"] or 0),
        sliding_layers=int(row["sliding_layers"] or 0),
        checkpoint_gib=optional_float(row["checkpoint_gib"]),
    )
    native = row["native_quantization"]
    return Model(
        id=row["id"],
        shape=shape,
        quantization="mxfp4" if native == "mxfp4" else "fp8" if native == "fp8" else "none",
        gated=row["gated"] == "yes",
        base_id=row["id"],
        source=row["source"],
        as_of=row["as_of"],
    )


_SUFFIXES: tuple[tuple[re.Pattern[str], Quantization], ...] = (
    (re.compile(r"-awq(-int4|-4bit)?$"), "awq"),
    (re.compile(r"-gptq-int8$"), "int8"),
    (re.compile(r"-gptq(-int4|-4bit)?$"), "gptq"),
    (re.compile(r"(-quantized)?\.w4a16$"), "gptq"),
    (re.compile(r"-quantized\.w8a(8|16)$"), "int8"),
    (re.compile(r"-(nv)?fp4$"), "nvfp4"),
    (re.compile(r"-fp8(-dynamic|-block)?$"), "fp8"),
)


def quantization_of_id(model_id: str) -> tuple[str, Quantization]:
    """Split a model id into the id without its quantization suffix and what the suffix says.

    >>> quantization_of_id("Qwen/Qwen2.5-32B-Instruct-AWQ")
    ('Qwen/Qwen2.5-32B-Instruct', 'awq')
    >>> quantization_of_id("Qwen/Qwen2.5-32B-Instruct")
    ('Qwen/Qwen2.5-32B-Instruct', 'none')
    """
    lower = model_id.lower()
    for pattern, quantization in _SUFFIXES:
        found = pattern.search(lower)
        if found:
            return model_id[: found.start()], quantization
    return model_id, "none"


def find_model(model_id: str) -> Model | None:
    """Return what is known about a model id, also for a quantized copy or another owner's copy of a known model.

    >>> copy = find_model("hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4")
    >>> copy.base_id, copy.quantization, copy.gated
    ('meta-llama/Llama-3.1-70B-Instruct', 'awq', False)
    """
    exact = models().get(model_id)
    if exact is not None:
        return exact
    plain_id, quantization = quantization_of_id(model_id)
    base = models().get(plain_id) or _models_by_name().get(_name_key(plain_id))
    if base is None:
        return None
    same_owner = base.id.partition("/")[0] == model_id.partition("/")[0]
    return Model(
        id=model_id,
        shape=base.shape if quantization == "none" else replace(base.shape, checkpoint_gib=None),
        quantization=base.quantization if quantization == "none" else quantization,
        gated=base.gated and same_owner,
        base_id=base.id,
        source=base.source,
        as_of=base.as_of,
    )


@cache
def _models_by_name() -> dict[str, Model]:
    return {_name_key(model_id): model for model_id, model in models().items()}


def _name_key(model_id: str) -> str:
    return model_id.rpartition("/")[2].lower().removeprefix("meta-")
