"""An endpoint comes to serve, or nothing of it is left."""

from __future__ import annotations

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

from components.sagemaker.failures import EndpointError
from tests.components.sagemaker_api import CAPACITY, PING, FakeEndpoint, refusal
from tests.components.sagemaker_endpoint import A10G, INPUTS, L4, NAME, RESOURCE, TAGS, Stack


@pytest.fixture
def stack() -> Stack:
    return Stack()


def test_an_endpoint_is_made_once_and_waited_for(stack):
    """One order, the first configuration, all tags; the user is told of each state and once per minute."""
    stack.up()
    assert stack.aws.orders() == ["CreateEndpoint", "RegisterScalableTarget", "PutScalingPolicy"]
    [order] = stack.aws.asked("CreateEndpoint")
    assert order["EndpointConfigName"] == L4["endpointConfigName"]
    assert {tag["Key"]: tag["Value"] for tag in order["Tags"]} == TAGS
    assert stack.outputs() == {
        "endpointArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/dev-chat",
        "state": "awake",
        "currentConfigName": "chat-config-l4-1",
        "currentInstanceType": "ml.g6.2xlarge",
        "currentAccelerator": "L4",
    }
    assert stack.said[:2] == ["dev-chat: starting on ml.g6.2xlarge", "dev-chat: Creating (Creating)"]
    assert stack.said[-1] == "dev-chat: InService after 6 min"
    heartbeats = [line for line in stack.said if line.startswith("dev-chat: still Creating (Creating) after")]
    assert 4 <= len(heartbeats) <= 6


def test_the_scaling_is_registered_once_it_serves(stack):
    """Requests in flight per instance, in datapoints of 10 s, between the plan's limits."""
    stack.up()
    assert stack.aws.targets[RESOURCE]["MinCapacity"] == 1
    assert stack.aws.targets[RESOURCE]["MaxCapacity"] == 3
    assert stack.aws.policies[RESOURCE]["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": 8.0,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "SageMakerVariantConcurrentRequestsPerModelHighResolution"
        },
        "ScaleOutCooldown": 300,
        "ScaleInCooldown": 600,
    }


def test_requests_per_minute_are_counted_per_instance(stack):
    """The other metric that SageMaker has for it."""
    stack.up(scaling={**INPUTS["scaling"], "metric": "requests_per_minute", "target": 90})
    policy = stack.aws.policies[RESOURCE]["TargetTrackingScalingPolicyConfiguration"]
    assert policy["PredefinedMetricSpecification"]["PredefinedMetricType"] == "SageMakerVariantInvocationsPerInstance"
    assert policy["TargetValue"] == 90.0


def test_a_fixed_number_of_replicas_is_not_registered(stack):
    """It is ordered of SageMaker itself, when the configuration starts with another one."""
    stack.up(minReplicas=2, maxReplicas=2)
    assert stack.aws.targets == {}
    assert stack.aws.orders() == ["CreateEndpoint", "UpdateEndpointWeightsAndCapacities"]
    assert stack.endpoint.running == 2


def test_a_parked_service_makes_nothing(stack):
    """No order at all; the plan of a parked service wants no replicas."""
    stack.up(power="off", minReplicas=0, maxReplicas=0)
    assert stack.aws.orders() == []
    assert stack.outputs() == {"state": "parked"}


def test_without_capacity_the_next_accelerator_is_taken(stack):
    """The failed endpoint is deleted first, since the name can be used once only."""
    stack.aws.starts["ml.g6.2xlarge"] = CAPACITY
    stack.up()
    assert stack.aws.orders()[:3] == ["CreateEndpoint", "DeregisterScalableTarget", "DeleteEndpoint"]
    assert [order["EndpointConfigName"] for order in stack.aws.asked("CreateEndpoint")] == [
        "chat-config-l4-1",
        "chat-config-a10g-1",
    ]
    assert stack.outputs()["currentAccelerator"] == "A10G"
    assert any("no ml.g6.2xlarge to be had" in line for line in stack.said)
    assert not stack.changes()


