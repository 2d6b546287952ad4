"""Group `model`: which weights are served, where they come from, and how they are stored."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from components.catalogue.models import ModelShape, find_model
from components.spec.config_file import ConfigFile  # noqa: TC001 (pydantic reads it)
from components.spec.group import Group
from components.spec.secret import SecretReference  # noqa: TC001 (pydantic reads it)
from components.spec.values import refusal

_REVISION_LENGTH = 40


class ShapeSpec(Group):
    """The shape of a model that the catalogue does not know; the numbers are in its `config.json`."""

    parameters_b: Annotated[float, Field(gt=0)]
    """All parameters, in billions. Must be given."""
    layers: Annotated[int, Field(gt=0)]
    """`num_hidden_layers`. Must be given."""
    hidden: Annotated[int, Field(gt=0)]
    """`hidden_size`. Must be given."""
    intermediate: Annotated[int, Field(gt=0)]
    """`intermediate_size`; of one expert in a mixture of experts. Must be given."""
    heads: Annotated[int, Field(gt=0)]
    """`num_attention_heads`. Must be given."""
    kv_heads: Annotated[int, Field(gt=0)]
    """`num_key_value_heads`. Must be given."""
    vocab: Annotated[int, Field(gt=0)]
    """`vocab_size`. Must be given."""
    max_context_tokens: Annotated[int, Field(gt=0)]
    """`max_position_embeddings`. Must be given."""
    head_dim: Annotated[int, Field(gt=0)] | None = None
    """`head_dim`. Omitted: hidden / heads."""
    active_parameters_b: Annotated[float, Field(gt=0)] | None = None
    """Parameters used for one token. Omitted: all of them, a dense model."""
    tied_embeddings: bool = False
    """`tie_word_embeddings`. Omitted: false, the input embedding and the output head are stored separately."""
    dtype: Literal["bfloat16", "float16"] = "bfloat16"
    """`torch_dtype` of the checkpoint. Omitted: bfloat16."""
    gated: bool = False
    """Whether the download needs a token. Omitted: false, the weights can be downloaded without a token."""

    @model_validator(mode="after")
    def _numbers_agree(self) -> Self:
        if self.head_dim is None and self.hidden % self.heads:
            raise refusal(
                f"leaves head_dim open, and hidden {self.hidden} is no multiple of heads {self.heads}",
                "give head_dim as in the model's config.json",
            )
        if self.heads % self.kv_heads:
            raise refusal(
                f"has heads {self.heads}, which is no multiple of kv_heads {self.kv_heads}",
                "copy num_attention_heads and num_key_value_heads from the model's config.json",
            )
        if self.active_parameters_b is not None and self.active_parameters_b > self.parameters_b:
            raise refusal(
                f"has active_parameters_b {self.active_parameters_b:g} above parameters_b {self.parameters_b:g}",
                "parameters_b counts all, active_parameters_b those used for one token",
            )
        return self

    def to_shape(self) -> ModelShape:
        """Return the same numbers as the catalogue keeps them."""
        return ModelShape(
            parameters_b=self.parameters_b,
            active_parameters_b=self.active_parameters_b or self.parameters_b,
            layers=self.layers,
            hidden=self.hidden,
            intermediate=self.intermediate,
            heads=self.heads,
            kv_heads=self.kv_heads,
            head_dim=self.head_dim or self.hidden // self.heads,
            vocab=self.vocab,
            tied_embeddings=self.tied_embeddings,
            max_context_tokens=self.max_context_tokens,
            dtype=self.dtype,
        )


class ModelSpec(Group):
    """Which weights are served."""

    id: str
    """Hugging Face id, `owner/name`; also the name clients send as `model`. Must be given."""
    revision: str | None = None
    """Commit of the weights. Omitted: the newest of the branch `main`, whatever it is at the first start; refused
    in environment prod."""
    source: Literal["hub", "s3"] = "hub"
    """Where the weights are downloaded from. Omitted: hub, the Hugging Face Hub."""
    s3_uri: str | None = None
    """`s3://bucket/prefix/` of the weights. Omitted: the Hub has them; source s3 needs it, source hub refuses it."""
    token_secret: SecretReference | None = None
    """Secret that holds the Hugging Face token, by name or ARN. Omitted: no token, refused for a gated model."""
    max_context_tokens: Annotated[int, Field(ge=256)] | None = None
    """Longest prompt and answer together. Omitted: the longest that fits the chosen GPU, up to the model's own."""
    quantization: Literal["auto", "none", "awq", "gptq", "fp8"] = "auto"
    """How the weights are stored on the GPU; `fp8` on a 16-bit checkpoint converts it while loading. Omitted: auto, as
    the checkpoint is."""
    dtype: Literal["auto", "bfloat16", "float16"] = "auto"
    """Number format of activations. Omitted: auto, as the checkpoint is, float16 where the GPU has no bfloat16."""
    shape: ShapeSpec | None = None
    """Shape of the model. Omitted: the catalogue's, or that of `config`."""
    config: ConfigFile | None = None
    """Path of the model's `config.json`, relative to the spec file; says shape and quantization. Omitted: the
    catalogue's, refused for a model that neither the catalogue nor `shape` describes."""

    @field_validator("id")
    @classmethod
    def _is_owner_and_name(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", value):
            raise refusal("is not a model id", 'write owner/name, as "meta-llama/Llama-3.1-8B-Instruct"')
        return value

    @field_validator("revision")
    @classmethod
    def _is_a_revision(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,99}", value):
            raise refusal("is not a revision", f"write a commit of {_REVISION_LENGTH} hex digits, a tag or a branch")
        return value

    @model_validator(mode="after")
    def _source_has_its_place(self) -> Self:
        if self.source == "s3" and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/(.+/)?", self.s3_uri or ""):
            raise refusal(f"with source s3 needs s3_uri, got {self.s3_uri}", "set s3_uri to s3://bucket/prefix/")
        if self.source == "s3" and self.token_secret is not None:
            raise refusal("has token_secret, which source s3 does not use", "remove token_secret, or set source: hub")
        if self.source == "hub" and self.s3_uri is not None:
            raise refusal(f"has s3_uri {self.s3_uri} but source hub", "set source: s3, or remove s3_uri")
        return self

    @model_validator(mode="after")
    def _is_described_once(self) -> Self:
        if self.shape is not None and self.config is not None:
            raise refusal("has both shape and config", "keep config, which says more, or shape where you know better")
        return self

    @property
    def has_pinned_revision(self) -> bool:
        """True when the revision is a commit, which nobody can move."""
        return re.fullmatch(r"[0-9a-f]{40}", self.revision or "") is not None

    @property
    def is_gated(self) -> bool:
        """True when the Hugging Face Hub gives the weights only to who has accepted a licence."""
        if self.source == "s3":
            return False
        known = find_model(self.id)
        return self.shape.gated if self.shape else known is not None and known.gated
