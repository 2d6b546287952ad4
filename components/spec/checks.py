"""What must be true between groups of a spec, and between the spec and the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.models import find_model, models, quantization_of_id
from components.errors import Problem, nearest
from components.spec.problems import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from components.catalogue.models import Quantization
    from components.spec.gateway import GatewaySpec
    from components.spec.idle import IdleSpec
    from components.spec.model import ModelSpec
    from components.spec.network import NetworkSpec
    from components.spec.schedule import ScheduleSpec
    from components.spec.traffic import LoadSpec

SHAPE_EXAMPLE = (
    "name its config.json, as config: acme-8b.config.json, or describe it, as an 8B Llama would be: "
    "shape: {parameters_b: 8.0, layers: 32, hidden: 4096, "
    "intermediate: 14336, heads: 32, kv_heads: 8, vocab: 128256, max_context_tokens: 131072}"
)


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of a spec that were valid by themselves; None for one that was not, or was left out."""

    environment: str
    model: ModelSpec | None
    load: LoadSpec | None
    gateway: GatewaySpec | None
    network: NetworkSpec | None
    has_runpod_token: bool = False
    """Whether the token is named where RunPod reads it; a target that reads the other field asks for that one."""
    schedule: ScheduleSpec | None = None
    idle: IdleSpec | None = None


def check(groups: Groups, place: Callable[[str], str]) -> list[Problem]:
    """Return every problem that needs more than one group, or the catalogue, to be seen."""
    return [
        *(_check_model(groups.model, groups, place) if groups.model else ()),
        *(_check_load(groups.load, groups.model, place) if groups.load and groups.model else ()),
        *_check_public(groups.network, groups.gateway, place),
        *_check_wake(groups.schedule, groups.idle, place),
    ]


def _check_model(model: ModelSpec, groups: Groups, place: Callable[[str], str]) -> Iterator[Problem]:
    known = find_model(model.id)
    if known is None and model.shape is None and model.config is None:
        near = nearest(model.id, models())
        fix = f"did you mean {near}? otherwise {SHAPE_EXAMPLE}" if near else SHAPE_EXAMPLE
        yield Problem(place("model.id"), model.id, "is not in the catalogue", fix)
    if model.is_gated and model.token_secret is None and not groups.has_runpod_token:
        yield Problem(
            place("model.token_secret"),
            "",
            f"is missing: {model.id} is gated",
            "store a Hugging Face token that has accepted the licence in Secrets Manager and write the secret's name",
        )
    if groups.environment == "prod" and not model.has_pinned_revision:
        yield Problem(
            place("model.revision"),
            shown(model.revision) if model.revision else "",
            ("is not" if model.revision else "is missing:")
            + " a commit of 40 hex digits, which environment prod asks for",
            f"copy it from https://huggingface.co/{model.id}/commits/main"
            if model.source == "hub"
            else "write a sha1 of your own for each upload: it names the folder in the weight cache",
        )
    longest = _longest_context(model)
    if longest is not None and model.max_context_tokens is not None and model.max_context_tokens > longest:
        yield Problem(
            place("model.max_context_tokens"),
            str(model.max_context_tokens),
            f"is more than the {longest} tokens of {model.id}",
            f"use {longest} or less",
        )
    yield from _check_quantization(model, place)


def _check_quantization(model: ModelSpec, place: Callable[[str], str]) -> Iterator[Problem]:
    declared = model.quantization
    if model.config is not None:
        stored = model.config.described.quantization
        named = quantization_of_id(model.id)[1]
        if named not in (stored, "none"):
            yield Problem(
                place("model.config"),
                str(model.config),
                f"is the config.json of {_held(stored)} weights, and the id says {named}",
                f"name the config.json of {model.id}, or correct the id",
            )
    elif model.source == "s3" or (model.shape is not None and declared != "none"):
        return
    else:
        known = find_model(model.id)
        stored = known.quantization if known else quantization_of_id(model.id)[1]
    if declared == "auto":
        return
    if declared in (stored, "fp8" if stored == "none" else stored):
        return
    fix = (
        "remove the field or set auto" if stored != "none" else f"serve a checkpoint made with {declared}, or set auto"
    )
    text = f"does not match the {_held(stored)} checkpoint {model.id}"
    yield Problem(place("model.quantization"), declared, text, fix)


def _held(stored: Quantization) -> str:
    return "16-bit" if stored == "none" else stored


def _check_load(load: LoadSpec, model: ModelSpec, place: Callable[[str], str]) -> Iterator[Problem]:
    longest = _longest_context(model)
    limits = [(model.max_context_tokens, "model.max_context_tokens {}"), (longest, f"the {{}} of {model.id}")]
    for limit, text in limits:
        if limit is not None and load.tokens_per_request > limit:
            raise_it = f"raise max_context_tokens to {load.tokens_per_request} or more, or " if limit != longest else ""
            yield Problem(
                place("load.input_tokens"),
                str(load.input_tokens),
                f"and output_tokens {load.output_tokens} are more than {text.format(limit)}",
                f"{raise_it}correct the load",
            )
            return


def _longest_context(model: ModelSpec) -> int | None:
    """Return the model's own limit, None for a model that nobody described."""
    if model.shape is not None:
        return model.shape.max_context_tokens
    if model.config is not None:
        return model.config.described.shape.max_context_tokens
    known = find_model(model.id)
    return known.shape.max_context_tokens if known else None


def _check_public(
    network: NetworkSpec | None, gateway: GatewaySpec | None, place: Callable[[str], str]
) -> Iterator[Problem]:
    if network and gateway and network.exposure == "public" and gateway.keys_secret is None:
        yield Problem(
            place("gateway.keys_secret"),
            "",
            "is missing: the service is public, so anyone could use its GPUs",
            "store the clients' keys in Secrets Manager and write the secret's name, or set network.exposure: internal",
        )


def _check_wake(schedule: ScheduleSpec | None, idle: IdleSpec | None, place: Callable[[str], str]) -> Iterator[Problem]:
    if schedule is not None and schedule.wake == "any_time" and idle is None:
        yield Problem(
            place("schedule.wake"),
            schedule.wake,
            "needs group idle: what a request wakes outside the hours, nothing would stop",
            "add idle: {after: 30m}, or use within_hours",
        )
