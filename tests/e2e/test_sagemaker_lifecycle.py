"""The whole life of a stack on SageMaker with the real Pulumi CLI; the tests tell one story and run in this order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from sandbox.cli import main as sandbox_command
from tests.e2e.deployment import POLICIES

if TYPE_CHECKING:
    from tests.e2e.deployment import Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.story]
STACK_FILE = "stacks/Pulumi.local.yaml"
LLAMA, QWEN = "llama-3-1-8b-sm", "qwen-2-5-32b-sm"
LLAMA_SPEC = "stacks/services/llama-3-1-8b.yaml"


def endpoint(deployment: Deployment, service: str) -> dict[str, Any]:
    name = deployment.outputs()["services"][service]["endpoint_name"]
    return deployment.client("sagemaker").describe_endpoint(EndpointName=name)


def model_of(deployment: Deployment, service: str) -> dict[str, Any]:
    client = deployment.client("sagemaker")
    config = client.describe_endpoint_config(EndpointConfigName=endpoint(deployment, service)["EndpointConfigName"])
    [variant] = config["ProductionVariants"]
    return {"variant": variant, "model": client.describe_model(ModelName=variant["ModelName"])}


def scalable_targets(deployment: Deployment) -> dict[str, tuple[int, int]]:
    found = deployment.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")
    return {
        target["ResourceId"].split("/")[1]: (target["MinCapacity"], target["MaxCapacity"])
        for target in found["ScalableTargets"]
    }


def test_the_first_up_deploys_both_services_under_the_policies(deployment: Deployment) -> None:
    """TGI and vLLM endpoints are in service, on the image, machine image and weights of their plans."""
    deployment.keep("sagemaker")
    assert "Policies:" in deployment.up(*POLICIES)
    services = deployment.outputs()["services"]
    assert sorted(services) == [LLAMA, QWEN]
    for name, service in services.items():
        found = endpoint(deployment, name)
        assert found["EndpointStatus"] == "InService"
        assert service["state"] == "awake"
        assert service["openai_base_url"] == (
            f"https://runtime.sagemaker.us-east-1.amazonaws.com/endpoints/{service['endpoint_name']}/openai/v1"
        )
    tgi, vllm = model_of(deployment, LLAMA), model_of(deployment, QWEN)
    assert "tgi3.3.6" in tgi["model"]["PrimaryContainer"]["Image"]
    assert tgi["variant"]["InferenceAmiVersion"] == "al2-ami-sagemaker-inference-gpu-3-1"
    assert tgi["model"]["EnableNetworkIsolation"] is True
    assert tgi["model"]["PrimaryContainer"]["Environment"]["HF_MODEL_ID"] == "/opt/ml/model"
    assert "/vllm:" in vllm["model"]["PrimaryContainer"]["Image"]
    assert vllm["model"]["PrimaryContainer"]["Environment"]["SM_VLLM_MODEL"] == "Qwen/Qwen2.5-32B-Instruct-AWQ"
    assert scalable_targets(deployment) == {
        services[LLAMA]["endpoint_name"]: (1, 3),
        services[QWEN]["endpoint_name"]: (1, 2),
    }


def test_a_second_preview_changes_nothing(deployment: Deployment) -> None:
    """The same program on the same account is all `same`."""
    assert deployment.changes() == {}


def test_a_refresh_shows_no_drift(deployment: Deployment) -> None:
    """What the account answers is what was deployed, our own Endpoint included."""
    assert deployment.changes("--refresh") == {}


def test_both_endpoints_answer_a_question(deployment: Deployment) -> None:
    """`berth smoke` invokes them with the names of their models, and no library talks on the way."""
    asked = deployment.run("berth", "smoke", "--stack", "local", "--json")
    assert (asked.returncode, asked.stderr) == (0, "")
    rows = json.loads(asked.stdout)["services"]
    assert {row["service"]: row["result"] for row in rows} == {LLAMA: "answered", QWEN: "answered"}
    assert {row["answer"] for row in rows} == {"This is the sandbox, no GPU was harmed. You said: Say hello ..."}


def test_a_killed_sandbox_comes_back_with_the_same_endpoints(deployment: Deployment) -> None:
    """After a hard kill and a new start, a refreshing preview finds every endpoint in service."""
    before = deployment.outputs()
    deployment.kill()
    deployment.start()
    assert deployment.changes("--refresh") == {}
    assert deployment.outputs() == before


def test_more_replicas_touch_the_scaling_alone(deployment: Deployment) -> None:
    """The limits move in place: no model, no configuration and no instance is replaced."""
    before = endpoint(deployment, LLAMA)["EndpointConfigName"]
    deployment.edit(LLAMA_SPEC, scaling__max_replicas=4)
    changes = {name: operation for name, operation in deployment.changes().items() if not name.startswith("berth:")}
    assert changes == {f"pulumi-python:dynamic/sagemaker:Endpoint {LLAMA}-endpoint": "update"}
    deployment.up()
    assert scalable_targets(deployment)[deployment.outputs()["services"][LLAMA]["endpoint_name"]] == (1, 4)
    assert endpoint(deployment, LLAMA)["EndpointConfigName"] == before
    assert deployment.changes() == {}


def test_another_model_is_a_new_configuration_of_the_same_endpoint(deployment: Deployment) -> None:
    """The endpoint is updated in place and keeps the instances that run; the old model is deleted."""
    before = endpoint(deployment, QWEN)
    deployment.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=before["EndpointName"],
        DesiredWeightsAndCapacities=[
            {"VariantName": before["ProductionVariants"][0]["VariantName"], "DesiredInstanceCount": 2}
        ],
    )
    deployment.edit("stacks/services/qwen-2-5-32b.yaml", model__max_context_tokens=8192)
    deployment.up()
    after = endpoint(deployment, QWEN)
    assert after["EndpointArn"] == before["EndpointArn"]
    assert after["CreationTime"] == before["CreationTime"]
    assert after["EndpointConfigName"] != before["EndpointConfigName"]
    assert after["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    assert model_of(deployment, QWEN)["model"]["PrimaryContainer"]["Environment"]["SM_VLLM_MAX_MODEL_LEN"] == "8192"
    assert deployment.changes("--refresh") == {}


def test_another_accelerator_is_taken_in_place_although_the_endpoint_scales(deployment: Deployment) -> None:
    """AWS refuses another instance type while a scalable target is registered; the endpoint sees to that."""
    before = endpoint(deployment, LLAMA)
    deployment.edit(LLAMA_SPEC, accelerators=["A10G"])
    deployment.up()
    assert model_of(deployment, LLAMA)["variant"]["InstanceType"].startswith("ml.g5.")
    assert endpoint(deployment, LLAMA)["CreationTime"] == before["CreationTime"]
    assert scalable_targets(deployment)[before["EndpointName"]] == (1, 4)
    assert deployment.changes("--refresh") == {}


def test_a_parked_service_has_no_endpoint_and_keeps_what_costs_nothing(deployment: Deployment) -> None:
    """`power: off` deletes the endpoint alone; nothing drifts, and a deployment meanwhile wakes nothing."""
    name = endpoint(deployment, LLAMA)["EndpointName"]
    deployment.edit(LLAMA_SPEC, power="off")
    deployment.up()
    assert deployment.outputs()["services"][LLAMA]["state"] == "parked"
    with pytest.raises(ClientError, match="Could not find endpoint"):
        deployment.client("sagemaker").describe_endpoint(EndpointName=name)
    assert name not in scalable_targets(deployment)
    assert deployment.changes("--refresh") == {}
    deployment.edit(LLAMA_SPEC, model__max_context_tokens=8192)
    deployment.up()
    with pytest.raises(ClientError, match="Could not find endpoint"):
        deployment.client("sagemaker").describe_endpoint(EndpointName=name)
    row = json.loads(deployment.run("berth", "status", "--stack", "local", "--json").stdout)["services"][0]
    assert (row["service"], row["state"], row["replicas_running"], row["usd_per_hour"]) == (LLAMA, "parked", 0, 0)


def test_a_woken_service_is_the_same_endpoint_again(deployment: Deployment) -> None:
    """`power: on` makes it anew under the same name, with the configuration that was deployed meanwhile."""
    before = deployment.outputs()["services"][LLAMA]["endpoint_name"]
    deployment.edit(LLAMA_SPEC, power="on")
    deployment.up()
    assert endpoint(deployment, LLAMA)["EndpointStatus"] == "InService"
    assert deployment.outputs()["services"][LLAMA]["endpoint_name"] == before
    assert scalable_targets(deployment)[before] == (1, 4)
    assert deployment.changes("--refresh") == {}


def test_an_endpoint_that_someone_deleted_is_made_again(deployment: Deployment) -> None:
    """Outside of parking, a missing endpoint is drift, and an up repairs it."""
    deployment.client("sagemaker").delete_endpoint(EndpointName=endpoint(deployment, QWEN)["EndpointName"])
    deployment.up("--refresh")
    assert endpoint(deployment, QWEN)["EndpointStatus"] == "InService"


def test_down_leaves_nothing(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    """The stack is destroyed and the account is empty, a parked service's remains included."""
    deployment.edit(LLAMA_SPEC, power="off")
    deployment.up()
    assert sandbox_command(["down", "--root", str(deployment.root)]) == 0
    assert "nothing is left on the sandbox" in capsys.readouterr().out
