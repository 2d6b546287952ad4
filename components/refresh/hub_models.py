"""What the Hugging Face Hub's `config.json` says of the models of the catalogue, and of others that are to be added."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from components.catalogue.hub.config import described
from components.catalogue.hub.keys import mapping_of
from components.catalogue.models import models
from components.errors import ConfigError
from components.refresh.source import Answer, Finding, figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.catalogue.hub.config import DescribedModel
    from components.catalogue.models import Model

_FROM = "config.json on the Hugging Face Hub; license and gate: not re-read"
_CLOSE = 0.02
"""A count that is as near as this to the published one leaves the published one."""
_UNKNOWN = "unknown"


def models_answer(answered: Mapping[str, bytes]) -> Answer:
    """Return the rows of models by their config.json; one that cannot be sized is a remark."""
    found: list[Finding] = []
    remarks: list[str] = []
    for model_id, content in answered.items():
        try:
            config = mapping_of(json.loads(content))
        except ValueError:
            config = None
        if config is None:
            remarks.append(f"{model_id}: config.json holds no JSON object: its row is left as it is")
            continue
        try:
            said = described(config)
        except ConfigError as error:
            remarks.append(f"{model_id}: config.json {error.message}: its row is left as it is")
            continue
        known = models().get(model_id)
        found.append(Finding("models", _values(model_id, said, known), _FROM, may_add=True))
        if known is None:
            remarks.append(f"{model_id} is new: write its license, and whether it is gated")
    return Answer(tuple(found), tuple(remarks))


def _values(model_id: str, said: DescribedModel, known: Model | None) -> dict[str, str]:
    """Return the cells of a row; what is published stays where what is counted comes close to it."""
    shape = said.shape
    values = {
        "id": model_id,
        "layers": str(shape.layers),
        "hidden": str(shape.hidden),
        "intermediate": str(shape.intermediate),
        "heads": str(shape.heads),
        "kv_heads": str(shape.kv_heads),
        "head_dim": str(shape.head_dim),
        "vocab": str(shape.vocab),
        "tied_embeddings": _word(shape.tied_embeddings),
        "max_context_tokens": str(shape.max_context_tokens),
        "dtype": shape.dtype,
        "float16": _word(shape.float16_safe),
        "attention": shape.attention,
        "latent_dim": _some(shape.latent_dim),
        "sliding_window": _some(shape.sliding_window),
        "sliding_layers": _some(shape.sliding_layers),
        "native_quantization": said.quantization,
    }
    counts = {"parameters_b": shape.parameters_b, "active_parameters_b": shape.active_parameters_b}
    published = {
        "parameters_b": known.shape.parameters_b if known else 0,
        "active_parameters_b": known.shape.active_parameters_b if known else 0,
    }
    for name, counted in counts.items():
        if abs(counted - published[name]) > _CLOSE * counted:
            values[name] = figure(round(counted, 3))
    if known is None:
        size = "" if shape.checkpoint_gib is None else figure(round(shape.checkpoint_gib, 1))
        values |= {"checkpoint_gib": size, "license": _UNKNOWN, "gated": _UNKNOWN}
    return values


def _word(switch: bool) -> str:
    return "yes" if switch else "no"


def _some(number: int) -> str:
    return str(number) if number else ""
