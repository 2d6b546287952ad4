"""What a plan on SageMaker registers, and what it tells."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from components.account import Account
from components.contracts import SERVICE_OUTPUTS
from components.errors import PlanError, StackError
from components.sagemaker.component import SagemakerService
from components.sagemaker.found import find
from components.sagemaker.machine_image import check_machine_images
from components.service import ModelService
from sandbox.provider.contract import contract_of, type_problems
from tests.components.conftest import Recorded
from tests.components.sagemaker_plan import (
    IMAGE,
    TGI_AMI,
    VLLM_AMI,
    WEIGHTS,
    SagemakerAccount,
    from_hub,
    in_vpc,
    sagemaker_plan,
)
from tests.components.test_contract import whole

ENDPOINT = "pulumi-python:dynamic/sagemaker:Endpoint"
LONGEST = "a-name-of-twenty-abc"


@pytest.fixture
def account(recorded: Recorded) -> SagemakerAccount:
    return SagemakerAccount(recorded)


@pytest.fixture
def render(run: Callable[..., Recorded]) -> Callable[..., Recorded]:
    """Deploy plans as one stack."""

    def program(plans):
        return {plan.service: ModelService(plan.service, spec={}, plan=plan).outputs for plan in plans}

    return lambda *plans: run(lambda: program(plans), stack=plans[0].stack)


def untagged(made):
    """Return the inputs of a resource without its tags."""
    return whole({key: value for key, value in made.inputs.items() if key != "tags"})


def endpoint_of(made: Recorded, name: str = "chat-endpoint"):
    [found] = [one for one in made.resources if one.type == ENDPOINT and one.name == name]
    return found


def test_exactly_these_resources_are_made(render):
    """A model and a configuration per accelerator, one role, one log group, one alarm, one endpoint."""
    assert render(sagemaker_plan()).names() == [
        ("aws:cloudwatch/logGroup:LogGroup", "chat-logs"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "chat-errors"),
        ("aws:iam/role:Role", "chat-execution"),
        ("aws:iam/rolePolicy:RolePolicy", "chat-execution"),
        ("aws:sagemaker/endpointConfiguration:EndpointConfiguration", "chat-config-a10g"),
        ("aws:sagemaker/endpointConfiguration:EndpointConfiguration", "chat-config-l4"),
        ("aws:sagemaker/model:Model", "chat-model-a10g"),
        ("aws:sagemaker/model:Model", "chat-model-l4"),
        ("berth:index:ModelService", "chat"),
        ("berth:sagemaker:SagemakerService", "chat"),
        (ENDPOINT, "chat-endpoint"),
    ]


def test_a_model_is_its_image_environment_and_weights(render):
    """SageMaker copies the weights, so the container needs no network at all."""
    assert untagged(render(sagemaker_plan()).of("Model", "chat-model-a10g")) == {
        "executionRoleArn": "arn:aws:role:us-east-1:123456789012:chat-execution",
        "primaryContainer": {
            "image": IMAGE,
            "environment": {"HF_MODEL_ID": "/opt/ml/model", "MAX_TOTAL_TOKENS": "8192", "SM_NUM_GPUS": "1"},
            "modelDataSource": {
                "s3DataSources": [{"s3Uri": WEIGHTS, "s3DataType": "S3Prefix", "compressionType": "None"}]
            },
        },
        "enableNetworkIsolation": True,
    }


def test_weights_from_the_hub_are_downloaded_by_the_container(render):
    """It needs the network for that, and SageMaker has nothing to copy."""
    model = untagged(render(from_hub(sagemaker_plan())).of("Model", "chat-model-l4"))
    assert "modelDataSource" not in model["primaryContainer"]
    assert model["enableNetworkIsolation"] is False


def test_a_configuration_is_one_variant_on_one_instance_type(render):
    """Both timeouts and the machine image are explicit; how many instances start moves nothing later."""
    made = render(sagemaker_plan()).of("EndpointConfiguration", "chat-config-l4")
    assert untagged(made) == {
        "productionVariants": [
            {
                "variantName": "main",
                "modelName": "chat-model-l4-1a2b3c4",
                "instanceType": "ml.g6.2xlarge",
                "initialInstanceCount": 1,
                "initialVariantWeight": 1,
                "containerStartupHealthCheckTimeoutInSeconds": 900,
                "modelDataDownloadTimeoutInSeconds": 1200,
                "inferenceAmiVersion": TGI_AMI,
                "routingConfigs": [{"routingStrategy": "LEAST_OUTSTANDING_REQUESTS"}],
            }
        ]
    }
    assert made.ignore_changes == ("productionVariants[0].initialInstanceCount",)


def test_a_machine_image_is_left_out_where_the_plan_has_none(render):
    """For families of which AWS says nothing."""
    plan = sagemaker_plan()
    first = replace(plan.sagemaker.alternatives[0], inference_ami_version=None)
    made = render(replace(plan, sagemaker=replace(plan.sagemaker, alternatives=(first,))))
    [variant] = made.of("EndpointConfiguration", "chat-config-l4").inputs["productionVariants"]
    assert "inferenceAmiVersion" not in variant


def test_the_endpoint_gets_everything_explicitly(render):
    """It bypasses the provider: region, account and tags are its inputs, and every number is the plan's."""
    made = endpoint_of(render(sagemaker_plan()))
    inputs = whole(dict(made.inputs))
    serialized = inputs.pop("__provider")
    assert len(serialized) < 200
    assert inputs == {
        "region": "us-east-1",
        "accountId": "123456789012",
        "tags": {
            "owner": "ml-platform",
            "cost_center": "4711",
            "stack": "dev",
            "environment": "dev",
            "managed-by": "berth",
            "service": "chat",
            "berth": "dev/chat",
            "Name": "dev/chat-endpoint",
        },
        "endpointName": "dev-chat",
        "variantName": "main",
        "power": "on",
        "keeperManaged": False,
        "configurations": [
            {
                "endpointConfigName": "chat-config-l4-1a2b3c4",
                "instanceType": "ml.g6.2xlarge",
                "accelerator": "L4",
            },
            {
                "endpointConfigName": "chat-config-a10g-1a2b3c4",
                "instanceType": "ml.g5.2xlarge",
                "accelerator": "A10G",
            },
        ],
        "minReplicas": 1,
        "maxReplicas": 3,
        "scaling": {
            "metric": "concurrency",
            "target": 8,
            "scaleOutCooldownSeconds": 600,
            "scaleInCooldownSeconds": 600,
        },
        "deployment": {
            "policy": "blue_green",
            "terminationWaitSeconds": 300,
            "maximumExecutionTimeoutSeconds": 7200,
            "rollbackAlarmNames": ["dev-chat-errors"],
        },
        "readyTimeoutSeconds": 7500,
    }


