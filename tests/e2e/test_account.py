"""A new account, as its guide says: made from a laptop, its state moved into its bucket, then a stack deployed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from components.account import Account
from components.foundation.boundary import ALLOWED
from components.foundation.roles import Roles
from components.foundation.settings import FoundationSettings

if TYPE_CHECKING:
    from tests.e2e.deployment import Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.story]
CHECKOUT = Path(__file__).resolve().parents[2]
SETTINGS = """\
config:
  aws:region: us-east-1
  berth-account:repository: acme/models
"""
BUCKET = "berth-state-123456789012-us-east-1"
# The sandbox has one address, so that the bucket's name is part of the path.
BACKEND = f"s3://{BUCKET}?region=us-east-1&awssdk=v2&use_path_style=true"
KEY = "awskms://alias/berth-account?region=us-east-1"
BOUNDARY = "arn:aws:iam::123456789012:policy/berth-boundary"
IAM_NAMES = {
    "budgets:CreateBudget": "budgets:ModifyBudget",
    "budgets:DeleteBudget": "budgets:ModifyBudget",
    "budgets:DescribeBudget": "budgets:ViewBudget",
    "budgets:DescribeNotificationsForBudget": "budgets:ViewBudget",
    "budgets:DescribeSubscribersForNotification": "budgets:ViewBudget",
    "lambda:Invoke": "lambda:InvokeFunction",
}
"""Actions whose operations have other names."""
IAM_SERVICES = {"elbv2": "elasticloadbalancing", "efs": "elasticfilesystem"}
NOT_OF_A_DEPLOYMENT = {
    # Everybody may ask who they are; the rest is the keeper, which a deployment runs once, and this test.
    *("sts:GetCallerIdentity", "cloudwatch:PutMetricData", "secretsmanager:GetSecretValue", "iam:ListRoles"),
}
CALL = re.compile(r"\S+ \S+ INFO \d+ (?P<service>[a-z0-9-]+) (?P<operation>[A-Za-z0-9]+) [a-z0-9-]+ \d+ \d+ms")


def account(deployment: Deployment, *command: str, passphrase: str = "", backend: str = "") -> str:
    """Run Pulumi in the folder of the account; fails the test with its output when it does not succeed."""
    settings = [f"PULUMI_CONFIG_PASSPHRASE={passphrase}"]
    settings += [f"PULUMI_BACKEND_URL={backend}"] if backend else []
    unset = [] if passphrase else ["-u", "PULUMI_CONFIG_PASSPHRASE"]
    full = ("env", *unset, *(settings if passphrase else settings[1:]), "pulumi", "-C", "account", *command)
    result = deployment.run(*full)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def made(deployment: Deployment) -> Deployment:
    """The account's stack, from a laptop: a state in a folder, under a passphrase."""
    shutil.copytree(CHECKOUT / "account", deployment.root / "account", ignore=shutil.ignore_patterns("__pycache__"))
    (deployment.root / "account" / "Pulumi.acme.yaml").write_text(SETTINGS)
    account(deployment, "stack", "init", "acme", passphrase="of-one-hour")
    account(deployment, "up", "--yes", "--skip-preview", "--stack", "acme", passphrase="of-one-hour")
    return deployment


def test_a_second_deployment_and_a_refresh_find_nothing_to_do(made: Deployment) -> None:
    """What AWS answers is what was written."""
    found = account(made, "preview", "--stack", "acme", "--refresh", "--expect-no-changes", passphrase="of-one-hour")
    assert "unchanged" in found


def test_its_state_moves_into_its_own_bucket_under_its_own_key(made: Deployment) -> None:
    """As the guide says; afterwards no passphrase is needed, and nothing has to be done."""
    root = made.root
    account(made, "stack", "change-secrets-provider", "--stack", "acme", KEY, passphrase="of-one-hour")
    account(made, "stack", "export", "--stack", "acme", "--file", str(root / "acme.json"))
    account(made, "stack", "init", "acme", "--secrets-provider", KEY, backend=BACKEND)
    account(made, "stack", "import", "--stack", "acme", "--file", str(root / "acme.json"), backend=BACKEND)
    account(made, "preview", "--stack", "acme", "--expect-no-changes", backend=BACKEND)
    assert "encryptionsalt" not in (root / "account" / "Pulumi.acme.yaml").read_text()


def test_the_rights_on_states_are_for_the_files_that_pulumi_writes(made: Deployment) -> None:
    """Locks and history too: all lie below the project's and the stack's name."""
    account(made, "up", "--yes", "--skip-preview", "--stack", "acme", backend=BACKEND)
    versions = made.client("s3").list_object_versions(Bucket=BUCKET)["Versions"]
    keys = {one["Key"] for one in versions} - {".pulumi/meta.yaml"}
    assert {key.split("/")[1] for key in keys} == {"stacks", "locks", "history", "backups"}
    assert [key for key in sorted(keys) if not re.fullmatch(r"\.pulumi/.*/berth-account/acme(?:\..*|/.*)", key)] == []


