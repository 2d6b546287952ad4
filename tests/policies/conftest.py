"""Run rules through the SDK's own servicer: the same proxies, numbers, unknowns and configuration as in production."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import proto
from pulumi.runtime.rpc import UNKNOWN
from pulumi_policy import EnforcementLevel
from pulumi_policy.policy import _PolicyAnalyzerServicer

from policies import cost, network

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CONFIG = Path(__file__).parents[2] / "policies" / "config"
_LEVELS = {"advisory": proto.ADVISORY, "mandatory": proto.MANDATORY, "disabled": proto.DISABLED}


class Pack:
    """The pack as the engine sees it, under the configuration of one stack."""

    def __init__(self, stack: str, policies: Sequence[Any] | None = None) -> None:
        rules = [*cost.POLICIES, *network.POLICIES] if policies is None else list(policies)
        self._servicer = _PolicyAnalyzerServicer("berth", "0.1.0", rules, EnforcementLevel.MANDATORY)
        request = proto.ConfigureAnalyzerRequest()
        for name, settings in json.loads((CONFIG / f"{stack}.json").read_text()).items():
            values = {"enforcementLevel": settings} if isinstance(settings, str) else dict(settings)
            request.policyConfig[name].enforcementLevel = _LEVELS[values.pop("enforcementLevel")]
            request.policyConfig[name].properties.CopyFrom(_struct(values))
        self._servicer.Configure(request, None)

    def resource(self, kind: str, props: Mapping[str, Any], name: str = "chat") -> list[str]:
        """Return what the resource rules say about one resource."""
        request = proto.AnalyzeRequest(type=kind, urn=f"urn::{name}", name=name, properties=_struct(props))
        return self._said(self._servicer.Analyze(request, None))

    def stack(self, *resources: tuple[str, str, Mapping[str, Any], Mapping[str, str]]) -> list[str]:
        """Return what the stack rules say about resources given as (type, name, props, dependency by property)."""
        request = proto.AnalyzeStackRequest()
        for kind, name, props, depends_on in resources:
            resource = request.resources.add(type=kind, urn=f"urn::{name}", name=name, properties=_struct(props))
            for prop, dependency in depends_on.items():
                resource.propertyDependencies[prop].urns.append(f"urn::{dependency}")
        return self._said(self._servicer.AnalyzeStack(request, None))

    @staticmethod
    def _said(response: Any) -> list[str]:
        levels = {proto.MANDATORY: "mandatory", proto.ADVISORY: "advisory"}
        return [
            f"{levels[one.enforcementLevel]} {one.policyName}: {one.message.partition(chr(10))[2] or one.message}"
            for one in response.diagnostics
        ]


def _struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(values), struct_pb2.Struct())


@pytest.fixture
def pack() -> Callable[..., Pack]:
    """Return the pack of a stack."""
    return Pack


@pytest.fixture
def unknown() -> str:
    """What stands for a value that preview does not know."""
    return UNKNOWN