def test_an_update_is_taken_back_when_requests_fail(render):
    """One request in twenty, in two minutes of three; an endpoint without requests is healthy."""
    assert untagged(render(sagemaker_plan()).of("MetricAlarm", "chat-errors")) == {
        "name": "dev-chat-errors",
        "alarmDescription": "More than 5% of the requests to dev-chat fail.",
        "namespace": "AWS/SageMaker",
        "metricName": "Invocation5XXErrors",
        "dimensions": {"EndpointName": "dev-chat", "VariantName": "main"},
        "statistic": "Average",
        "period": 60,
        "evaluationPeriods": 3,
        "datapointsToAlarm": 2,
        "threshold": 0.05,
        "comparisonOperator": "GreaterThanThreshold",
        "treatMissingData": "notBreaching",
    }


def test_logs_are_kept_as_long_as_the_plan_says(render):
    """The group that SageMaker would otherwise make by itself, to be kept for ever."""
    group = untagged(render(sagemaker_plan()).of("LogGroup", "chat-logs"))
    assert group == {"name": "/aws/sagemaker/Endpoints/dev-chat", "retentionInDays": 30}


def test_what_an_endpoint_needs_outlives_it(render):
    """Destroyed in reverse: endpoint, configurations, models, policy, role, and the logs after who could write them."""
    made = render(sagemaker_plan())

    def needs(kind, name):
        by_urn = {one.urn: (one.type.rpartition(":")[2], one.name) for one in made.resources}
        return {by_urn[urn] for urn in made.of(kind, name).dependencies}

    assert needs("Endpoint", "chat-endpoint") == {
        ("LogGroup", "chat-logs"),
        ("RolePolicy", "chat-execution"),
        ("MetricAlarm", "chat-errors"),
        ("EndpointConfiguration", "chat-config-l4"),
        ("EndpointConfiguration", "chat-config-a10g"),
    }
    assert needs("EndpointConfiguration", "chat-config-l4") == {("Model", "chat-model-l4")}
    assert needs("Model", "chat-model-l4") == {("Role", "chat-execution"), ("RolePolicy", "chat-execution")}
    assert needs("RolePolicy", "chat-execution") == {("Role", "chat-execution"), ("LogGroup", "chat-logs")}


