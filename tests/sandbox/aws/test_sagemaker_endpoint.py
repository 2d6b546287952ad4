"""The life of a SageMaker endpoint: what plain moto has at once takes its time here, and can be updated."""

from __future__ import annotations

import datetime as dt

import pytest

from sandbox.aws.patches.sagemaker_change import SETTLING_SECONDS
from tests.sandbox.aws.sagemaker_parts import (
    ARN,
    ROLLING,
    alarms,
    configuration,
    counts,
    deployed,
    described,
    model,
    role,
    scaled,
    settled,
)

GONE = ("ValidationException", f'Could not find endpoint "{ARN}:endpoint/chat".')


def test_a_whole_life(aws, clock):
    """Created, scaled, updated, deleted; after the model and the role are deleted too, nothing is left."""
    deployed(aws, clock)
    scaled(aws, (1, 3))
    configuration(aws, "two", InitialInstanceCount=2)
    sagemaker = aws.client("sagemaker")
    sagemaker.update_endpoint(EndpointName="chat", EndpointConfigName="two")
    settled(aws, clock)
    assert aws.get("inventory")["counts"] == {
        "applicationautoscaling.policy": 1,
        "applicationautoscaling.target": 1,
        "cloudwatch.alarm": 2,
        "iam.role": 1,
        "sagemaker.endpoint": 1,
        "sagemaker.endpoint_config": 2,
        "sagemaker.model": 1,
    }
    sagemaker.delete_endpoint(EndpointName="chat")
    for name in ("one", "two"):
        sagemaker.delete_endpoint_config(EndpointConfigName=name)
    sagemaker.delete_model(ModelName="llama")
    aws.client("iam").delete_role(RoleName="sagemaker")
    assert aws.get("inventory")["counts"] == {"sagemaker.endpoint": 1}
    clock.shift(SETTLING_SECONDS)
    assert aws.get("inventory")["counts"] == {}
    assert aws.refused("sagemaker", "describe_endpoint", EndpointName="chat") == GONE


def test_a_new_endpoint_is_creating_first(aws, clock):
    """Right after the call it is being created and has no variants yet; a moment later it is in service."""
    role(aws)
    model(aws)
    configuration(aws, "one")
    aws.client("sagemaker").create_endpoint(EndpointName="chat", EndpointConfigName="one", DeploymentConfig={})
    new = described(aws)
    assert (new["EndpointStatus"], new["EndpointConfigName"]) == ("Creating", "one")
    assert "ProductionVariants" not in new
    [pending] = new["PendingDeploymentSummary"]["ProductionVariants"]
    assert (pending["CurrentInstanceCount"], pending["DesiredInstanceCount"]) == (0, 1)
    assert pending["InstanceType"] == "ml.g6.xlarge"
    listed = aws.client("sagemaker").list_endpoints(StatusEquals="Creating")["Endpoints"]
    assert [item["EndpointName"] for item in listed] == ["chat"]
    done = settled(aws, clock)
    assert counts(done) == (1, 1)
    assert "PendingDeploymentSummary" not in done
    assert done["LastModifiedTime"] == done["CreationTime"] + dt.timedelta(seconds=SETTLING_SECONDS)


def test_one_change_at_a_time(aws, clock):
    """While it is created, updated or deleted, an endpoint takes no other change and keeps its name."""
    deployed(aws, clock)
    configuration(aws, "two")
    in_progress = ("ValidationException", f'Cannot update in-progress endpoint "{ARN}:endpoint/chat".')
    update = {"EndpointName": "chat", "EndpointConfigName": "two"}
    capacity = [{"VariantName": "AllTraffic", "DesiredInstanceCount": 2}]
    aws.client("sagemaker").update_endpoint(**update)
    for operation, more in (
        ("update_endpoint", update),
        ("update_endpoint_weights_and_capacities", {"EndpointName": "chat", "DesiredWeightsAndCapacities": capacity}),
        ("delete_endpoint", {"EndpointName": "chat"}),
    ):
        assert aws.refused("sagemaker", operation, **more) == in_progress
    settled(aws, clock)
    aws.client("sagemaker").delete_endpoint(EndpointName="chat")
    assert described(aws)["EndpointStatus"] == "Deleting"
    assert aws.refused("sagemaker", "update_endpoint", **update) == in_progress
    assert aws.refused("sagemaker", "create_endpoint", **update) == (
        "ValidationException",
        f'Cannot create already existing endpoint "{ARN}:endpoint/chat".',
    )


def test_an_update_swaps_the_configuration_when_it_is_done(aws, clock):
    """Until then the old one serves; name, ARN, creation time and tags stay."""
    deployed(aws, clock)
    tags = [{"Key": "owner", "Value": "ml"}]
    before = described(aws)
    sagemaker = aws.client("sagemaker")
    sagemaker.add_tags(ResourceArn=before["EndpointArn"], Tags=tags)
    configuration(aws, "two", InitialInstanceCount=2, InstanceType="ml.g5.xlarge")
    sagemaker.update_endpoint(EndpointName="chat", EndpointConfigName="two")
    during = described(aws)
    assert (during["EndpointStatus"], during["EndpointConfigName"]) == ("Updating", "one")
    assert during["PendingDeploymentSummary"]["EndpointConfigName"] == "two"
    assert counts(during) == (1, 1)
    after = settled(aws, clock)
    assert (after["EndpointConfigName"], counts(after)) == ("two", (2, 2))
    assert (after["EndpointArn"], after["CreationTime"]) == (before["EndpointArn"], before["CreationTime"])
    assert sagemaker.list_tags(ResourceArn=after["EndpointArn"])["Tags"] == tags