def test_without_any_capacity_nothing_is_left(stack):
    """Every type is named; what to do is said."""
    stack.aws.starts |= {"ml.g6.2xlarge": CAPACITY, "ml.g5.2xlarge": CAPACITY}
    with pytest.raises(EndpointError) as error:
        stack.up()
    assert str(error.value) == (
        "dev-chat: AWS has none of ml.g6.2xlarge, ml.g5.2xlarge in us-east-1 now; try again later, or name more"
        " accelerators"
    )
    assert stack.aws.endpoints == {}


def test_a_quota_is_explained_and_does_not_fall_back(stack):
    """Its name is what the user has to type into Service Quotas."""
    message = (
        "The account-level service limit 'ml.g6.2xlarge for endpoint usage' is 0 Instances, with current utilization of"
        " 0 Instances and a request delta of 1 Instances."
    )
    stack.aws.errors["CreateEndpoint"].append(refusal("CreateEndpoint", "ResourceLimitExceeded", message))
    with pytest.raises(EndpointError, match=r"request the quota 'ml.g6.2xlarge for endpoint usage' of SageMaker"):
        stack.up()
    assert stack.aws.orders() == ["CreateEndpoint"]


def test_a_failed_start_is_deleted_and_explained(stack):
    """Nothing of it is billed; the reason and the log group are in the message."""
    stack.aws.starts["ml.g6.2xlarge"] = PING
    stack.aws.log_streams.append("AllTraffic/i-0123")
    with pytest.raises(EndpointError) as error:
        stack.up()
    assert str(error.value) == (
        "dev-chat is Failed: The primary container for production variant AllTraffic did not pass the ping health"
        " check; the engine was not ready in time: weights that it may not read or that are not there, too little"
        " memory, or a start that takes longer than the time it was given;"
        " see aws logs tail /aws/sagemaker/Endpoints/dev-chat --since 3h --region us-east-1; it was deleted again"
    )
    assert stack.aws.endpoints == {}
    assert len(stack.aws.asked("CreateEndpoint")) == 1


def test_a_container_that_never_logged_points_at_the_machine_image(stack):
    """No log at all means that the container never started: the driver, and not the weights."""
    stack.aws.starts["ml.g6.2xlarge"] = PING
    with pytest.raises(EndpointError, match=r"nothing was ever written .* check sagemaker.inference_ami"):
        stack.up()


def test_waiting_is_bounded_and_what_hangs_is_deleted(stack):
    """AWS lets nobody delete an endpoint that is Creating, so its end is waited for as well."""
    stack.aws.start_seconds = 4000
    with pytest.raises(EndpointError) as error:
        stack.up()
    assert "still Creating (Creating) after 50 min, which is the limit" in str(error.value)
    assert str(error.value).endswith("it was deleted again")
    assert stack.aws.endpoints == {}


def test_what_cannot_be_deleted_is_said_with_the_command(stack):
    """After two hours more the user has to know that it may cost money."""
    stack.aws.start_seconds = 1e9
    with pytest.raises(
        EndpointError, match="aws sagemaker delete-endpoint --region us-east-1 --endpoint-name dev-chat"
    ):
        stack.up()


def test_an_endpoint_that_does_not_show_yet_is_waited_for(stack):
    """DescribeEndpoint may lag behind CreateEndpoint."""
    stack.aws.appears_after = 40
    stack.up()
    assert stack.outputs()["state"] == "awake"


def test_an_endpoint_that_disappears_is_an_error(stack):
    """Somebody else deleted it."""
    stack.aws.appears_after = 1e9
    with pytest.raises(EndpointError, match="somebody deleted it meanwhile"):
        stack.up()


def test_a_configuration_that_does_not_show_yet_is_waited_for(stack):
    """CreateEndpoint may lag behind CreateEndpointConfig."""
    stack.aws.config_appears_at = 20
    stack.up()
    assert stack.outputs()["state"] == "awake"
    assert len(stack.aws.asked("CreateEndpoint")) == 5