def test_the_outputs_say_how_to_call_it(render):
    """The same outputs as on every target, and what SageMaker has beside them."""
    outputs = render(sagemaker_plan()).result["chat"]
    assert set(SERVICE_OUTPUTS) <= set(outputs)
    assert outputs["openai_base_url"] == (
        "https://runtime.sagemaker.us-east-1.amazonaws.com/endpoints/dev-chat/openai/v1"
    )
    assert outputs["auth"] == {
        "scheme": "sigv4",
        "action": "sagemaker:InvokeEndpoint",
        "bearer": "sagemaker.core.token_generator.generate_token",
        "bearer_action": "sagemaker:CallWithBearerToken",
    }
    assert outputs["state"] == "awake"
    assert outputs["logs"] == {"tgi": "/aws/sagemaker/Endpoints/dev-chat"}
    assert outputs["endpoint_name"] == "dev-chat"
    assert outputs["endpoint_arn"] == "arn:aws:sagemaker:us-east-1:123456789012:endpoint/dev-chat"
    assert outputs["variant_name"] == "main"
    assert outputs["dashboard_url"] == (
        "https://us-east-1.console.aws.amazon.com/sagemaker/home?region=us-east-1#/endpoints/dev-chat"
    )
    assert outputs["alternatives"] == [
        {
            "accelerator": "L4",
            "instance_type": "ml.g6.2xlarge",
            "endpoint_config_name": "chat-config-l4-1a2b3c4",
        },
        {
            "accelerator": "A10G",
            "instance_type": "ml.g5.2xlarge",
            "endpoint_config_name": "chat-config-a10g-1a2b3c4",
        },
    ]


def test_the_hardware_is_what_the_endpoint_runs_on(render, account):
    """After a shortage it is the fallback's, with its price."""
    account.instance_type = "ml.g5.2xlarge"
    outputs = render(sagemaker_plan()).result["chat"]
    assert outputs["hardware"] == {
        "instance_type": "ml.g5.2xlarge",
        "gpu": "A10G",
        "gpu_count": 1,
        "usd_per_hour": 1.515,
    }


def test_a_parked_service_keeps_what_costs_nothing(render, account):
    """The same resources; the endpoint is off, and the hardware is what it would wake up on."""
    account.instance_type = None
    plan = sagemaker_plan(power="off")
    made = render(replace(plan, scaling=replace(plan.scaling, min_replicas=0, max_replicas=0)))
    assert len(made.names()) == 11
    assert endpoint_of(made).inputs["power"] == "off"
    assert made.result["chat"]["state"] == "parked"
    assert made.result["chat"]["hardware"]["instance_type"] == "ml.g6.2xlarge"


def test_in_a_vpc_the_instances_may_only_speak_and_only_https(render):
    """In the subnets that the spec names, with a group that lets nobody in."""
    made = render(in_vpc(sagemaker_plan(), "subnet-a", "subnet-b"))
    assert untagged(made.of("SecurityGroup", "chat-container")) == {
        "vpcId": "vpc-1",
        "description": "Berth endpoint",
    }
    assert untagged(made.of("SecurityGroupEgressRule", "chat-container-443-to-anywhere")) == {
        "securityGroupId": "chat-container-securitygroup-id",
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "cidrIpv4": "0.0.0.0/0",
    }
    assert not [one for one in made.resources if "IngressRule" in one.type]
    for model in ("chat-model-l4", "chat-model-a10g"):
        assert made.of("Model", model).inputs["vpcConfig"] == {
            "securityGroupIds": ["chat-container-securitygroup-id"],
            "subnets": ["subnet-a", "subnet-b"],
        }


def test_a_subnet_of_another_vpc_is_refused_before_anything_is_made(render, recorded):
    """With the VPC that it is in."""
    plan = in_vpc(sagemaker_plan(), "subnet-a")
    with pytest.raises(
        StackError, match=r"chat: network.vpc.private_subnet_ids: subnet-a is in vpc-1 and not in vpc-2"
    ):
        render(replace(plan, network=replace(plan.network, vpc_id="vpc-2")))


def test_a_subnet_that_is_not_there_is_refused(render):
    """With the first line of what AWS says."""
    with pytest.raises(StackError, match="subnet-x could not be looked up"):
        render(in_vpc(sagemaker_plan(), "subnet-x"))


def test_another_vpc_alone_changes_the_policy(render):
    """Without a VPC there is no right to touch any network."""
    statements = json.loads(render(sagemaker_plan()).of("RolePolicy", "chat-execution").inputs["policy"])["Statement"]
    assert not [one for one in statements if "ec2:" in json.dumps(one)]


def test_a_plan_for_another_target_is_refused(run, plan_of):
    """Where it came from is said."""
    with pytest.raises(PlanError, match="the plan is for target ecs and has no sagemaker part"):
        run(lambda: SagemakerService("chat", plan=plan_of(), network=None).outputs)


def test_looking_up_makes_nothing(run, recorded):
    """What is missing is known while nothing exists."""
    run(lambda: setattr(recorded, "outputs", {"account": find(sagemaker_plan()).account}))
    assert recorded.outputs["account"] == Account("aws", "123456789012", "us-east-1")
    assert recorded.names() == []


