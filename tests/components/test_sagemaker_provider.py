"""What the engine is told about an Endpoint, and what of it is stored."""

from __future__ import annotations

import base64
import subprocess
import sys

import pytest
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.output import UNKNOWN

from components.sagemaker import difference
from components.sagemaker.clients import check_account, connect
from components.sagemaker.endpoint import EndpointProvider
from components.sagemaker.failures import EndpointError
from components.sagemaker.wanted import Access
from tests.components.sagemaker_endpoint import A10G, INPUTS, L4, L4_NEW, NAME, TAGS, Stack, as_sent


def differing(**changes):
    """Return what the provider says about changed inputs of a deployed endpoint."""
    return EndpointProvider().diff(NAME, as_sent({**INPUTS, "state": "awake"}), {**as_sent(INPUTS), **changes})


def test_the_stored_provider_is_a_name():
    """No code and no value: neither changes with a release, and no secret could be in it."""
    stored = serialize_provider(EndpointProvider())
    assert len(stored) < 200
    assert EndpointProvider.serialize_as_secret_always is False
    content = base64.b64decode(stored)
    assert b"components.sagemaker.endpoint" in content
    assert b"EndpointProvider" in content


def test_a_preview_loads_no_sdk():
    """Importing boto3 takes longer than the rest of a preview."""
    code = "import sys, components.sagemaker.endpoint; print([m for m in sys.modules if m.startswith('boto')])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_numbers_and_order_of_tags_are_no_difference():
    """Pulumi sends floats, and mappings have no order."""
    result = differing(tags=dict(reversed(TAGS.items())), minReplicas=1, keeperManaged=None)
    assert (result.changes, result.replaces) == (False, [])


def test_every_input_that_changed_is_found():
    """Each alone, and by its name."""
    for name in difference.INPUTS:
        assert difference.changed(INPUTS, {**INPUTS, name: "other"}) == [name]


@pytest.mark.parametrize("name", ["region", "accountId", "endpointName"])
def test_another_identity_is_another_endpoint(name):
    """The new one is made first."""
    result = differing(**{name: "other"})
    assert (result.changes, result.replaces, result.delete_before_replace) == (True, [name], False)


@pytest.mark.parametrize("configurations", [[A10G, L4], [L4], [L4_NEW, A10G], UNKNOWN])
def test_other_configurations_are_an_update(configurations):
    """Their order is the preference; names that are not known yet are new ones."""
    result = differing(configurations=configurations)
    assert (result.changes, result.replaces) == (True, [])


def test_a_name_that_is_not_known_yet_is_a_change():
    """As in a preview in which a configuration is replaced."""
    unknown = [{**as_sent(L4), "endpointConfigName": UNKNOWN}, as_sent(A10G)]
    assert differing(configurations=unknown).changes is True


def test_a_check_makes_integers_and_passes_over_what_is_not_known():
    """SageMaker's API takes no 3.0."""
    unknown = {**as_sent(INPUTS), "configurations": UNKNOWN, "minReplicas": UNKNOWN}
    result = EndpointProvider().check({}, unknown)
    assert result.failures == []
    assert (result.inputs["maxReplicas"], type(result.inputs["maxReplicas"])) == (3, int)
    assert result.inputs["configurations"] is UNKNOWN


@pytest.mark.parametrize(
    ("changes", "name", "reason"),
    [
        ({"endpointName": "dev_chat"}, "endpointName", "'dev_chat' is not a name in SageMaker"),
        ({"endpointName": "x" * 64}, "endpointName", "is not a name in SageMaker"),
        ({"variantName": "-"}, "variantName", "is not a name in SageMaker"),
        ({"power": "asleep"}, "power", "'asleep' is neither on nor off"),
        ({"configurations": []}, "configurations", "is empty"),
        ({"minReplicas": 0}, "minReplicas", "0 is less than 1"),
        ({"maxReplicas": 0}, "maxReplicas", "0 is less than minReplicas 1"),
        ({"scaling": {**INPUTS["scaling"], "metric": "queue_wait"}}, "scaling", "'queue_wait' is not a metric"),
        ({"tags": {"stack": "dev"}}, "tags", "lack managed-by, service"),
        ({"tags": {**TAGS, **{f"t{n}": "x" for n in range(46)}}}, "tags", "are 51, SageMaker takes 50"),
    ],
)
def test_what_no_endpoint_can_have_is_refused_at_preview(changes, name, reason):
    """Each at the property that is wrong."""
    [failure] = EndpointProvider().check({}, {**INPUTS, **changes}).failures
    assert failure.property == name
    assert reason in failure.reason


def test_a_parked_service_wants_no_replicas():
    """That is no mistake."""
    assert EndpointProvider().check({}, {**INPUTS, "power": "off", "minReplicas": 0, "maxReplicas": 0}).failures == []


def test_an_error_is_shown_without_the_way_to_it():
    """Pulumi prints the whole traceback: it is no longer than three lines of ours, and has no other error in it."""
    stack = Stack()
    stack.aws.account = "999999999999"
    with pytest.raises(EndpointError) as error:
        stack.provider.create(as_sent(INPUTS))
    assert len(error.traceback) == 2
    assert error.value.__context__ is None


def test_nothing_in_the_state_is_more_than_the_inputs_and_five_outputs():
    """No credential is an input, and none becomes an output."""
    stack = Stack()
    stack.up(assumeRoleArn="arn:aws:iam::123456789012:role/deploy")
    outputs = {"endpointArn", "state", "currentConfigName", "currentInstanceType", "currentAccelerator"}
    assert set(stack.state) - set(difference.INPUTS) == outputs
    assert stack.provider.asked_as == [
        Access("us-east-1", "123456789012", "arn:aws:iam::123456789012:role/deploy", None)
    ]


def test_clients_are_those_of_the_region(monkeypatch):
    """With bounded waiting, and retries of the SDK's own."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    clients = connect(Access("eu-west-1", "123456789012", None, None))
    for client in (clients.sagemaker, clients.autoscaling, clients.cloudwatch, clients.logs, clients.sts):
        assert client.meta.region_name == "eu-west-1"
        assert client.meta.config.retries["mode"] == "standard"
        assert (client.meta.config.connect_timeout, client.meta.config.read_timeout) == (10, 60)


def test_a_profile_that_is_not_there_is_one_message(monkeypatch, tmp_path):
    """As on a machine where nobody has logged in."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(EndpointError, match=r"us-east-1: The config profile \(work\) could not be found"):
        connect(Access("us-east-1", "123456789012", None, "work"))


def test_a_role_needs_credentials_to_be_taken_with(monkeypatch, tmp_path):
    """Without any, the message names the role."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(EndpointError, match="no AWS credentials to take the role arn:aws:iam::1:role/x with"):
        connect(Access("us-east-1", "1", "arn:aws:iam::1:role/x", None))


def test_a_role_is_taken_when_something_is_asked(monkeypatch):
    """The account that answers is the role's, and not the caller's own."""
    from moto import mock_aws

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    # Importing the sandbox sets it for its one account; here there are two.
    monkeypatch.delenv("MOTO_ACCOUNT_ID", raising=False)
    access = Access("us-east-1", "111122223333", "arn:aws:iam::111122223333:role/deploy", None)
    with mock_aws():
        check_account(connect(access), access)
        own = Access("us-east-1", "111122223333", None, None)
        with pytest.raises(EndpointError, match="are those of account 123456789012, the endpoint belongs to 111122"):
            check_account(connect(own), own)