def test_a_configuration_that_never_shows_is_an_error(stack):
    """The name is in the message."""
    stack.aws.config_appears_at = 1e9
    with pytest.raises(EndpointError, match=r'Could not find endpoint configuration "arn.*chat-config-l4-1"'):
        stack.up()


def test_throttled_calls_are_made_again(stack):
    """Orders and questions alike, later and later."""
    for operation in ("CreateEndpoint", "DescribeEndpoint", "RegisterScalableTarget"):
        stack.aws.throttle(operation, 3)
    stack.up()
    assert stack.outputs()["state"] == "awake"
    assert len(stack.aws.asked("CreateEndpoint")) == 4


def test_throttling_without_end_is_an_error(stack):
    """With AWS' own words."""
    stack.aws.throttle("DescribeEndpoint", 50)
    with pytest.raises(EndpointError, match="DescribeEndpoint: ThrottlingException: Rate exceeded"):
        stack.up()


def test_the_wrong_account_is_found_out_before_anything_is_asked_of_sagemaker(stack):
    """Both accounts are named."""
    stack.aws.account = "999999999999"
    with pytest.raises(EndpointError, match=r"account 999999999999, the endpoint belongs to 123456789012"):
        stack.up()
    assert [name for name, _ in stack.aws.calls] == ["GetCallerIdentity"]


def test_an_endpoint_of_somebody_else_is_left_alone(stack):
    """Neither deleted nor changed; how to claim it is said."""
    stack.aws.endpoints[NAME] = FakeEndpoint(NAME, "theirs", "InService", {"stack": "other"}, 1, 0.0, running=1)
    with pytest.raises(EndpointError) as error:
        stack.up()
    assert "is not tagged as this service's (managed-by=berth, stack=dev, service=chat), so it is left alone" in str(
        error.value
    )
    assert stack.aws.orders() == []


def test_an_interrupted_creation_is_taken_over(stack):
    """The endpoint that is Creating is this stack's by its tags: it is waited for and not ordered twice."""
    stack.provider.aws.clients().sagemaker.create_endpoint(
        EndpointName=NAME,
        EndpointConfigName="chat-config-l4-1",
        Tags=[{"Key": key, "Value": value} for key, value in TAGS.items()],
    )
    stack.forget_calls()
    stack.up()
    assert stack.aws.orders() == ["RegisterScalableTarget", "PutScalingPolicy"]
    assert stack.outputs()["state"] == "awake"


def test_an_interrupted_creation_that_failed_is_made_anew(stack):
    """A failed endpoint can only be deleted."""
    stack.aws.endpoints[NAME] = FakeEndpoint(NAME, "chat-config-l4-1", "Failed", dict(TAGS), 1, 0.0, failure=PING)
    stack.up()
    assert stack.aws.orders()[:3] == ["DeregisterScalableTarget", "DeleteEndpoint", "CreateEndpoint"]
    assert stack.outputs()["state"] == "awake"


def test_a_lost_answer_to_the_order_is_not_taken_for_somebody_elses_endpoint(stack):
    """The SDK asks again by itself, and AWS says that the endpoint exists already."""
    exists = refusal("CreateEndpoint", "ValidationException", 'Cannot create already existing endpoint "arn".')
    stack.aws.lost_answers["CreateEndpoint"] = exists
    stack.up()
    assert stack.outputs()["state"] == "awake"
    assert len(stack.aws.asked("CreateEndpoint")) == 1


@pytest.mark.parametrize("appears_after", [0, 100])
def test_an_order_without_any_answer_may_have_been_heard(stack, appears_after):
    """The endpoint that comes up is taken for this one's: it is neither ordered twice nor left to run unseen."""
    stack.aws.lost_answers["CreateEndpoint"] = ConnectTimeoutError(endpoint_url="https://api.sagemaker")
    stack.aws.appears_after = appears_after
    stack.up()
    assert stack.outputs()["state"] == "awake"
    assert stack.aws.orders() == ["CreateEndpoint", "RegisterScalableTarget", "PutScalingPolicy"]
    assert 'dev-chat: Connect timeout on endpoint URL: "https://api.sagemaker"; looking whether the order' in str(
        stack.said
    )


