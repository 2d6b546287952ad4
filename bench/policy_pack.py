"""How long do the rules take for a stack of 500 resources, asked as the engine asks them?"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import proto
from pulumi_policy import EnforcementLevel
from pulumi_policy.policy import _PolicyAnalyzerServicer

from components.plan import UNBUILT, make_plan
from components.plan.registered import registered
from components.spec import load_spec
from policies.pack import policies
from policies.rules import RULES
from policies.settings import CONFIG, LEVEL

ROOT = Path(__file__).resolve().parents[1]
COUNT = 500
_SERVICES = 20
_LEVELS = {"advisory": proto.ADVISORY, "mandatory": proto.MANDATORY, "disabled": proto.DISABLED}
_TAGS = {"stack": "prod", "environment": "prod", "managed-by": "berth", "service": "chat", "owner": "ml", "Name": "x"}
_CONTAINER = {"name": "vllm", "image": "vllm:1", "environment": [{"name": f"V{i}", "value": "x"} for i in range(12)]}
_STATEMENT = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::weights/*"]}
_CHILDREN: dict[str, dict[str, Any]] = {
    "aws:cloudwatch/logGroup:LogGroup": {"retentionInDays": 30, "tags": _TAGS},
    "aws:ec2/securityGroup:SecurityGroup": {"description": "x", "tags": _TAGS},
    "aws:ecs/taskDefinition:TaskDefinition": {"containerDefinitions": json.dumps([_CONTAINER] * 3), "tags": _TAGS},
    "aws:iam/role:Role": {"assumeRolePolicy": json.dumps({"Statement": [_STATEMENT]}), "tags": _TAGS},
    "aws:iam/rolePolicy:RolePolicy": {"policy": json.dumps({"Statement": [_STATEMENT] * 4})},
    "aws:lb/listener:Listener": {"protocol": "HTTPS", "sslPolicy": "x", "defaultActions": [{"type": "forward"}]},
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"cidrIpv4": "10.0.0.0/8", "fromPort": 80},
    "aws:ec2/subnet:Subnet": {"cidrBlock": "10.0.0.0/20", "tags": _TAGS},
}


def measure() -> dict[str, float]:
    """Return the seconds of the processor for all resources one by one, and for the stack."""
    servicer, requests = _servicer(), _requests()
    start = time.process_time()
    for request in requests:
        servicer.Analyze(request, None)
    single = time.process_time() - start
    stack = proto.AnalyzeStackRequest()
    for one in requests:
        stack.resources.add(type=one.type, urn=one.urn, name=one.name, properties=one.properties)
    start = time.process_time()
    servicer.AnalyzeStack(stack, None)
    return {"resources_seconds": round(single, 3), "stack_seconds": round(time.process_time() - start, 3)}


def _requests() -> list[Any]:
    spec = load_spec(ROOT / "stacks/services/llama-3-1-8b.yaml")
    today = datetime.now(UTC).date()
    plan = make_plan(spec, target="ecs", stack="prod", region="us-east-1", images=UNBUILT, today=today)
    service = registered(spec.model_dump(mode="json"), plan)
    found = [("berth:index:ModelService", service)] * _SERVICES
    found += [list(_CHILDREN.items())[index % len(_CHILDREN)] for index in range(COUNT - _SERVICES)]
    return [
        proto.AnalyzeRequest(
            type=kind,
            urn=f"urn:pulumi:prod::berth::{kind}::part-{index}",
            name=f"part-{index}",
            properties=_struct(props),
            options=proto.AnalyzerResourceOptions(),
        )
        for index, (kind, props) in enumerate(found)
    ]


def _servicer() -> Any:
    today = datetime.now(UTC).date()
    made = policies(RULES, lambda: today)
    servicer = _PolicyAnalyzerServicer("berth", "0.1.0", made, EnforcementLevel.MANDATORY)
    request = proto.ConfigureAnalyzerRequest()
    for name, given in json.loads((CONFIG / "prod.json").read_text()).items():
        values = {LEVEL: given} if isinstance(given, str) else dict(given)
        request.policyConfig[name].enforcementLevel = _LEVELS[values.pop(LEVEL)]
        request.policyConfig[name].properties.CopyFrom(_struct(values))
    servicer.Configure(request, None)
    return servicer


def _struct(values: dict[str, Any]) -> Any:
    return json_format.ParseDict(json.loads(json.dumps(values)), struct_pb2.Struct())


def main() -> int:
    """Print the figures."""
    print(json.dumps(measure()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