@pytest.mark.parametrize(
    ("retain", "expected"),
    [
        ({}, (1, 1.0)),
        ({"RetainAllVariantProperties": True}, (3, 0.5)),
        (
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredInstanceCount"}],
            },
            (1, 0.5),
        ),
    ],
)
def test_an_update_keeps_what_it_is_told_to(aws, clock, retain, expected):
    """Counts and weights fall back to the configuration's, unless they are to be retained and not excluded."""
    deployed(aws, clock)
    configuration(aws, "two")
    sagemaker = aws.client("sagemaker")
    wanted = [{"VariantName": "AllTraffic", "DesiredInstanceCount": 3, "DesiredWeight": 0.5}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName="chat", DesiredWeightsAndCapacities=wanted)
    settled(aws, clock)
    sagemaker.update_endpoint(EndpointName="chat", EndpointConfigName="two", **retain)
    [only] = settled(aws, clock)["ProductionVariants"]
    assert (only["CurrentInstanceCount"], only["CurrentWeight"]) == expected
    assert (only["DesiredInstanceCount"], only["DesiredWeight"]) == expected


def test_the_last_deployment_is_described(aws, clock):
    """How an endpoint was made or last updated reads back; an update without one keeps it only when told to."""
    deployed(aws, clock, InitialInstanceCount=2)
    sagemaker = aws.client("sagemaker")
    found = []
    for number, more in enumerate(({"DeploymentConfig": ROLLING}, {"RetainDeploymentConfig": True}, {})):
        configuration(aws, f"next-{number}", InitialInstanceCount=2)
        sagemaker.update_endpoint(EndpointName="chat", EndpointConfigName=f"next-{number}", **more)
        found.append(settled(aws, clock).get("LastDeploymentConfig"))
    assert found == [ROLLING, ROLLING, None]


def test_capacities_change_in_time_and_keep_the_rest(aws, clock):
    """The desired count is there at once, the current one when the update is done; the weight stays."""
    deployed(aws, clock, InitialVariantWeight=2.0)
    wanted = [{"VariantName": "AllTraffic", "DesiredInstanceCount": 2}]
    aws.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName="chat", DesiredWeightsAndCapacities=wanted
    )
    during = described(aws)
    assert (during["EndpointStatus"], counts(during)) == ("Updating", (1, 2))
    assert "PendingDeploymentSummary" not in during
    [only] = settled(aws, clock)["ProductionVariants"]
    assert (only["CurrentInstanceCount"], only["CurrentWeight"], only["DesiredWeight"]) == (2, 2.0, 2.0)


def test_a_configuration_under_deployment_is_kept(aws, clock):
    """Neither the old nor the new configuration can be deleted while an update runs; afterwards both can."""
    deployed(aws, clock)
    configuration(aws, "two")
    sagemaker = aws.client("sagemaker")
    sagemaker.update_endpoint(EndpointName="chat", EndpointConfigName="two")
    for name in ("one", "two"):
        code, message = aws.refused("sagemaker", "delete_endpoint_config", EndpointConfigName=name)
        assert code == "ValidationException"
        assert message.startswith(f'Cannot delete endpoint configuration "{ARN}:endpoint-config/{name}" while ')
    settled(aws, clock)
    for name in ("one", "two"):
        sagemaker.delete_endpoint_config(EndpointConfigName=name)
    assert described(aws)["EndpointConfigName"] == "two"


def test_only_an_endpoint_in_service_answers(aws, clock):
    """An absent one and one that is being created are not found; what a model is asked is never written down."""
    role(aws)
    model(aws)
    configuration(aws, "one")
    body = b'{"messages": [{"role": "user", "content": "what nobody else may read"}]}'
    question = {"EndpointName": "chat", "ContentType": "application/json", "Body": body}
    not_found = ("ValidationError", "Endpoint chat of account 123456789012 not found.")
    operations = ("invoke_endpoint", "invoke_endpoint_with_response_stream")
    for operation in operations:
        assert aws.refused("sagemaker-runtime", operation, **question) == not_found
    aws.client("sagemaker").create_endpoint(EndpointName="chat", EndpointConfigName="one")
    for operation in operations:
        assert aws.refused("sagemaker-runtime", operation, **question) == not_found
    settled(aws, clock)
    runtime = aws.client("sagemaker-runtime")
    length = aws.get("health")["journal_length"]
    assert b"nobody else" in runtime.invoke_endpoint(**question)["Body"].read()
    assert list(runtime.invoke_endpoint_with_response_stream(**question)["Body"])
    assert aws.get("health")["journal_length"] == length
    assert "nobody else" not in aws.journal.read_text()


def test_a_restart_finds_the_same_endpoint(tmp_path, serve, clock):
    """In service with its ARNs, counts and times; a change under way at the stop is done after it."""
    with serve(tmp_path) as aws:
        deployed(aws, clock)
        scaled(aws, (1, 3))
        configuration(aws, "two", InitialInstanceCount=2)
        before, watched = settled(aws, clock), alarms(aws)
        targets = aws.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")
        inventory = aws.get("inventory")
    with serve(tmp_path) as aws:
        assert aws.get("health")["replay_differences"] == 0
        assert described(aws) == before
        assert alarms(aws) == watched
        again = aws.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")
        assert again["ScalableTargets"] == targets["ScalableTargets"]
        assert aws.get("inventory") == inventory
        aws.client("sagemaker").update_endpoint(EndpointName="chat", EndpointConfigName="two")
    with serve(tmp_path) as aws:
        assert (settled(aws, clock)["EndpointConfigName"], counts(described(aws))) == ("two", (2, 2))
