"""A plan on SageMaker with known numbers, and an account that answers for an Endpoint."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from components.plan.model import EnginePlan, NetworkPlan, Plan
from components.plan.sagemaker.values import SagemakerAlternative, SagemakerPlan
from tests.components.conftest import ACCOUNT, REGION, Account
from tests.components.example_plan import example_plan

if TYPE_CHECKING:
    from pulumi.runtime.mocks import MockResourceArgs

IMAGE = (
    "763104351884.dkr.ecr.us-east-1.amazonaws.com/huggingface-pytorch-tgi-inference:"
    "2.7.0-tgi3.3.6-gpu-py311-cu124-ubuntu22.04"
)
TGI_AMI = "al2-ami-sagemaker-inference-gpu-3-1"
VLLM_AMI = "al2023-ami-sagemaker-inference-gpu-4-1"
WEIGHTS = "s3://acme-weights/llama-3-1-8b/"


def sagemaker_plan(service: str = "chat", stack: str = "dev", **changes: Any) -> Plan:
    """Return the plan of an 8B model on an L4, or else on an A10G, from S3; keywords replace its fields."""
    plan = example_plan(service=service, stack=stack)
    l4 = replace(plan.hardware, instance_type="ml.g6.2xlarge")
    a10g = replace(l4, accelerator="A10G", gpu="A10G", instance_type="ml.g5.2xlarge", usd_per_hour=1.515)
    values: dict[str, Any] = {
        "target": "sagemaker",
        "model": replace(plan.model, source="s3", s3_uri=WEIGHTS, token_secret=None),
        "engine": EnginePlan(
            kind="tgi", version="3.3.6", image=IMAGE, arguments=(), environment={"HF_MODEL_ID": "/opt/ml/model"}
        ),
        "hardware": l4,
        "fallbacks": (a10g,),
        "network": None,
        "gateway": None,
        "ecs": None,
        "sagemaker": SagemakerPlan(
            endpoint_name=f"{stack}-{service}",
            variant_name="main",
            alternatives=(_alternative(l4, "4096"), _alternative(a10g, "8192")),
            model_data_uri=WEIGHTS,
            network_isolation=True,
            initial_instance_count=1,
            update_policy="blue_green",
            termination_wait_seconds=300,
            update_timeout_seconds=7200,
            ready_timeout_seconds=7500,
            log_retention_days=30,
        ),
    }
    return replace(plan, **{**values, **changes})


def from_hub(plan: Plan) -> Plan:
    """Return the plan with weights that the container downloads."""
    model = replace(plan.model, source="hub", s3_uri=None)
    return replace(plan, model=model, sagemaker=replace(plan.sagemaker, model_data_uri=None, network_isolation=False))


def in_vpc(plan: Plan, *subnets: str) -> Plan:
    """Return the plan with instances in a VPC of the user's."""
    network = NetworkPlan(
        vpc_id="vpc-1",
        public_subnet_ids=(),
        private_subnet_ids=subnets,
        exposure="internal",
        certificate_arn=None,
        domain=None,
        allowed_cidrs=(),
    )
    return replace(plan, network=network)


def _alternative(hardware: Any, tokens: str) -> SagemakerAlternative:
    return SagemakerAlternative(
        hardware=hardware,
        environment={"HF_MODEL_ID": "/opt/ml/model", "MAX_TOTAL_TOKENS": tokens, "SM_NUM_GPUS": "1"},
        inference_ami_version=TGI_AMI,
        startup_health_check_timeout_seconds=900,
        model_data_download_timeout_seconds=1200,
    )


class SagemakerAccount(Account):
    """The AWS account of a test, in which an Endpoint serves on `instance_type`; None: it is parked."""

    instance_type: str | None = "ml.g6.2xlarge"

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        identity, outputs = super().new_resource(args)
        if args.typ != "pulumi-python:dynamic/sagemaker:Endpoint":
            return identity, outputs
        if self.instance_type is None:
            return args.inputs["endpointName"], {**args.inputs, "state": "parked"}
        return args.inputs["endpointName"], {
            **args.inputs,
            "state": "awake",
            "endpointArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/{args.inputs['endpointName']}",
            "currentInstanceType": self.instance_type,
        }