def test_an_order_that_nobody_heard_is_an_error(stack):
    """After two minutes without an endpoint; nothing is there."""
    stack.aws.errors["CreateEndpoint"].append(ConnectTimeoutError(endpoint_url="https://api.sagemaker"))
    with pytest.raises(EndpointError, match=r"Connect timeout .*; no endpoint came up"):
        stack.up()
    assert stack.aws.endpoints == {}
    assert 120 <= stack.aws.time.now <= 240


def test_an_endpoint_that_somebody_else_made_meanwhile_is_left_alone(stack):
    """AWS says that it exists already, and its tags say whose it is."""

    def overtaken(**params):
        stack.aws.endpoints[NAME] = FakeEndpoint(NAME, "theirs", "InService", {"stack": "other"}, 1, 0.0, running=1)
        return create(**params)

    create, stack.aws._create_endpoint = stack.aws._create_endpoint, overtaken
    with pytest.raises(EndpointError, match=r"is not tagged as this service's .* so it is left alone"):
        stack.up()
    assert stack.aws.orders() == ["CreateEndpoint"]


def test_a_network_that_fails_for_a_moment_ends_no_start(stack):
    """Questions cost nothing to ask again; the GPU that is starting is not given back for want of an answer."""

    def started(endpoint):
        stack.aws.errors["DescribeEndpoint"] += [EndpointConnectionError(endpoint_url="https://api.sagemaker")] * 4
        go_on(endpoint)

    go_on, stack.aws._started = stack.aws._started, started
    stack.up()
    assert stack.outputs()["state"] == "awake"
    assert stack.aws.orders() == ["CreateEndpoint", "RegisterScalableTarget", "PutScalingPolicy"]


def test_a_network_that_stays_away_is_an_error(stack):
    """Two minutes of silence are the limit, and that it may cost money is said."""

    def started(endpoint):
        stack.aws.errors["DescribeEndpoint"] += [EndpointConnectionError(endpoint_url="https://api.sagemaker")] * 99
        go_on(endpoint)

    go_on, stack.aws._started = stack.aws._started, started
    with pytest.raises(EndpointError, match=r"Could not connect .* could not be deleted, so that it may cost money"):
        stack.up()


def test_scaling_that_may_not_be_asked_about_is_found_out_before_a_gpu_runs(stack):
    """The right to register is usually missing together with the right to ask."""
    denied = refusal("DescribeScalableTargets", "AccessDeniedException", "User is not authorized")
    stack.aws.errors["DescribeScalableTargets"].append(denied)
    with pytest.raises(EndpointError, match="DescribeScalableTargets: AccessDeniedException"):
        stack.up()
    assert stack.aws.orders() == []


def test_an_endpoint_that_cannot_be_scaled_is_not_left_behind(stack):
    """A resource whose creation failed is not in the state, so nobody would ever delete it."""
    denied = "User is not authorized to perform: iam:CreateServiceLinkedRole"
    stack.aws.errors["RegisterScalableTarget"].append(
        refusal("RegisterScalableTarget", "AccessDeniedException", denied)
    )
    with pytest.raises(EndpointError, match=r"aws iam create-service-linked-role .*; it was deleted again"):
        stack.up()
    assert stack.aws.endpoints == {}


def test_an_endpoint_that_was_taken_over_is_not_deleted_over_its_scaling(stack):
    """It may have served for long; the message says that the state does not hold it yet."""
    stack.aws.endpoints[NAME] = FakeEndpoint(
        NAME, A10G["endpointConfigName"], "InService", dict(TAGS), 1, 0.0, running=1
    )
    denied = refusal("RegisterScalableTarget", "AccessDeniedException", "no")
    stack.aws.errors["RegisterScalableTarget"].append(denied)
    with pytest.raises(EndpointError, match="is not in the stack's state yet: run `pulumi up` again"):
        stack.up()
    assert stack.endpoint.status == "InService"
