"""What the endpoint itself answers: health, inventory, gaps, what an untouched account holds."""

from __future__ import annotations

import datetime as dt
import urllib.request
from importlib.metadata import version

from sandbox.aws.journal import PATCH_VERSION


def test_an_untouched_account_has_an_empty_inventory(shared_aws):
    """Defaults of a region and the seeded secrets are not counted."""
    assert shared_aws.get("inventory") == {"total": 0, "counts": {}, "ids": {}}


def test_the_inventory_lists_what_was_made(shared_aws):
    """Resources of any region are listed by kind until they are deleted."""
    bucket = "made-before-the-region-was-used"
    shared_aws.client("s3").create_bucket(Bucket=bucket)
    ec2 = shared_aws.client("ec2", "eu-west-1")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    secret = shared_aws.client("secretsmanager").create_secret(Name="mine", SecretString="x")["ARN"]
    inventory = shared_aws.get("inventory")
    assert inventory["ids"]["ec2.vpc"] == [vpc]
    assert inventory["ids"]["s3.bucket"] == [bucket]
    assert inventory["ids"]["secretsmanager.secret"] == [secret]
    ec2.delete_vpc(VpcId=vpc)
    shared_aws.client("s3").delete_bucket(Bucket=bucket)
    shared_aws.client("secretsmanager").delete_secret(SecretId="mine")
    assert shared_aws.get("inventory")["total"] == 0


def test_health_names_the_versions_that_repeat_the_ids(shared_aws):
    """The health route answers what the journal depends on and how long it is."""
    health = shared_aws.get("health")
    assert health["versions"] == {"moto": version("moto"), "botocore": version("botocore"), "patches": PATCH_VERSION}
    assert health["replay_differences"] == 0


def test_a_missing_operation_is_a_501_and_a_gap(shared_aws):
    """What moto does not have is answered 501, which no SDK retries, for each protocol; nothing is recorded."""
    recorded = shared_aws.get("health")["journal_length"]
    calls = {
        "ecs": (
            "create_express_gateway_service",
            {"executionRoleArn": "r", "infrastructureRoleArn": "r", "primaryContainer": {"image": "i"}},
        ),
        "cloudwatch": ("put_composite_alarm", {"AlarmName": "a", "AlarmRule": "TRUE"}),
        "efs": (
            "create_replication_configuration",
            {"SourceFileSystemId": "fs-12345678", "Destinations": [{"Region": "eu-west-1"}]},
        ),
        "ec2": ("create_coip_pool", {"LocalGatewayRouteTableId": "lgw-rtb-1"}),
    }
    for service, (operation, params) in calls.items():
        code, message = shared_aws.refused(service, operation, **params)
        assert (code, message.split(":")[0]) == ("NotImplemented", f"the sandbox does not implement {service}")
    assert shared_aws.get("gaps") == {
        "cloudwatch:PutCompositeAlarm": 1,
        "ec2:CreateCoipPool": 1,
        "ecs:CreateExpressGatewayService": 1,
        "efs:CreateReplicationConfiguration": 1,
    }
    assert shared_aws.get("health")["journal_length"] == recorded


def test_reads_and_telemetry_are_not_recorded(shared_aws):
    """The journal grows with changes only."""
    recorded = shared_aws.get("health")["journal_length"]
    shared_aws.client("ec2").describe_vpcs()
    shared_aws.client("cloudwatch").put_metric_data(
        Namespace="Berth", MetricData=[{"MetricName": "Queued", "Value": 1.0}]
    )
    assert shared_aws.get("health")["journal_length"] == recorded


def test_the_gpu_image_parameter_names_an_existing_image(shared_aws):
    """The parameter that ECS publishes for its GPU image is there, and EC2 knows the image."""
    name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"
    image = shared_aws.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    images = shared_aws.client("ec2").describe_images(ImageIds=[image])["Images"]
    assert [found["ImageId"] for found in images] == [image]


def test_gpu_instances_are_offered_by_zone(shared_aws):
    """Each of g5, g6 and g6e is offered in more than one zone."""
    types = ["g5.xlarge", "g6.xlarge", "g6e.xlarge"]
    offerings = shared_aws.client("ec2").describe_instance_type_offerings(
        LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": types}]
    )["InstanceTypeOfferings"]
    for instance_type in types:
        assert len({o["Location"] for o in offerings if o["InstanceType"] == instance_type}) > 1


def test_cloudwatch_understands_cbor(shared_aws):
    """boto3 sends CloudWatch calls as CBOR; parameters, answers and errors go through."""
    client = shared_aws.client("cloudwatch")
    now = dt.datetime.now(dt.UTC)
    client.put_metric_data(
        Namespace="Berth",
        MetricData=[
            {
                "MetricName": "InFlight",
                "Value": 3.5,
                "Timestamp": now,
                "Dimensions": [{"Name": "Stack", "Value": "local"}],
            }
        ],
    )
    alarm = {
        "AlarmName": "busy",
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 2,
        "MetricName": "InFlight",
        "Namespace": "Berth",
        "Period": 60,
        "Statistic": "Sum",
        "Threshold": 1.5,
        "ActionsEnabled": False,
    }
    client.put_metric_alarm(**alarm)
    found = client.describe_alarms(AlarmNames=["busy"])["MetricAlarms"][0]
    assert {name: found[name] for name in alarm} == alarm
    metrics = client.list_metrics(Namespace="Berth", MetricName="InFlight")["Metrics"]
    assert [(m["MetricName"], m["Dimensions"]) for m in metrics] == [
        ("InFlight", [{"Name": "Stack", "Value": "local"}])
    ]
    statistics = client.get_metric_statistics(
        Namespace="Berth",
        MetricName="InFlight",
        StartTime=now - dt.timedelta(hours=1),
        EndTime=now + dt.timedelta(hours=1),
        Period=7200,
        Statistics=["Sum"],
        Dimensions=[{"Name": "Stack", "Value": "local"}],
    )
    assert [point["Sum"] for point in statistics["Datapoints"]] == [3.5]
    code, _ = shared_aws.refused("cloudwatch", "get_dashboard", DashboardName="none")
    assert code == "ResourceNotFound"


def test_a_client_may_use_the_port_as_its_proxy(shared_aws):
    """S3 Control asks a host that does not resolve; through the proxy variable the absolute address is understood."""
    proxy = urllib.request.build_opener(urllib.request.ProxyHandler({"http": shared_aws.url}))
    with proxy.open("http://123456789012.sandbox.invalid/_berth/gaps") as answer:
        assert answer.status == 200


def test_object_storage_holds_bytes(shared_aws):
    """A body that is no text goes through the journal and back."""
    s3 = shared_aws.client("s3")
    s3.create_bucket(Bucket="weights")
    s3.put_object(Bucket="weights", Key="a b/c", Body=b"\x00\xff")
    assert s3.get_object(Bucket="weights", Key="a b/c")["Body"].read() == b"\x00\xff"


def test_pages_of_a_browser_are_not_let_in(shared_aws):
    """No answer allows another origin, so that a web page cannot read a local secret."""
    request = urllib.request.Request(f"{shared_aws.url}/?Action=ListUsers", headers={"Origin": "http://other.invalid"})  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        assert "Access-Control-Allow-Origin" not in answer.headers
