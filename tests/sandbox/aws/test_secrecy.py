"""No secret value is written down."""

from __future__ import annotations

import base64
import json

VALUE = "correct-horse-battery-staple"


def test_a_secret_value_reaches_no_file(shared_aws):
    """Neither the journal nor another file of the state holds a secret value, in clear or in base64."""
    secrets, parameters, users = (shared_aws.client(name) for name in ("secretsmanager", "ssm", "iam"))
    secrets.create_secret(Name="text", SecretString=VALUE)
    secrets.create_secret(Name="binary", SecretBinary=VALUE.encode())
    secrets.put_secret_value(SecretId="huggingface/token", SecretString=VALUE)
    secrets.update_secret(SecretId="text", SecretString=VALUE)
    parameters.put_parameter(Name="/secure", Value=VALUE, Type="SecureString")
    users.create_user(UserName="me")
    users.create_login_profile(UserName="me", Password=VALUE)
    written = b"".join(file.read_bytes() for file in shared_aws.state.rglob("*") if file.is_file())
    assert VALUE.encode() not in written
    assert base64.b64encode(VALUE.encode())[:20] not in written
    assert written.count(b"sandboxplaceholder") == 6


def test_the_running_process_keeps_the_value(shared_aws):
    """Until a restart the secret reads back as it was written."""
    client = shared_aws.client("secretsmanager")
    client.create_secret(Name="kept", SecretString=VALUE)
    assert client.get_secret_value(SecretId="kept")["SecretString"] == VALUE


def test_after_a_restart_a_secret_is_a_placeholder(tmp_path, serve, caplog):
    """The secret is there with its ARN and versions; its value is not, and the health says so."""
    with serve(tmp_path) as aws:
        arn = aws.client("secretsmanager").create_secret(Name="mine", SecretString=VALUE)["ARN"]
    with serve(tmp_path) as aws:
        secret = aws.client("secretsmanager").get_secret_value(SecretId="mine")
        assert aws.get("health")["placeholder_secrets"] == 1
    assert secret["ARN"] == arn
    assert secret["SecretString"].startswith("sandboxplaceholder")
    assert "1 secret values were not recorded and are placeholders now" in caplog.text


def test_equal_values_have_equal_placeholders(shared_aws):
    """The placeholder is a keyed hash: it tells whether two values differ, and nothing else."""
    client = shared_aws.client("secretsmanager")
    for name, value in (("a", VALUE), ("b", VALUE), ("c", "another")):
        client.create_secret(Name=name, SecretString=value)
    lines = [json.loads(line.partition(" ")[2]) for line in shared_aws.journal.read_text().splitlines()[-3:]]
    first, second, third = (json.loads(line["body"])["SecretString"] for line in lines)
    assert first == second
    assert first != third


def test_the_seeded_secrets_survive_with_their_values(tmp_path, serve):
    """The values that the sandbox itself puts there are public, and stay."""
    for _ in range(2):
        with serve(tmp_path) as aws:
            client = aws.client("secretsmanager")
            token = client.get_secret_value(SecretId="huggingface/token")["SecretString"]
            keys = json.loads(client.get_secret_value(SecretId="berth/client-keys")["SecretString"])
            assert token == "hf-dummy-public"
            assert keys == {"demo": "3a8e4cb86b1e952c33079df80149304e3d5bf58c9ec15ab0b2a359618b90d0ed"}


def test_no_signature_is_recorded(shared_aws):
    """Of an Authorization header only region and service are kept: not the access key, not the signature."""
    shared_aws.client("sns").create_topic(Name="t")
    journal = shared_aws.journal.read_text()
    assert "Signature=" not in journal
    assert "SignedHeaders" not in journal
    assert "user-agent" not in journal


def test_a_plain_parameter_is_recorded(tmp_path, serve):
    """A parameter of type String is state, not a secret: its value survives."""
    with serve(tmp_path) as aws:
        aws.client("ssm").put_parameter(Name="/berth/local/chat/config", Value='{"a":1}', Type="String")
    with serve(tmp_path) as aws:
        parameter = aws.client("ssm").get_parameter(Name="/berth/local/chat/config")["Parameter"]
        assert parameter["Value"] == '{"a":1}'


def test_an_overwritten_secure_parameter_stays_out(tmp_path, serve):
    """An overwrite may leave the type out: the parameter's own decides whether the value is written down."""
    with serve(tmp_path) as aws:
        parameters = aws.client("ssm")
        parameters.put_parameter(Name="/secure", Value="first", Type="SecureString")
        parameters.put_parameter(Name="/secure", Value=VALUE, Overwrite=True)
        parameters.put_parameter(Name="/plain", Value="a", Type="String")
        parameters.put_parameter(Name="/plain", Value="b", Overwrite=True)
        assert VALUE not in aws.journal.read_text()
    with serve(tmp_path) as aws:
        assert aws.client("ssm").get_parameter(Name="/plain")["Parameter"]["Value"] == "b"
        assert aws.get("health")["placeholder_secrets"] == 2
