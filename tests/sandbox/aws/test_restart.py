"""The account after a restart: the same ids, the same times, the same outcomes."""

from __future__ import annotations

import json
import resource
import signal
from contextlib import contextmanager

import pytest

from sandbox.aws.journal import PATCH_VERSION
from sandbox.errors import JournalError

DESCRIBED = (
    ("application-autoscaling", "describe_scaling_policies", {"ServiceNamespace": "ecs"}),
    ("application-autoscaling", "describe_scalable_targets", {"ServiceNamespace": "ecs"}),
    ("autoscaling", "describe_auto_scaling_groups", {}),
    ("cloudwatch", "describe_alarms", {}),
    ("ec2", "describe_instances", {}),
    ("ec2", "describe_launch_template_versions", {"Versions": ["$Latest"]}),
    ("ec2", "describe_route_tables", {}),
    ("ec2", "describe_security_group_rules", {}),
    ("ec2", "describe_security_groups", {}),
    ("ec2", "describe_subnets", {}),
    ("ec2", "describe_vpcs", {}),
    ("ecs", "describe_capacity_providers", {"capacityProviders": ["chat"]}),
    ("ecs", "describe_clusters", {"clusters": ["berth"]}),
    ("ecs", "describe_services", {"cluster": "berth", "services": ["chat"]}),
    ("ecs", "describe_task_definition", {"taskDefinition": "chat"}),
    ("efs", "describe_access_points", {}),
    ("efs", "describe_mount_targets", {}),
    ("elbv2", "describe_load_balancers", {}),
    ("elbv2", "describe_target_groups", {}),
    ("iam", "get_role", {"RoleName": "chat"}),
    ("logs", "describe_log_groups", {}),
    ("secretsmanager", "list_secrets", {}),
)


@pytest.fixture
def size_limit():
    """No file of this process can grow past a size: what a full disk looks like."""

    @contextmanager
    def limited(size):
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, handler)

    return limited


def describe_all(aws, made) -> dict[str, object]:
    own = {
        "describe_launch_template_versions": {"LaunchTemplateId": made.template},
        "describe_mount_targets": {"FileSystemId": made.file_system},
    }
    found = {}
    for service, operation, params in DESCRIBED:
        answer = getattr(aws.client(service), operation)(**params, **own.get(operation, {}))
        del answer["ResponseMetadata"]
        found[operation] = json.loads(json.dumps(answer, default=str))
    return found


def test_a_restart_changes_nothing(tmp_path, serve, deploy):
    """Everything that was deployed is described with the same ids, times and settings after a restart."""
    with serve(tmp_path) as aws:
        made = deploy(aws)
        aws.client("ec2").delete_security_group(
            GroupId=aws.client("ec2").create_security_group(GroupName="gone", Description="gone", VpcId=made.vpc)[
                "GroupId"
            ]
        )
        before, inventory = describe_all(aws, made), aws.get("inventory")
        length = aws.get("health")["journal_length"]
    with serve(tmp_path) as aws:
        health = aws.get("health")
        assert (health["journal_length"], health["replay_differences"]) == (length, 0)
        assert describe_all(aws, made) == before
        assert aws.get("inventory") == inventory


def test_ids_go_on_after_a_restart(tmp_path, serve):
    """What is created after a restart gets ids that nothing else has."""
    with serve(tmp_path) as aws:
        first = aws.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    with serve(tmp_path) as aws:
        second = aws.client("ec2").create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
        vpcs = {vpc["VpcId"] for vpc in aws.client("ec2").describe_vpcs()["Vpcs"]}
    assert first != second
    assert {first, second} < vpcs


def test_defaults_do_not_depend_on_the_order_of_calls(tmp_path, serve):
    """A region's default network has the same ids whether a read or a change touched the region first."""
    with serve(tmp_path / "read-first") as aws:
        read_first = aws.client("ec2", "eu-west-1").describe_subnets()["Subnets"]
    with serve(tmp_path / "write-first") as aws:
        aws.client("ec2", "eu-west-1").create_key_pair(KeyName="any")
        write_first = aws.client("ec2", "eu-west-1").describe_subnets()["Subnets"]
    assert [subnet["SubnetId"] for subnet in write_first] == [subnet["SubnetId"] for subnet in read_first]


