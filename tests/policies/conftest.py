"""Run rules through the SDK's own servicer: the same proxies, numbers, unknowns and configuration as in production."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import proto
from pulumi_policy import EnforcementLevel
from pulumi_policy.policy import _PolicyAnalyzerServicer

from policies.pack import policies
from policies.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from policies.rule import AnyRule

TODAY = date(2026, 11, 21)
_LEVELS = {"advisory": proto.ADVISORY, "mandatory": proto.MANDATORY, "disabled": proto.DISABLED}
_SAID = {proto.MANDATORY: "mandatory", proto.ADVISORY: "advisory"}


class Pack:
    """The pack as the engine sees it, under one configuration file's content."""

    def __init__(self, config: Mapping[str, Any], rules: Sequence[AnyRule] = RULES) -> None:
        self._today = TODAY
        made = policies(rules, lambda: self._today)
        self._servicer = _PolicyAnalyzerServicer("berth", "0.1.0", made, EnforcementLevel.MANDATORY)
        request = proto.ConfigureAnalyzerRequest()
        for name, settings in config.items():
            values = {"enforcementLevel": settings} if isinstance(settings, str) else dict(settings)
            request.policyConfig[name].enforcementLevel = _LEVELS[values.pop("enforcementLevel", "mandatory")]
            request.policyConfig[name].properties.CopyFrom(struct(values))
        self._servicer.Configure(request, None)

    def resource(
        self,
        kind: str,
        props: Mapping[str, Any],
        *,
        urn: str | None = None,
        parent: str = "",
        ignored: Sequence[str] = (),
    ) -> list[str]:
        """Return what the resource rules say about one resource."""
        return self._said(self.answer(kind, props, urn=urn, parent=parent, ignored=ignored))

    def answer(
        self, kind: str, props: Mapping[str, Any], *, urn: str | None, parent: str = "", ignored: Sequence[str] = ()
    ) -> Any:
        """Return the servicer's whole response."""
        urn = urn or f"urn:pulumi:dev::berth::{kind}::chat"
        request = proto.AnalyzeRequest(
            type=kind,
            urn=urn,
            name=urn.rpartition("::")[2],
            properties=struct(props),
            options=proto.AnalyzerResourceOptions(parent=parent, ignoreChanges=ignored),
        )
        return self._servicer.Analyze(request, None)

    def stack(self, *resources: Mapping[str, Any]) -> list[str]:
        """Return what the stack rules say about resources given as a state has them."""
        request = proto.AnalyzeStackRequest()
        for one in resources:
            resource = request.resources.add(
                type=one["type"],
                urn=one["urn"],
                name=one["urn"].rpartition("::")[2],
                parent=one.get("parent", ""),
                properties=struct(one["inputs"]),
            )
            for prop, urns in one.get("propertyDependencies", {}).items():
                resource.propertyDependencies[prop].urns.extend(urns)
        return self._said(self._servicer.AnalyzeStack(request, None))

    @staticmethod
    def _said(response: Any) -> list[str]:
        return [
            f"{_SAID[one.enforcementLevel]} {one.policyName}: {one.message.partition(chr(10))[2] or one.message}"
            for one in response.diagnostics
        ]


def struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(values), struct_pb2.Struct())


@pytest.fixture
def pack() -> Callable[..., Pack]:
    """Return a pack under a configuration."""
    return Pack
