"""Starting, finding, killing and stopping the background process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
import requests

from sandbox import process
from sandbox.errors import PortTakenError, SandboxError
from sandbox.health import ask
from sandbox.ports import Ports, holder_of, is_taken
from sandbox.runpod.keys import FULL_KEY
from tests.ports import free_port, free_ports


@pytest.fixture
def root(tmp_path):
    """A checkout whose sandbox is stopped at the end, whatever happened."""
    yield tmp_path
    process.stop(tmp_path)


def ec2_of(running: process.Running):
    return boto3.client(
        "ec2",
        region_name="us-east-1",
        endpoint_url=running.endpoint,
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
    )


def vpcs_of(running: process.Running) -> set[str]:
    client = ec2_of(running)
    try:
        return {vpc["VpcId"] for vpc in client.describe_vpcs()["Vpcs"]}
    finally:
        client.close()


def make_volume(running: process.Running) -> str:
    """A network volume on the local RunPod; its id."""
    body = {"name": "weights", "size": 100, "dataCenter": "EU-RO-1"}
    key = {"Authorization": f"Bearer {FULL_KEY}"}
    answer = requests.post(f"{running.runpod_url}/v2/network-volumes", json=body, headers=key, timeout=10)
    assert answer.status_code == 201
    return answer.json()["id"]


def test_the_life_of_a_process(root, tmp_path_factory):
    """Two starts at once give one process; killed, it comes back with its state; others are told who has the port."""
    ports = free_ports()
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(lambda _: process.start(root, ports), range(2))
    assert first == second
    assert process.status(root) == first

    client = ec2_of(first)
    made = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    client.close()
    volume = make_volume(first)
    before = vpcs_of(first)
    with pytest.raises(PortTakenError) as error:
        process.start(tmp_path_factory.mktemp("other"), ports)
    assert str(error.value) == (
        f"port {ports.aws}: taken by the sandbox of {root} (pid {first.pid}); "
        "stop it, or choose another port with BERTH_SANDBOX_PORT=<port>"
    )

    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    assert process.status(root) is None
    again = process.start(root, ports)
    assert again.pid != first.pid
    assert again.journal_length == 3
    assert vpcs_of(again) == before
    assert made in before
    assert ask(again.ports.runpod, "inventory")["ids"] == {"runpod.network_volume": [volume]}
    log = (root / ".berth" / "sandbox" / "log.txt").read_text()
    assert " INFO 3 ec2 CreateVpc us-east-1 200 " in log

    assert process.stop(root) is True
    assert process.stop(root) is False
    assert [port for port in ports if is_taken(process.HOST, port)] == []
    assert not (root / ".berth" / "sandbox" / "process.json").exists()
    process.reset(root)
    assert not (root / ".berth" / "sandbox" / "journal.jsonl").exists()
    assert not (root / ".berth" / "sandbox" / "runpod.json").exists()


@pytest.mark.parametrize(
    ("part", "variable"), [("provider", "BERTH_SANDBOX_PROVIDER_PORT"), ("runpod", "BERTH_SANDBOX_RUNPOD_PORT")]
)
def test_a_port_of_a_stranger_is_named(root, part, variable):
    """A port that something else holds is refused before anything is started, with its holder."""
    ports = free_ports()
    with socket.socket() as stranger:
        port = getattr(ports, part)
        stranger.bind((process.HOST, port))
        stranger.listen()
        with pytest.raises(PortTakenError) as error:
            process.start(root, ports)
    message = str(error.value)
    assert message.startswith(f"port {port}: taken by ")
    assert f"(pid {os.getpid()})" in message
    assert message.endswith(f"stop it, or choose another port with {variable}=<port>")
    assert process.status(root) is None


def test_a_start_that_fails_says_why_and_leaves_nothing(root):
    """A corrupt journal ends the process at its start: the error quotes its last words, nothing half-made stays."""
    state = process.State(root)
    state.directory.mkdir(parents=True)
    state.journal.write_text("0123456789ab {}\n")
    with pytest.raises(SandboxError) as error:
        process.start(root, free_ports())
    message = str(error.value)
    assert message.startswith("the sandbox ended while starting (exit code 1):\n")
    assert f"{state.journal}:1: the line was changed after it was written; run `berth sandbox reset`" in message
    assert state.process() == {}
    assert state.journal.read_text() == "0123456789ab {}\n"


def test_a_stale_process_file_harms_nobody(root):
    """A process.json whose number now belongs to another program is forgotten; that program lives on."""
    state = process.State(root)
    state.directory.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        state.write_process({"pid": other.pid, "port": free_port(), "runpod_port": free_port(), "root": str(root)})
        assert process.status(root) is None
        assert process.stop(root) is False
        assert other.poll() is None
        other.kill()
    assert state.process() == {}


def test_half_a_process_file_is_no_process(root):
    """A process.json that was cut off counts as none."""
    state = process.State(root)
    state.directory.mkdir(parents=True)
    (state.directory / "process.json").write_text(json.dumps({"pid": 1})[:-2])
    assert state.process() == {}
    assert process.status(root) is None


def test_a_checkout_without_a_sandbox_has_none(tmp_path):
    """Asking, stopping and resetting where nothing ever ran makes no folder."""
    assert process.status(tmp_path) is None
    assert process.stop(tmp_path) is False
    process.reset(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_free_port_has_no_holder():
    """Nobody is named for a port where nobody listens."""
    port = free_port()
    assert not is_taken(process.HOST, port)
    assert holder_of(port) is None


@pytest.mark.parametrize("content", ["[]", "{", '{"port": "none"}', '{"pid": "1", "port": 1}'])
def test_a_corrupt_process_file_means_that_nothing_runs(tmp_path, content):
    """Whatever stands in process.json, there is no sandbox to find or to stop."""
    folder = tmp_path / ".berth" / "sandbox"
    folder.mkdir(parents=True)
    (folder / "process.json").write_text(content)
    assert process.status(tmp_path) is None
    assert process.stop(tmp_path) is False
    assert not (folder / "process.json").exists()


def test_a_port_of_a_server_that_speaks_no_http_is_taken(tmp_path):
    """Another kind of server on the port is named like any other holder."""
    with socket.create_server((process.HOST, 0)) as server, ThreadPoolExecutor() as pool:

        def greet():
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"SSH-2.0-OpenSSH_9\r\n")
                connection.recv(1000)

        greeting = pool.submit(greet)
        port = server.getsockname()[1]
        with pytest.raises(PortTakenError) as error:
            process.start(tmp_path, Ports(port, port, port))
        greeting.result(timeout=5)
    assert f"port {port}: taken by " in str(error.value)
    assert f"pid {os.getpid()}" in str(error.value)


def test_a_proxy_of_the_shell_is_not_asked(shared_aws, monkeypatch):
    """The sandbox is on this machine: a proxy in the environment does not stand between."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    port = int(shared_aws.url.rpartition(":")[2])
    assert ask(port, "health")["replay_differences"] == 0


def test_health_does_not_wait_for_a_call(shared_aws):
    """A sandbox that is busy with a long call is not taken for a dead one."""
    answered = 0
    with ThreadPoolExecutor() as pool:
        images = pool.submit(shared_aws.client("ec2", "eu-west-1").describe_images, Owners=["amazon"])
        while not images.done():
            shared_aws.get("health")
            answered += 1
    assert answered > 1
