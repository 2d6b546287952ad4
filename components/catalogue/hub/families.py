"""What transformers knows of each `model_type`: what kind of model it is, and what a config may leave unsaid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from components.catalogue.tables import read_table


@dataclass(frozen=True, slots=True)
class Family:
    """One row of `model_families.csv`. `kind`: decoder, encoder, encoder-decoder, vision, speech or recurrent.

    A gated layer has three matrices, up, down and gate; one without has two.
    """

    model_type: str
    kind: str
    tied_embeddings: bool
    gated_feed_forward: bool
    source: str
    as_of: str


@cache
def _families() -> dict[str, Family]:
    return {
        row["model_type"]: Family(
            model_type=row["model_type"],
            kind=row["kind"],
            tied_embeddings=row["tied_embeddings"] == "yes",
            gated_feed_forward=row["gated_feed_forward"] != "no",
            source=row["source"],
            as_of=row["as_of"],
        )
        for row in read_table("model_families")
    }


def family(model_type: str) -> Family:
    """Return what is known of a type; one that is not in the table is taken for a decoder like Llama.

    >>> family("bert").kind, family("gemma2").tied_embeddings, family("acme").kind
    ('encoder', True, 'decoder')
    """
    return _families().get(model_type) or Family(
        model_type, "decoder", tied_embeddings=False, gated_feed_forward=True, source="", as_of=""
    )
