"""What would RunPod refuse about an endpoint, or take and do something else with? Said before anything is made.

A value that is not known yet, as the id of a volume in a preview, is left for later.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from components.runpod.compute_check import compute_failures
from components.runpod.endpoint_fields import (
    FLASHBOOT,
    INPUTS,
    LOAD_BALANCER,
    MARKER,
    QUEUE,
    QUEUE_DELAY,
    REQUEST_COUNT,
    REQUIRED,
    WORKERS_FIELDS,
    has_idle_timeout,
)
from components.runpod.shape import is_number, is_texts, is_whole, unknown_fields
from components.runpod.values import known

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from components.runpod.shape import Failure

_LONGEST_IDLE_SECONDS = 3600
_LEAST_QUEUE_DELAY = 0.5
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def failures(inputs: Mapping[str, Any]) -> list[Failure]:
    """Return everything that is wrong with filled inputs."""
    return [
        *unknown_fields("", inputs, INPUTS),
        *((field, "must be given") for field in REQUIRED if field not in inputs),
        *_texts(inputs),
        *_numbers(inputs),
        *compute_failures(inputs),
        *_scaling(inputs),
        *_workers(inputs),
        *_environment(inputs.get("env")),
        *_exposed(inputs),
    ]


def _texts(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    for field in ("name", "image"):
        value = inputs.get(field, "-")
        if known(value) and not (isinstance(value, str) and value.strip()):
            yield field, "must be a text that is not empty"
    for field, allowed in (("type", (QUEUE, LOAD_BALANCER)), ("flashboot", FLASHBOOT)):
        value = inputs.get(field, allowed[0])
        if known(value) and value not in allowed:
            yield field, f"{value} is not known; use one of: {', '.join(allowed)}"
    for field in ("ports", "dataCenterIds", "networkVolumes"):
        value = inputs[field]
        if known(value) and not is_texts(value):
            yield field, "must be a list of texts"
    image = inputs.get("image")
    if isinstance(image, str) and _moves(image):
        yield (
            "image",
            f"{image} may mean another image tomorrow, and workers may keep the one of today; give a tag or a digest",
        )


def _moves(image: str) -> bool:
    """Tell whether what an image's name stands for changes over time."""
    if "@" in image:
        return False
    _, colon, tag = image.rpartition("/")[2].partition(":")
    return not colon or tag == "latest"


def _numbers(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    for field in ("disk", "timeout"):
        value = inputs.get(field, 1)
        if known(value) and not is_whole(value, 1):
            yield field, "must be a whole number of 1 or more"


def _scaling(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    scaling = inputs.get("scaling")
    if scaling is None or not known(scaling):
        return
    kind = scaling.get("type") if isinstance(scaling, dict) else None
    if kind not in (QUEUE_DELAY, REQUEST_COUNT):
        yield "scaling.type", f"{kind} is not known; use {QUEUE_DELAY} or {REQUEST_COUNT}"
        return
    value = "queueDelay" if kind == QUEUE_DELAY else "requestCount"
    yield from unknown_fields("scaling.", scaling, ("type", value))
    if kind == QUEUE_DELAY:
        delay = scaling.get(value)
        if delay is None or not is_number(delay) or delay < _LEAST_QUEUE_DELAY:
            yield "scaling.queueDelay", f"must be {_LEAST_QUEUE_DELAY} seconds or more"
        if inputs.get("type") == LOAD_BALANCER:
            yield "scaling.type", f"{QUEUE_DELAY} needs a queue; {LOAD_BALANCER} has {REQUEST_COUNT} alone"
    elif not is_whole(scaling.get(value), 1):
        yield "scaling.requestCount", "must be a whole number of 1 or more"


def _workers(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    workers = inputs.get("workers")
    if not isinstance(workers, dict):
        if known(workers):
            yield "workers", "must have fields"
        return
    yield from unknown_fields("workers.", workers, WORKERS_FIELDS)
    least, most = workers["min"], workers["max"]
    numbers = {field: workers[field] for field in ("min", "max") if known(workers[field])}
    wrong = [field for field, value in numbers.items() if not is_whole(value, 0)]
    for field in wrong:
        yield f"workers.{field}", "must be a whole number of 0 or more"
    if len(numbers) == len(("min", "max")) and not wrong and least > most:
        yield "workers.min", f"{least} is more than workers.max {most}"
    idle = workers.get("idleTimeout")
    if idle is None or not known([idle, inputs.get("scaling"), inputs.get("type")]):
        return
    if not has_idle_timeout(inputs):
        yield "workers.idleTimeout", f"is refused for {QUEUE} with {REQUEST_COUNT}; leave it out, or use {QUEUE_DELAY}"
    elif not is_whole(idle, 1) or idle > _LONGEST_IDLE_SECONDS:
        yield "workers.idleTimeout", f"must be 1 to {_LONGEST_IDLE_SECONDS} seconds"


def _exposed(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    """Yield each port of a load balancer's worker that nobody could reach: 502, and workers that are billed for it."""
    env, ports = inputs.get("env"), inputs["ports"]
    if inputs.get("type") != LOAD_BALANCER or not isinstance(env, dict) or not known([env, ports]):
        return
    given = {name: env[name] for name in ("PORT", "PORT_HEALTH") if name in env}
    if len(given) == 1:
        [name] = given
        yield f"env.{name}", "comes without the other; give PORT and PORT_HEALTH, or neither"
    for name, port in given.items():
        if f"{port}/http" not in ports:
            yield "ports", f"must have {port}/http, which env.{name} names"


def _environment(env: Any) -> Iterator[Failure]:
    if not isinstance(env, dict):
        if known(env):
            yield "env", "must have variables"
        return
    for name, value in env.items():
        if name == MARKER:
            yield f"env.{name}", "is the provider's own; choose another name"
        if not _VARIABLE.fullmatch(name):
            yield "env", f"{name!r} is no name of an environment variable"
        # The value is not shown: it may be a secret.
        if known(value) and not isinstance(value, str):
            yield f"env.{name}", "must be a text"
