"""Where the key comes from, where it may go, and that neither question ever shows it."""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws

from components.errors import StackError
from components.runpod.client import connect
from components.runpod.keys import api_key
from components.runpod.origins import Origins, origins

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:runpod-AbCdEf"


def test_the_environment_comes_first():
    """Also when a secret is named; a trailing newline is no part of a key."""
    assert (
        api_key({"RUNPOD_API_KEY": "rpa_1\n", "RUNPOD_API_KEY_SECRET_ARN": ARN}, read_secret=lambda _: "rpa_2")
        == "rpa_1"
    )


def test_a_secret_is_read_in_its_own_region(monkeypatch):
    """With real boto3 against moto: the ARN's region, whatever the default is."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        secret = boto3.client("secretsmanager", region_name="eu-west-1").create_secret(
            Name="runpod", SecretString="rpa_FROM_SECRET"
        )
        assert api_key({"RUNPOD_API_KEY_SECRET_ARN": secret["ARN"]}) == "rpa_FROM_SECRET"
        with pytest.raises(StackError, match=r"cannot be read .*; check the ARN, and that these AWS credentials"):
            api_key({"RUNPOD_API_KEY_SECRET_ARN": ARN})


@pytest.mark.parametrize(
    ("environment", "secret", "message"),
    [
        ({}, "", "RUNPOD_API_KEY: is not set; export it, or export RUNPOD_API_KEY_SECRET_ARN"),
        ({"RUNPOD_API_KEY": " "}, "", "RUNPOD_API_KEY: is not set"),
        ({"RUNPOD_API_KEY_SECRET_ARN": ARN}, "", "RUNPOD_API_KEY_SECRET_ARN: names an empty secret"),
        ({"RUNPOD_API_KEY": "rpa_SHOWN\nX: y"}, "", "RUNPOD_API_KEY: holds more than a key"),
        ({"RUNPOD_API_KEY_SECRET_ARN": ARN}, '{"key": "rpa_SHOWN"}', "RUNPOD_API_KEY_SECRET_ARN: holds more than"),
    ],
)
def test_without_a_key_the_error_names_the_place_and_never_a_value(environment, secret, message):
    """A header must not break out of its line, and JSON is no key."""
    with pytest.raises(StackError) as told:
        api_key(environment, read_secret=lambda _: secret)
    assert str(told.value).startswith(message)
    assert "SHOWN" not in str(told.value)


def test_what_is_no_arn_is_refused_before_aws_is_asked():
    """It is the secret's name, or the key itself, and so is not shown."""
    with pytest.raises(StackError) as told:
        api_key({"RUNPOD_API_KEY_SECRET_ARN": "rpa_SHOWN"})
    assert str(told.value) == ("RUNPOD_API_KEY_SECRET_ARN: is not the ARN of a secret; copy it from Secrets Manager")


def test_runpod_itself_is_the_default():
    """Two hosts, one for management and one for jobs."""
    assert origins({}) == Origins("https://api.runpod.io", "https://api.runpod.ai/v2")


def test_both_may_lead_to_this_machine_over_http():
    """As the sandbox sets them; a final slash is no part of an address."""
    moved = {
        "RUNPOD_API_BASE_URL": "http://127.0.0.1:4702/",
        "RUNPOD_ENDPOINT_BASE_URL": "http://127.0.0.1:4702/ai/v2/",
    }
    found = origins(moved)
    assert found == Origins("http://127.0.0.1:4702", "http://127.0.0.1:4702/ai/v2")
    assert found.openai("ep1") == "http://127.0.0.1:4702/ai/v2/ep1/openai/v1"


@pytest.mark.parametrize(
    ("management", "jobs", "message"),
    [
        (
            "http://127.0.0.1:1",
            "",
            "while RUNPOD_ENDPOINT_BASE_URL leads to RunPod; set both, or unset RUNPOD_API_BASE_URL",
        ),
        ("", "http://127.0.0.1:1/ai", "while RUNPOD_API_BASE_URL leads to RunPod; set both"),
        ("http://proxy.example", "https://jobs.example", "would send the API key unencrypted; use https"),
        (
            "https://a.example/v2",
            "https://b.example",
            "has more or less than it should; use one as https://api.runpod.io",
        ),
        ("https://a.example?x=1", "https://b.example", "has more or less"),
        ("https://", "https://b.example", "has more or less"),
        ("ftp://a.example", "https://b.example", "would send the API key unencrypted"),
        ("https://a.example:port", "https://b.example", "is not a URL"),
    ],
)
def test_a_key_goes_nowhere_by_mistake(management, jobs, message):
    """Only one of the two moved, no encryption, or something that is no origin."""
    with pytest.raises(StackError) as told:
        origins({"RUNPOD_API_BASE_URL": management, "RUNPOD_ENDPOINT_BASE_URL": jobs})
    assert message in str(told.value)


def test_a_password_in_an_address_is_not_shown():
    """The variable is named instead."""
    with pytest.raises(StackError) as told:
        origins(
            {"RUNPOD_API_BASE_URL": "https://me:hunter2@a.example", "RUNPOD_ENDPOINT_BASE_URL": "https://b.example"}
        )
    assert "RUNPOD_API_BASE_URL: holds a user or a password" in str(told.value)
    assert "hunter2" not in str(told.value)


def test_a_client_of_this_environment_needs_a_key(monkeypatch):
    """Nothing is asked without it."""
    for name in ("RUNPOD_API_KEY", "RUNPOD_API_KEY_SECRET_ARN", "RUNPOD_API_BASE_URL", "RUNPOD_ENDPOINT_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(StackError, match="RUNPOD_API_KEY: is not set"):
        connect()
