"""What endpoint tests have in common: an account that takes its time, and a provider that works on it."""

from __future__ import annotations

from typing import Any

from components.sagemaker.clients import Clients
from components.sagemaker.clock import Clock
from components.sagemaker.difference import FIRST
from components.sagemaker.endpoint import EndpointProvider
from components.sagemaker.wanted import Access
from tests.components.sagemaker_api import ACCOUNT, REGION, FakeAws, FakeEndpoint, Time

NAME = "dev-chat"
RESOURCE = f"endpoint/{NAME}/variant/AllTraffic"
ALARM = "dev-chat-errors"
TAGS = {"managed-by": "berth", "stack": "dev", "service": "chat", "environment": "dev", "Name": "dev/chat-endpoint"}
L4 = {"endpointConfigName": "chat-config-l4-1", "instanceType": "ml.g6.2xlarge", "accelerator": "L4"}
A10G = {"endpointConfigName": "chat-config-a10g-1", "instanceType": "ml.g5.2xlarge", "accelerator": "A10G"}
L4_NEW = {**L4, "endpointConfigName": "chat-config-l4-2"}
A10G_NEW = {**A10G, "endpointConfigName": "chat-config-a10g-2"}
SCALING = {
    "metric": "concurrency",
    "target": 8,
    "scaleOutCooldownSeconds": 300,
    "scaleInCooldownSeconds": 600,
}
INPUTS: dict[str, Any] = {
    "region": REGION,
    "accountId": ACCOUNT,
    "tags": TAGS,
    "endpointName": NAME,
    "variantName": "AllTraffic",
    "power": "on",
    "keeperManaged": False,
    "configurations": [L4, A10G],
    "minReplicas": 1,
    "maxReplicas": 3,
    "scaling": SCALING,
    "deployment": {
        "policy": "blue_green",
        "terminationWaitSeconds": 120,
        "maximumExecutionTimeoutSeconds": 3600,
        "rollbackAlarmNames": [ALARM],
    },
    "readyTimeoutSeconds": 3000,
}


def as_sent(value: Any) -> Any:
    """Return a value as Pulumi sends it: all numbers are floats, and what is None is left out."""
    if isinstance(value, dict):
        return {key: as_sent(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [as_sent(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Provider(EndpointProvider):
    """The provider on an account of its own; `said` is what the user was told."""

    def __init__(self, aws: FakeAws) -> None:
        super().__init__()
        self.aws, self.said = aws, []
        self.asked_as: list[Access] = []

    def connect(self, access: Access) -> Clients:
        self.asked_as.append(access)
        return self.aws.clients()

    def clock(self) -> Clock:
        return self.aws.time.clock

    def say(self, line: str) -> None:
        self.said.append(line)


class Stack:
    """One Endpoint in a stack's state, worked on as the engine does: what is in the state is what was returned."""

    def __init__(self) -> None:
        self.aws = FakeAws(Time())
        self.aws.alarms[ALARM] = "OK"
        for one in (L4, A10G, L4_NEW, A10G_NEW):
            self.aws.add_config(one["endpointConfigName"], one["instanceType"])
        self.provider = Provider(self.aws)
        self.state: dict[str, Any] | None = None

    @property
    def said(self) -> list[str]:
        return self.provider.said

    @property
    def endpoint(self) -> FakeEndpoint:
        return self.aws.endpoints[NAME]

    def up(self, **changes: Any) -> list[str]:
        """Deploy inputs; the inputs that were seen as changed, None of them when nothing was in the state."""
        inputs = self.provider.check({}, as_sent({**INPUTS, **changes}))
        assert inputs.failures == []
        news = as_sent(inputs.inputs)
        if self.state is None:
            result = self.provider.create(news)
            assert result.id == NAME
            self.state = as_sent(result.outs)
            return []
        difference = self.provider.diff(NAME, self.state, news)
        assert difference.replaces == []
        if difference.changes:
            self.state = as_sent(self.provider.update(NAME, self.state, news).outs)
        return [key for key in INPUTS if self.state.get(key) != news.get(key)]

    def changes(self, **changes: Any) -> bool:
        """Whether a deployment of these inputs would do anything."""
        assert self.state is not None
        return bool(self.provider.diff(NAME, self.state, as_sent({**INPUTS, **changes})).changes)

    def refresh(self) -> None:
        assert self.state is not None
        read = self.provider.read(NAME, self.state)
        self.state = as_sent(read.outs) if read.id else None

    def destroy(self) -> None:
        assert self.state is not None
        self.provider.delete(NAME, self.state)
        self.state = None

    def forget_calls(self) -> None:
        self.aws.calls.clear()
        self.said.clear()

    def outputs(self) -> dict[str, Any]:
        assert self.state is not None
        return {key: value for key, value in self.state.items() if key not in INPUTS and key not in FIRST}