def test_a_refused_call_of_moto_is_replayed(tmp_path, serve):
    """A call that moto refused is recorded, refused again on replay, and shifts no id."""
    with serve(tmp_path) as aws:
        assert aws.refused("ec2", "delete_vpc", VpcId="vpc-1234567a")[0] == "InvalidVpcID.NotFound"
        made = aws.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    with serve(tmp_path) as aws:
        assert made in {vpc["VpcId"] for vpc in aws.client("ec2").describe_vpcs()["Vpcs"]}
        assert aws.get("health")["replay_differences"] == 0


def test_a_torn_last_line_is_dropped(tmp_path, serve, caplog):
    """A line that a dying process wrote half is dropped with a warning; what was answered stays."""
    with serve(tmp_path) as aws:
        vpc = aws.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    journal = tmp_path / "journal.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'0123456789ab {"n":4,"at":17')
    with serve(tmp_path) as aws:
        assert vpc in {v["VpcId"] for v in aws.client("ec2").describe_vpcs()["Vpcs"]}
    assert journal.read_bytes() == whole
    assert f"{journal}: dropped a last line that was not written to its end" in caplog.text


@pytest.mark.parametrize("content", [b"", b'0123456789ab {"versions":'])
def test_a_journal_without_a_whole_line_is_a_new_account(tmp_path, serve, content):
    """A process that died before its first line was on the disk leaves nothing to heal."""
    (tmp_path / "journal.jsonl").write_bytes(content)
    with serve(tmp_path) as aws:
        assert aws.get("health")["journal_length"] == 2
        assert len(aws.journal.read_text().splitlines()) == 3


def test_a_full_disk_stops_changes_and_loses_nothing(tmp_path, serve, size_limit):
    """A call that cannot be written down is an error, as is every later one; a restart has what was answered."""
    with serve(tmp_path) as aws:
        kept = aws.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        whole = aws.journal.read_bytes()
        with size_limit(len(whole) + 40):
            code, message = aws.refused("ec2", "create_vpc", CidrBlock="10.2.0.0/16")
        assert code == "InternalFailure"
        assert f"the sandbox cannot write its journal ({aws.journal}: " in message
        assert aws.refused("sns", "create_topic", Name="t")[0] == "InternalFailure"
        assert aws.journal.read_bytes() == whole
    with serve(tmp_path) as aws:
        own = {vpc["VpcId"] for vpc in aws.client("ec2").describe_vpcs()["Vpcs"] if not vpc["IsDefault"]}
        assert own == {kept}
        aws.client("sns").create_topic(Name="t")


def test_an_interrupted_first_start_is_completed(tmp_path, serve):
    """A first start that was killed between the seeded secrets is completed by the next one."""
    with serve(tmp_path):
        pass
    journal = tmp_path / "journal.jsonl"
    whole = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(whole[:2]))
    with serve(tmp_path) as aws:
        names = {secret["Name"] for secret in aws.client("secretsmanager").list_secrets()["SecretList"]}
    assert names == {"huggingface/token", "berth/client-keys"}
    assert len(journal.read_text().splitlines()) == len(whole)


def test_a_changed_line_is_refused(tmp_path, serve):
    """A journal that somebody edited is refused with file, line and what to do."""
    with serve(tmp_path):
        pass
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"huggingface", b"somewhereelse", 1))
    with pytest.raises(JournalError) as error, serve(tmp_path):
        pass
    assert str(error.value) == (
        f"{journal}:2: the line was changed after it was written; "
        "run `berth sandbox reset` to start with an empty account"
    )


def test_a_journal_of_other_versions_is_refused(tmp_path, serve, monkeypatch):
    """Ids depend on moto, botocore and our patches: a journal written with others is refused with both."""
    with serve(tmp_path):
        pass
    monkeypatch.setattr("sandbox.aws.journal.PATCH_VERSION", PATCH_VERSION + 1)
    with pytest.raises(JournalError) as error, serve(tmp_path):
        pass
    message = str(error.value)
    assert f"patches {PATCH_VERSION}, this is moto" in message
    assert f"patches {PATCH_VERSION + 1}; ids would change" in message
    assert "run `berth sandbox reset`" in message
