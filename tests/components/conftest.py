"""One recorder for all component tests: run a program to its end, then look at plain data."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
import pulumi
import pytest
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks

from components.network import Network
from components.service import ModelService
from components.tags import Tags
from tests.components.example_plan import example_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from components.plan.model import Plan

ACCOUNT = "123456789012"
REGION = "us-east-1"
ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]


@dataclass(frozen=True)
class Made:
    """One registration, as the engine would have received it."""

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Any]
    parent: str
    dependencies: frozenset[str]
    protect: bool
    ignore_changes: tuple[str, ...]
    delete_before_replace: bool
    delete_timeout: str


@dataclass
class Recorded:
    """Everything that a program registered, asked and logged."""

    resources: list[Made] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    result: Any = None

    def of(self, kind: str, name: str) -> Made:
        """Return the one resource whose type ends with `kind` and that has this logical name."""
        found = [made for made in self.resources if made.type.endswith(f":{kind}") and made.name == name]
        assert len(found) == 1, f"{len(found)} of {kind} {name}"
        return found[0]

    def names(self) -> list[tuple[str, str]]:
        """Return type and logical name of each resource, sorted."""
        return sorted((made.type, made.name) for made in self.resources)


class LookUpError(grpc.RpcError):
    """What the engine answers when a provider's function fails."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return str(self)


class Account(Mocks):
    """A test double of an AWS account: what look-ups answer, and which outputs resources have."""

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        self.secrets = {
            name: f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf"
            for name in ("huggingface/token", "berth/client-keys")
        }
        self.secret_key = ""
        self.subnet_zones = {"subnet-a": ZONES[0], "subnet-b": ZONES[1], "subnet-b2": ZONES[1]}
        self.zones = ZONES
        self.offered = [ZONES[2], ZONES[1]]
        self.dns_hostnames = True

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[Any]]:
        self._recorded.calls.append((args.token, args.args))
        return getattr(self, f"_{args.token.rpartition(':')[2]}")(args.args), []

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        short = args.typ.rpartition(":")[2].lower()
        outputs = {
            "name": f"{args.name}-1a2b3c4",
            "arn": f"arn:aws:{short}:{REGION}:{ACCOUNT}:{args.name}",
            "arnSuffix": f"app/{args.name}/50dc6c495c0c9188",
            "dnsName": f"{args.name}.elb.amazonaws.com",
            "latestVersion": 1,
        }
        return f"{args.name}-{short}-id", {**outputs, **args.inputs}

    def _getCallerIdentity(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:user/test", "id": ACCOUNT, "userId": "x"}

    def _getSecret(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        reference = args.get("name") or args.get("arn")
        arn = self.secrets.get(reference) or (reference if reference in self.secrets.values() else None)
        if arn is None:
            raise LookUpError(f"couldn't find resource: secret {reference}\nmore of the provider's text")
        return {"arn": arn, "kmsKeyId": self.secret_key, "name": reference, "id": arn}

    def _getParameter(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"value": "ami-0123456789abcdef0", "name": args["name"]}

    def _getAvailabilityZones(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"names": self.zones}

    def _getInstanceTypeOfferings(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"locations": self.offered}

    def _getVpc(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {
            "id": args["id"],
            "cidrBlock": "172.16.0.0/16",
            "enableDnsSupport": True,
            "enableDnsHostnames": self.dns_hostnames,
        }

    def _getSubnet(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if args["id"] not in self.subnet_zones:
            raise LookUpError(f"no matching EC2 Subnet found: {args['id']}\nmore of the provider's text")
        return {"id": args["id"], "vpcId": "vpc-1", "availabilityZone": self.subnet_zones[args["id"]]}


class RecordingMonitor(MockMonitor):
    """The SDK's mock monitor, which also keeps what mocks are not told: parents, dependencies, options."""

    def __init__(self, mocks: Mocks, recorded: Recorded) -> None:
        super().__init__(mocks)
        self._recorded = recorded

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        response = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            assert response.urn not in {made.urn for made in self._recorded.resources}, f"twice: {response.urn}"
            self._recorded.resources.append(
                Made(
                    urn=response.urn,
                    type=request.type,
                    name=request.name,
                    inputs=pulumi.runtime.rpc.deserialize_properties(request.object),
                    parent=request.parent,
                    dependencies=frozenset(request.dependencies),
                    protect=request.protect,
                    ignore_changes=tuple(request.ignoreChanges),
                    delete_before_replace=request.deleteBeforeReplace,
                    delete_timeout=request.customTimeouts.delete,
                )
            )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        self._recorded.outputs[request.urn] = pulumi.runtime.rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)


@pytest.fixture
def recorded() -> Recorded:
    """What the program of this test did."""
    return Recorded()


@pytest.fixture
def account(recorded: Recorded) -> Account:
    """The AWS account of this test; change it before `run`."""
    return Account(recorded)


def _run(program: Callable[[], Any], account: Account, recorded: Recorded, stack: str) -> Recorded:
    pulumi.runtime.set_mocks(account, project="berth", stack=stack, monitor=RecordingMonitor(account, recorded))

    def awaited() -> pulumi.Output[Any]:
        return pulumi.Output.from_input(program()).apply(lambda result: setattr(recorded, "result", result))

    with warnings.catch_warnings():
        # pulumi_aws announces its own deprecated classes whenever a submodule is imported.
        warnings.filterwarnings("ignore", message=r"aws\.", category=DeprecationWarning)
        pulumi.runtime.test(awaited)()
    return recorded


@pytest.fixture
def run(recorded: Recorded, account: Account) -> Callable[..., Recorded]:
    """Run a program to its end, all its outputs awaited, and return the record."""
    return lambda program, stack="dev": _run(program, account, recorded, stack)


def _program(plans: tuple[Plan, ...]) -> dict[str, Any]:
    """Deploy plans as one stack does: a network for those that bring none, and a ModelService each."""
    alone = [plan for plan in plans if plan.network.vpc_id is None]
    tags = Tags.checked({}, stack=plans[0].stack, environment="dev")
    network = Network("network", plans=alone, tags=tags) if alone else None
    return {
        plan.service: ModelService(
            plan.service,
            spec={"name": plan.service, "environment": plan.environment},
            plan=plan,
            network=None if plan.network.vpc_id else network,
        ).outputs
        for plan in plans
    }


@pytest.fixture
def plan_of() -> Callable[..., Plan]:
    """Make the plan of a service; keywords replace fields of it."""
    return example_plan


@pytest.fixture
def render(run: Callable[..., Recorded]) -> Callable[..., Recorded]:
    """Deploy plans as one stack."""
    return lambda *plans: run(lambda: _program(plans), stack=plans[0].stack)


@pytest.fixture(scope="session")
def chat() -> Recorded:
    """Return what the deployment of the unchanged plan registers; made once, since nobody changes it."""
    recorded = Recorded()
    return _run(lambda: _program((example_plan(),)), Account(recorded), recorded, "dev")
