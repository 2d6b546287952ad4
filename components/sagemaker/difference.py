"""Which inputs of an endpoint changed, and which of those mean another endpoint?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.sagemaker.wanted import whole

if TYPE_CHECKING:
    from collections.abc import Mapping

INPUTS = (
    "region",
    "accountId",
    "assumeRoleArn",
    "profile",
    "tags",
    "endpointName",
    "variantName",
    "power",
    "keeperManaged",
    "configurations",
    "minReplicas",
    "maxReplicas",
    "scaling",
    "deployment",
    "readyTimeoutSeconds",
)
IDENTITY = ("region", "accountId", "endpointName")
"""A change of one of these is another endpoint; everything else happens in place."""
FIRST = ("startsAwake",)
"""Read when the endpoint is made, and no more: it follows the clock, which is no change."""


def changed(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """Return the names of the inputs that differ; a value that is not known yet does.

    >>> changed({"tags": {"a": "1", "b": "2"}, "minReplicas": 1.0}, {"tags": {"b": "2", "a": "1"}, "minReplicas": 2})
    ['minReplicas']
    """
    # Compared as it travels: numbers as floats, and no difference between nothing and empty.
    return [name for name in INPUTS if _plain(olds.get(name)) != _plain(news.get(name))]


def _plain(value: Any) -> Any:
    return _without_nothing(whole(value)) or None


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nothing(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nothing(item) for item in value]
    return value