def vllm(plan):
    """Return a plan with the machine image of CUDA 13."""
    alternatives = tuple(replace(one, inference_ami_version=VLLM_AMI) for one in plan.sagemaker.alternatives)
    return replace(plan, sagemaker=replace(plan.sagemaker, alternatives=alternatives))


def test_a_provider_that_does_not_know_the_machine_image_is_refused_with_the_release_that_does():
    """Said once, although two accelerators need it; what is installed here knows it."""
    with pytest.raises(StackError) as error:
        check_machine_images(vllm(sagemaker_plan()), "7.30.0")
    assert str(error.value) == (
        f"chat: sagemaker.inference_ami: {VLLM_AMI} is not known to pulumi-aws 7.30.0, and without it the engine's CUDA"
        " has no driver; install pulumi-aws 7.31 or newer"
    )
    check_machine_images(vllm(sagemaker_plan()), "7.31.0")
    check_machine_images(vllm(sagemaker_plan()))


def test_what_the_provider_would_refuse_is_refused_before_anything_is_asked(run, recorded):
    """In a preview already, and not by an endpoint that hangs in Creating."""
    with pytest.raises(StackError, match=r"install pulumi-aws 7\.31 or newer"):
        run(lambda: find(vllm(sagemaker_plan()), provider_version="7.30.0"))
    assert (recorded.calls, recorded.names()) == ([], [])


def test_an_old_provider_does_for_the_machine_image_of_tgi():
    """It has known that one all along."""
    check_machine_images(sagemaker_plan(), "7.0.0")


def test_in_china_the_addresses_are_those_of_china(run, account):
    """Partition and region decide them."""
    account._getCallerIdentity = lambda _: {
        "accountId": "1",
        "arn": "arn:aws-cn:iam::1:user/x",
        "id": "1",
        "userId": "x",
    }
    plan = sagemaker_plan(region="cn-north-1")
    outputs = run(lambda: SagemakerService("chat", plan=plan, network=None).outputs).result
    assert outputs["openai_base_url"].startswith("https://runtime.sagemaker.cn-north-1.amazonaws.com.cn/endpoints/")
    assert outputs["dashboard_url"].startswith("https://cn-north-1.console.amazonaws.cn/sagemaker/")
    assert outputs["endpoint_arn"] == "arn:aws-cn:sagemaker:cn-north-1:1:endpoint/dev-chat"


def test_every_input_has_the_name_and_type_of_the_provider(render):
    """No unknown, missing or mistyped property is sent."""
    made = render(in_vpc(sagemaker_plan(), "subnet-a"), from_hub(sagemaker_plan(service="open")))
    wrong = {
        f"{one.type} {one.name}": problems
        for one in made.resources
        if one.type.startswith("aws:")
        if (problems := [str(problem) for problem in type_problems(contract_of(one.type).inputs, whole(one.inputs))])
    }
    assert wrong == {}


def test_everything_that_can_carry_tags_does(render):
    """Only the role's policy cannot."""
    made = render(in_vpc(sagemaker_plan(), "subnet-a"))
    untagged_types = {one.type for one in made.resources if "tags" not in one.inputs and ":" in one.type}
    assert untagged_types == {
        "aws:iam/rolePolicy:RolePolicy",
        "berth:index:ModelService",
        "berth:sagemaker:SagemakerService",
    }


def test_automatic_names_of_the_longest_service_fit(render):
    """The provider adds 8 characters to a logical name; SageMaker takes 63 letters, digits and dashes, IAM 64."""
    made = render(sagemaker_plan(service=LONGEST, stack="s" * 40))
    for one in made.resources:
        if one.type.startswith("aws:sagemaker/"):
            assert len(one.name) + 8 <= 63, one.name
            assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*", one.name), one.name
    assert len(f"{LONGEST}-execution") + 8 <= 64
    assert len(endpoint_of(made, f"{LONGEST}-endpoint").inputs["endpointName"]) <= 63


def test_two_services_and_two_stacks_share_no_name(render, recorded):
    """Endpoint, log group and alarm are named by hand."""
    for stack, services in (("a", ["b-c", "b"]), ("ab", ["c", "b-c"])):
        render(*(sagemaker_plan(service=service, stack=stack) for service in services))
    names = [
        (one.type, one.inputs[key])
        for one in recorded.resources
        for key in ("name", "endpointName")
        if key in one.inputs
    ]
    assert len(names) == 4 * 3
    assert len(set(names)) == len(names)


def test_no_service_name_makes_two_children_one(render):
    """For no type is one role the end of another's."""
    roles: dict[str, list[str]] = {}
    for one in render(in_vpc(sagemaker_plan(), "subnet-a")).resources:
        if one.name.startswith("chat-"):
            roles.setdefault(one.type, []).append(one.name.removeprefix("chat-"))
    assert [(a, b) for found in roles.values() for a in found for b in found if a.endswith(f"-{b}")] == []
