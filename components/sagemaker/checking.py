"""Which inputs can no endpoint have?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from components.sagemaker.scaling import METRICS
from components.sagemaker.wanted import IDENTITY_TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_MOST_TAGS = 50


def failures(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield property and reason of everything that is wrong; values that are not known yet are passed over."""
    for name in ("endpointName", "variantName"):
        value = inputs.get(name)
        if isinstance(value, str) and not NAME.fullmatch(value):
            yield name, f"{value!r} is not a name in SageMaker: 1 to 63 letters, digits and single dashes"
    if inputs.get("power") not in ("on", "off"):
        yield "power", f"{inputs.get('power')!r} is neither on nor off"
    if inputs.get("configurations") == []:
        yield "configurations", "is empty: an endpoint needs at least one configuration"
    least, most = inputs.get("minReplicas"), inputs.get("maxReplicas")
    if isinstance(least, int) and isinstance(most, int):
        if least < 1 and inputs.get("power") == "on":
            yield "minReplicas", f"{least} is less than 1, and an endpoint in service has an instance; park it instead"
        if most < least:
            yield "maxReplicas", f"{most} is less than minReplicas {least}"
    scaling = inputs.get("scaling")
    if isinstance(scaling, dict) and scaling.get("metric") not in METRICS:
        yield "scaling", f"{scaling.get('metric')!r} is not a metric of an endpoint; use one of {', '.join(METRICS)}"
    yield from _tag_failures(inputs.get("tags"))


def _tag_failures(tags: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(tags, dict):
        return
    if len(tags) > _MOST_TAGS:
        yield "tags", f"are {len(tags)}, SageMaker takes {_MOST_TAGS}: remove some of the spec's, or of aws:defaultTags"
    if missing := [key for key in IDENTITY_TAGS if key not in tags]:
        yield "tags", f"lack {', '.join(missing)}, by which the endpoint is known to be this stack's"