def kept_services(deployment: Deployment) -> None:
    """Everything that a stack can hold: on all targets, watched, kept and behind a front."""
    deployment.keep(spec="llama-3-1-8b")
    path = "stacks/Pulumi.local.yaml"
    document = yaml.safe_load((deployment.root / path).read_text())
    document["config"]["berth:permissions_boundary"] = BOUNDARY
    services = document["config"]["berth:services"]
    for entry in services:
        overrides = entry.setdefault("overrides", {})
        overrides["idle"] = {"after": "30m"}
        overrides["budget"] = {"monthly_usd": 5000, "notify": {"emails": ["ml@example.com"]}, "on_breach": "park"}
        if entry["target"] == "runpod":
            overrides["runpod"] = {**overrides.get("runpod", {}), "api_key_secret": "runpod/api-key"}
    services[1]["overrides"]["gateway"] = {"front": True, "keys_secret": "berth/client-keys"}
    (deployment.root / path).write_text(yaml.safe_dump(document, sort_keys=False))
    deployment.client("secretsmanager").create_secret(Name="runpod/api-key", SecretString="rpa_sandbox")


def asked(deployment: Deployment, start: int) -> set[str]:
    """Return the IAM actions of every call to AWS from a position of the sandbox's log on."""
    text = (deployment.root / ".berth" / "sandbox" / "log.txt").read_text()[start:]
    found = {f"{IAM_SERVICES.get(m['service'], m['service'])}:{m['operation']}" for m in CALL.finditer(text)}
    return {IAM_NAMES.get(action, action) for action in found} - NOT_OF_A_DEPLOYMENT


def test_the_role_that_deploys_may_do_all_that_a_deployment_does(made: Deployment) -> None:
    """Deployed, refreshed and destroyed: each call is allowed; each role below the path, within the boundary."""
    log = made.root / ".berth" / "sandbox" / "log.txt"
    kept_services(made)
    start = len(log.read_text())
    made.up()
    roles = made.client("iam").get_paginator("list_roles").paginate(PathPrefix="/berth/local/")
    found = [role for page in roles for role in page["Roles"]]
    assert len(found) > 5
    iam = made.client("iam")
    for role in found:
        told = iam.get_role(RoleName=role["RoleName"])["Role"]
        assert told["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY
    assert granted(made, [role["RoleName"] for role in found]) - {"iam:CreateServiceLinkedRole"} <= set(ALLOWED)
    begun = len(log.read_text())
    assert made.changes("--refresh") == {}
    previewed = asked(made, begun)
    made.pulumi("destroy", "--yes")
    assert asked(made, start) - rights_to_deploy() == set()
    assert previewed - rights_to_look() == set()


def granted(deployment: Deployment, roles: list[str]) -> set[str]:
    """Return every action that some policy of these roles allows."""
    iam, found = deployment.client("iam"), set[str]()
    for name in roles:
        documents = [
            iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"]
            for one in iam.list_role_policies(RoleName=name)["PolicyNames"]
        ]
        for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            version = iam.get_policy(PolicyArn=one["PolicyArn"])["Policy"]["DefaultVersionId"]
            answer = iam.get_policy_version(PolicyArn=one["PolicyArn"], VersionId=version)
            documents.append(answer["PolicyVersion"]["Document"])
        for document in documents:
            for statement in document["Statement"]:
                actions = statement["Action"]
                found |= {actions} if isinstance(actions, str) else set(actions)
    return found


def rights() -> Any:
    """Return what makes the roles of an account, without making them."""
    own = Account("aws", "123456789012", "us-east-1")
    return Roles(own, FoundationSettings(repository="acme/models"), None, BOUNDARY, {}, {}, None)  # type: ignore[arg-type]


def rights_to_deploy() -> set[str]:
    """Return the actions of the role that deploys stack local."""
    return {action for part in rights().deploying("local").values() for one in part for action in one["Action"]}


def rights_to_look() -> set[str]:
    """Return the actions of the role that previews it."""
    return {action for part in rights().reading(["local"]).values() for one in part for action in one["Action"]}


def test_what_holds_states_keys_and_images_is_not_destroyed_by_mistake(made: Deployment) -> None:
    """Pulumi names what is protected."""
    result = made.run(
        *("env", "-u", "PULUMI_CONFIG_PASSPHRASE", f"PULUMI_BACKEND_URL={BACKEND}"),
        *("pulumi", "-C", "account", "destroy", "--yes", "--stack", "acme"),
    )
    assert result.returncode != 0
    assert "protect" in result.stdout + result.stderr
    assert made.client("s3").get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert json.loads(account(made, "stack", "output", "--json", "--stack", "acme", backend=BACKEND))["roles"]
