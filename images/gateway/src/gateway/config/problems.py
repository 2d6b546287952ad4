"""How is a wrong setting reported? Its place, what it is (never a secret), and what to set it to."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gateway.config.settings import GatewayConfig
from gateway.config.upstreams import KINDS, OpenAiConfig, RunPodConfig, SageMakerConfig

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

Place = tuple[str | int, ...]

# The settings that a task definition can give one by one.
VARIABLES: dict[str, Place] = {
    "BERTH_STACK": ("stack",),
    "BERTH_SERVICE": ("service",),
    "BERTH_UPSTREAM_URL": ("upstreams", 0, "url"),
    "BERTH_MODEL_NAME": ("model_name",),
    "BERTH_MAX_REQUEST_SECONDS": ("max_request_seconds",),
    "BERTH_DRAIN_SECONDS": ("drain_seconds",),
    "BERTH_PORT": ("port",),
    "BERTH_METRICS_NAMESPACE": ("metrics_namespace",),
    "BERTH_LOG_PROMPTS": ("log_prompts",),
    "BERTH_MAX_BODY_BYTES": ("limits", "max_body_bytes"),
    "BERTH_CLIENT_KEYS": ("client_keys",),
    "BERTH_CLIENT_KEYS_FILE": ("keys", "file"),
    "BERTH_CLIENT_KEYS_SECRET": ("keys", "secret"),
    "BERTH_USD_PER_HOUR": ("upstreams", 0, "price", "usd_per_hour"),
    "BERTH_BUDGET_TABLE": ("budget", "table"),
}
NAMES = {place: name for name, place in VARIABLES.items()} | {("upstreams",): "BERTH_UPSTREAM_URL"}
UPSTREAM_KINDS: dict[str, type[BaseModel]] = {
    "openai": OpenAiConfig,
    "sagemaker": SageMakerConfig,
    "runpod": RunPodConfig,
}
MAY_HOLD_SECRETS = {"client_keys", "key", "headers"}
QUOTED_CHARACTERS = 80
# Behind "upstreams" and the number of one.
KIND_AT = 2


def lines(error: ValidationError, from_environment: Collection[str], source: str) -> list[str]:
    """One line for each problem, in the order of the settings."""
    found: dict[str, None] = {}
    errors = error.errors(include_url=False)
    for details in errors:
        if details["type"] == "too_short" and any(_below(other["loc"], details["loc"]) for other in errors):
            continue  # it is short only because its parts are wrong
        for line in _lines(details, from_environment, source):
            found[line] = None
    return list(found)


def _lines(details: ErrorDetails, from_environment: Collection[str], source: str) -> list[str]:
    kind = details["type"]
    if kind == "problems":
        return [_in(source, line) for line in details["msg"].splitlines()]
    place = tuple(part for number, part in enumerate(details["loc"]) if not _is_tag(details["loc"], number))
    name = NAMES.get(place)
    by_variable = name is not None and (name in from_environment or kind == "missing")
    return [f"{name if by_variable else _in(source, _dotted(place))}{_wrong(kind, details, place)}"]


def named(problem: str, from_environment: Collection[str], source: str) -> str:
    """A problem that begins with its setting's place, under the name that the operator gave it."""
    place, colon, rest = problem.partition(": ")
    names = {_dotted(path): name for path, name in NAMES.items() if name in from_environment}
    return f"{names[place]}{colon}{rest}" if place in names else _in(source, problem)


def _wrong(kind: str, details: ErrorDetails, place: Place) -> str:
    if kind in {"problem", "choice"}:
        return f": {details['msg']}"
    if kind == "extra_forbidden":
        return f": unknown; {_did_you_mean(str(place[-1]), _siblings(details['loc']))}"
    if kind == "missing":
        return f": not set; set it to {_allowed(place)}"
    if kind == "union_tag_invalid":
        given = details["input"].get("kind") if isinstance(details["input"], dict) else None
        return f".kind: {given!r} is not allowed; set it to {' or '.join(KINDS)}"
    value = "the value" if MAY_HOLD_SECRETS & set(place) else _quoted(details["input"])
    return f": {value} is not allowed; set it to {_allowed(place)}"


def _below(place: Place, above: Place) -> bool:
    return len(place) > len(above) and place[: len(above)] == above


def _quoted(value: object) -> str:
    if isinstance(value, dict | list) and value:
        return "the value"  # there may be a secret in it
    shown = repr(value)
    return shown if len(shown) <= QUOTED_CHARACTERS else shown[:QUOTED_CHARACTERS] + "..."


def _is_tag(place: Place, number: int) -> bool:
    # pydantic puts the tag of a union behind the index.
    return number == KIND_AT and place[0] == "upstreams" and place[number] in KINDS


def _dotted(place: Place) -> str:
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _in(source: str, line: str) -> str:
    return f"{source}: {line}" if source else line


def _allowed(place: Place) -> str:
    field = _field(place)
    extra: Any = field.json_schema_extra if field else None
    if not isinstance(extra, dict) and field:
        extra = next(
            (part.json_schema_extra for part in _infos(field.annotation, field) if part.json_schema_extra), None
        )
    if isinstance(extra, dict):
        return str(extra["allowed"])
    return "what the documentation of this setting says"


def _infos(annotation: Any, field: FieldInfo) -> list[FieldInfo]:
    found = [part for part in field.metadata if isinstance(part, FieldInfo)]
    for part in get_args(annotation):
        found += [part] if isinstance(part, FieldInfo) else _infos(part, FieldInfo())
    return found


def _field(place: Place) -> FieldInfo | None:
    """The innermost declared field on the way to `place`."""
    models: list[type[BaseModel]] = [GatewayConfig]
    field: FieldInfo | None = None
    for part in place:
        if isinstance(part, int):
            continue
        known = next((model.model_fields[part] for model in models if part in model.model_fields), None)
        if known is None:
            break
        field, models = known, _models_in(known.annotation)
    return field


def _siblings(place: Place) -> list[str]:
    above = place[:-1]
    if len(above) == KIND_AT + 1 and _is_tag(above, KIND_AT):
        models = [UPSTREAM_KINDS[str(above[KIND_AT])]]
    else:
        models = _models_at(above)
    return [name for model in models for name in model.model_fields]


def _models_at(place: Place) -> list[type[BaseModel]]:
    field = _field(tuple(part for number, part in enumerate(place) if not _is_tag(place, number)))
    return _models_in(field.annotation) if field else [GatewayConfig]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _did_you_mean(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else f"use one of: {', '.join(sorted(set(known)))}"
