"""Every statement of every policy, exactly."""

from __future__ import annotations

import json
from dataclasses import replace

from components.account import Account
from components.ecs import permissions
from components.plan.gateway import KeyLimits
from components.secret import Secret

ACCOUNT = Account(partition="aws", id="123456789012", region="us-east-1")
POINTS = ["arn:aws:accesspoint:us-east-1:123456789012:chat-cache-models"]
BOTH_POINTS = [*POINTS, "arn:aws:accesspoint:us-east-1:123456789012:chat-cache-vllm-cache"]
FILE_SYSTEM = "arn:aws:filesystem:us-east-1:123456789012:chat-cache"


def test_execution_reads_these_secrets_and_writes_these_logs(render, plan_of, account):
    """Nothing of the registry is granted when no image is there."""
    made = render(plan_of())
    assert json.loads(made.of("RolePolicy", "chat-execution").inputs["policy"])["Statement"] == [
        {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [
                f"arn:aws:logs:us-east-1:123456789012:log-group:/berth/dev/chat/{container}:*"
                for container in ("weights", "vllm", "gateway")
            ],
        },
        {
            "Sid": "ReadSecrets",
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": [account.secrets["huggingface/token"]],
        },
    ]


def test_a_secret_with_its_own_key_can_be_decrypted_and_nothing_else(render, plan_of, account):
    """The right holds for Secrets Manager and these secrets only."""
    account.secret_key = "alias/own"
    made = render(plan_of())
    statements = json.loads(made.of("RolePolicy", "chat-execution").inputs["policy"])["Statement"]
    assert statements[2:] == [
        {
            "Sid": "DecryptSecrets",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": ["arn:aws:kms:us-east-1:123456789012:key/*"],
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com",
                    "kms:EncryptionContext:SecretARN": [account.secrets["huggingface/token"]],
                }
            },
        }
    ]


def test_client_keys_with_a_key_of_their_own_can_be_decrypted_by_the_gateway(render, plan_of, account):
    """It reads them itself, so its role has the right, for that secret alone."""
    account.secret_key = "alias/own"
    made = render(plan_of())
    statements = json.loads(made.of("RolePolicy", "chat-task").inputs["policy"])["Statement"]
    [decrypt] = [one for one in statements if one["Sid"] == "DecryptClientKeys"]
    assert decrypt["Condition"]["StringEquals"]["kms:EncryptionContext:SecretARN"] == [
        account.secrets["berth/client-keys"]
    ]


def test_a_secret_of_another_account_is_decrypted_with_its_key():
    """The key belongs to the account of the secret."""
    arn = "arn:aws:secretsmanager:us-east-1:210987654321:secret:berth/keys-AbCdEf"
    (statement,) = [
        one
        for one in permissions.execution(ACCOUNT, images=[], log_groups=[], secrets=[Secret(arn, has_own_key=True)])
        if one["Sid"] == "DecryptSecrets"
    ]
    assert statement["Resource"] == ["arn:aws:kms:us-east-1:210987654321:key/*"]


def test_images_in_ecr_can_be_pulled_by_repository():
    """The repositories are named; only the login has no narrower resource."""
    statements = permissions.execution(
        ACCOUNT,
        images=[
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/berth/gateway@sha256:00",
            "210987654321.dkr.ecr.eu-west-1.amazonaws.com/vllm:v1",
            "123456789012.dkr-ecr.us-east-1.on.aws/berth/weights:1",
            "vllm/vllm-openai:v0.33.0",
        ],
        log_groups=[],
        secrets=[],
    )
    assert statements[1:] == [
        {"Sid": "LogInToEcr", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
        {
            "Sid": "PullImages",
            "Effect": "Allow",
            "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Resource": [
                "arn:aws:ecr:eu-west-1:210987654321:repository/vllm",
                "arn:aws:ecr:us-east-1:123456789012:repository/berth/gateway",
                "arn:aws:ecr:us-east-1:123456789012:repository/berth/weights",
            ],
        },
    ]


def test_without_secrets_no_secret_can_be_read():
    """A service without secrets has no statement about them."""
    sids = [one["Sid"] for one in permissions.execution(ACCOUNT, images=[], log_groups=["/a"], secrets=[])]
    assert sids == ["WriteLogs"]
    with_secret = permissions.execution(ACCOUNT, images=[], log_groups=["/a"], secrets=[Secret("arn:1")])
    assert [one["Sid"] for one in with_secret] == ["WriteLogs", "ReadSecrets"]


def test_tasks_have_their_own_cache_keys_and_protection_and_nothing_else(chat):
    """Mounting needs one of the service's two access points; a task speaks for the service's tasks alone."""
    assert json.loads(chat.of("RolePolicy", "chat-task").inputs["policy"])["Statement"] == [
        {
            "Sid": "UseWeightCache",
            "Effect": "Allow",
            "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
            "Resource": FILE_SYSTEM,
            "Condition": {"StringEquals": {"elasticfilesystem:AccessPointArn": BOTH_POINTS}},
        },
        {
            "Sid": "ReadClientKeys",
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": [f"arn:aws:secretsmanager:us-east-1:{ACCOUNT.id}:secret:berth/client-keys-AbCdEf"],
        },
        {
            "Sid": "StayWhileStreaming",
            "Effect": "Allow",
            "Action": ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
            "Resource": f"arn:aws:ecs:us-east-1:{ACCOUNT.id}:task/berth_dev_chat_*/*",
        },
    ]


