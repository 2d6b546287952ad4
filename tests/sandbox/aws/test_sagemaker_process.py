"""An endpoint on the background process, by the real clock: a kill neither loses it nor moves it."""

from __future__ import annotations

import os
import signal

import pytest

from sandbox import process
from tests.ports import free_ports
from tests.sandbox.aws.conftest import Endpoint
from tests.sandbox.aws.sagemaker_parts import TARGET, TRACKING, configuration, described, model, role


@pytest.fixture
def root(tmp_path):
    """A checkout whose sandbox is stopped at the end, whatever happened."""
    yield tmp_path
    process.stop(tmp_path)


def wait_for(aws: Endpoint, waiter: str) -> None:
    """Wait as a user's boto3 does, only more often."""
    aws.client("sagemaker").get_waiter(waiter).wait(
        EndpointName="chat", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
    )


def test_a_killed_process_comes_back_with_its_endpoint(root):
    """In service with equal ARNs, target, policy and alarms; then it is deleted and nothing of it is left."""
    ports = free_ports()
    running = process.start(root, ports)
    aws = Endpoint(running.endpoint, process.State(root).directory)
    role(aws)
    model(aws)
    configuration(aws, "one")
    aws.client("sagemaker").create_endpoint(EndpointName="chat", EndpointConfigName="one")
    assert described(aws)["EndpointStatus"] == "Creating"
    wait_for(aws, "endpoint_in_service")
    scaling = aws.client("application-autoscaling")
    scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=3)
    scaling.put_scaling_policy(**TARGET, PolicyName="tracking", **TRACKING)
    before, inventory = described(aws), aws.get("inventory")

    os.kill(running.pid, signal.SIGKILL)
    os.waitpid(running.pid, 0)
    process.start(root, ports)
    assert described(aws) == before
    assert before["EndpointStatus"] == "InService"
    assert aws.get("inventory") == inventory

    sagemaker = aws.client("sagemaker")
    sagemaker.delete_endpoint(EndpointName="chat")
    wait_for(aws, "endpoint_deleted")
    sagemaker.delete_endpoint_config(EndpointConfigName="one")
    sagemaker.delete_model(ModelName="llama")
    aws.client("iam").delete_role(RoleName="sagemaker")
    assert aws.get("inventory")["total"] == 0
    aws.close_clients()
