"""Services that Berth did not make: an ECS service and an endpoint, each by its ARN."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from components.account import Account
from components.errors import StackError
from components.keeper.component import Keeper
from components.keeper.foreign import EndpointScaling, EndpointSize, ecs_details, sagemaker_details
from components.keeper.kept import Kept, Made
from components.keeper.runtime.config import KeeperConfig
from components.keeper.runtime.targets.ecs import EcsDetails
from components.sagemaker.wanted import Configuration, wanted_of
from components.tags import Tags
from tests.components.conftest import ACCOUNT, REGION, Recorded, _run
from tests.components.keeper.kept_stack import HOURS, KeeperAccount
from tests.components.keeper.test_component import statements

SERVICE = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/shop/search"
ENDPOINT = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/ranker"
CLUSTER = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/shop"
ECS_EXAMPLE = "arn:aws:ecs:eu-west-1:123456789012:service/CLUSTER/SERVICE"
ENDPOINT_EXAMPLE = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/NAME"
DETAILS = ecs_details(SERVICE, instance_type="g5.xlarge", group="shop-gpu")


def config(service, target, **changes):
    values = {"min_replicas": 1, "max_replicas": 2, "start_seconds": 600, "hours": HOURS, **changes}
    return KeeperConfig(stack="ops", service=service, target=target, region=REGION, **values)


def endpoint_details(**changes):
    values = {
        "variant_name": "AllTraffic",
        "sizes": [EndpointSize("ranker-2026-11", "ml.g5.xlarge"), EndpointSize("ranker-big", "ml.g5.2xlarge")],
        "min_replicas": 1,
        "max_replicas": 2,
        "scaling": EndpointScaling(target=5),
        "tags": {"team": "search"},
    }
    return sagemaker_details(ENDPOINT, **{**values, **changes})


@pytest.fixture(scope="module")
def made(build_folder):
    """A stack that keeps both, and has nothing else."""
    tags = Tags.checked({}, stack="ops", environment="prod")
    kept = [Kept(config("search", "ecs"), tags), Kept(config("ranker", "sagemaker"), tags)]

    def program():
        account = Account.current(REGION, parent=None)
        keeper = Keeper("keeper", stack="ops", account=account, tags=tags, kept=kept, folder=build_folder)
        keeper.keep({"search": Made(DETAILS), "ranker": Made(endpoint_details())})

    recorded = Recorded()
    return _run(program, KeeperAccount(recorded), recorded, "ops")


def document(made, service):
    return made.of("ssm/parameter:Parameter", f"{service}-config").inputs["insecureValue"]


def test_the_keepers_own_parts_read_what_is_said(made):
    """Cluster and service, endpoint and what it can be made from, under the names of ours."""
    found = EcsDetails.parse(KeeperConfig.parse(document(made, "search")).details)
    assert found == EcsDetails("shop", "search", "g5.xlarge", "shop-gpu", None, None)
    wanted = wanted_of(KeeperConfig.parse(document(made, "ranker")).details)
    assert (wanted.endpoint_name, wanted.variant_name, wanted.keeper_managed) == ("ranker", "AllTraffic", True)
    assert wanted.configurations[1] == Configuration("ranker-big", "ml.g5.2xlarge", "ml.g5.2xlarge")
    assert (wanted.min_replicas, wanted.max_replicas, wanted.policy.target) == (1, 2, 5)


def test_whoever_made_it_its_endpoint_is_the_right_one(made):
    """It has none of Berth's tags, so none is asked for; its own are put on it whenever it is made anew."""
    wanted = wanted_of(KeeperConfig.parse(document(made, "ranker")).details)
    assert wanted.tags == {"team": "search"}
    assert wanted.owns({})


def test_the_keeper_may_change_these_and_no_others(made):
    """By their names."""
    found = {one["Sid"]: one["Resource"] for one in statements(made, "search-keeper")}
    assert found["StartAndStop"] == SERVICE
    assert found["EndInstances"].endswith(":autoScalingGroupName/shop-gpu")
    found = {one["Sid"]: one["Resource"] for one in statements(made, "ranker-keeper")}
    assert found["KeepEndpoint"] == [ENDPOINT]


def test_nothing_but_the_keeper_is_made(made):
    """Neither a service nor a budget; silence rings, and what they cost is not known."""
    kinds = {one.type for one in made.resources}
    assert not [kind for kind in kinds if kind.startswith(("aws:ecs", "aws:lb", "aws:budgets", "pulumi-python:"))]
    named = sorted(one.name for one in made.resources if one.type.endswith("metricAlarm:MetricAlarm"))
    assert named == ["keeper-errors", "keeper-undelivered", "ranker-silent", "search-silent"]
    names = json.loads(made.of("Function", "keeper-function").inputs["environment"]["variables"]["BERTH_SERVICES"])
    assert names == ["ranker", "search"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: ecs_details(CLUSTER, instance_type="g5.xlarge"),
            f"keeper: {CLUSTER} is not the ARN of an ECS service; write it as {ECS_EXAMPLE}",
        ),
        (
            lambda: sagemaker_details(
                "ranker",
                variant_name="AllTraffic",
                sizes=[],
                min_replicas=1,
                max_replicas=1,
                scaling=EndpointScaling(target=5),
            ),
            f"keeper: ranker is not the ARN of a SageMaker endpoint; write it as {ENDPOINT_EXAMPLE}",
        ),
        (
            lambda: endpoint_details(sizes=[]),
            f"{ENDPOINT}: has no size to be made from; name an endpoint configuration",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused(make, message):
    """Another ARN, or an endpoint that nothing could be made from."""
    with pytest.raises(StackError) as error:
        make()
    assert str(error.value) == message


def test_the_guides_program_runs(build_folder, monkeypatch):
    """As it stands there: both services are kept, and told what the guide says."""
    guide = (Path(__file__).parents[3] / "docs" / "guides" / "keeper.md").read_text(encoding="utf-8")
    [program] = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    monkeypatch.chdir(build_folder)
    recorded = Recorded()
    _run(lambda: exec(compile(program, "keeper.md", "exec"), {}), KeeperAccount(recorded), recorded, "ops")  # noqa: S102 - our own page
    assert KeeperConfig.parse(document(recorded, "search")).details["group"] == "shop-gpu"
    assert KeeperConfig.parse(document(recorded, "ranker")).idle_seconds == 3600