def test_budgets_are_leased_from_the_services_own_table(render, plan_of):
    """Leasing is one kind of update; nothing of the table can be read, scanned or deleted."""
    plan = plan_of()
    counting = replace(plan.gateway, limits=KeyLimits(usd_per_month=20.0))
    made = render(replace(plan, gateway=counting))
    assert made.of("dynamodb/table:Table", "chat-spending").inputs["name"] == "berth_dev_chat_spending"
    statements = json.loads(made.of("RolePolicy", "chat-task").inputs["policy"])["Statement"]
    assert [one for one in statements if one["Sid"] == "LeaseBudgets"] == [
        {
            "Sid": "LeaseBudgets",
            "Effect": "Allow",
            "Action": "dynamodb:UpdateItem",
            "Resource": f"arn:aws:dynamodb:us-east-1:{ACCOUNT.id}:table/berth_dev_chat_spending",
        }
    ]


def test_weights_in_s3_can_be_read_under_their_prefix(plan_of):
    """The bucket is listed and read under the prefix of the spec only."""
    model = replace(plan_of().model, source="s3", s3_uri="s3://weights/llama/8b/")
    statements = permissions.task(ACCOUNT, file_system_arn="arn:fs", access_point_arns=POINTS, model=model)
    assert statements[1:] == [
        {
            "Sid": "ReadWeights",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::weights/llama/8b/*",
        },
        {
            "Sid": "ListWeights",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::weights",
            "Condition": {"StringLike": {"s3:prefix": "llama/8b/*"}},
        },
    ]


def test_instances_work_for_their_services_clusters_and_no_other(chat):
    """The agent's rights end at the clusters of the service: one per type of instance, `_` is in no service's name."""
    cluster = "arn:aws:ecs:us-east-1:123456789012:cluster/berth_dev_chat_*"
    assert json.loads(chat.of("RolePolicy", "chat-instance").inputs["policy"])["Statement"] == [
        {"Sid": "FindEndpoint", "Effect": "Allow", "Action": "ecs:DiscoverPollEndpoint", "Resource": "*"},
        {
            "Sid": "JoinCluster",
            "Effect": "Allow",
            "Action": [
                "ecs:DeregisterContainerInstance",
                "ecs:RegisterContainerInstance",
                "ecs:SubmitAttachmentStateChanges",
                "ecs:SubmitContainerStateChange",
                "ecs:SubmitTaskStateChange",
            ],
            "Resource": cluster,
        },
        {
            "Sid": "ServeCluster",
            "Effect": "Allow",
            "Action": ["ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"],
            "Resource": "arn:aws:ecs:us-east-1:123456789012:container-instance/berth_dev_chat_*/*",
            "Condition": {"ArnLike": {"ecs:cluster": cluster}},
        },
    ]


def test_roles_can_be_assumed_by_this_accounts_tasks_only(render, plan_of):
    """Another account's ECS cannot borrow the roles; instances are EC2's."""
    made = render(plan_of())
    for name in ("chat-task", "chat-execution"):
        assert json.loads(made.of("iam/role:Role", name).inputs["assumeRolePolicy"])["Statement"] == [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
            }
        ]
    assert json.loads(made.of("iam/role:Role", "chat-instance").inputs["assumeRolePolicy"])["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]


def test_the_file_system_lets_in_this_services_tasks_over_tls(chat):
    """Everyone else, and every plain connection, is refused."""
    assert json.loads(chat.of("FileSystemPolicy", "chat-cache").inputs["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TasksOnly",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:role:us-east-1:123456789012:chat-task"},
                "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
                "Resource": FILE_SYSTEM,
                "Condition": {"StringEquals": {"elasticfilesystem:AccessPointArn": BOTH_POINTS}},
            },
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "*",
                "Resource": FILE_SYSTEM,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }
