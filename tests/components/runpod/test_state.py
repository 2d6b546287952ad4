"""What of a provider is in the state: its name, and neither a key nor its code."""

from __future__ import annotations

import base64

import dill
import pytest
from pulumi.dynamic import Config, ConfigureRequest
from pulumi.dynamic.dynamic import serialize_provider

from components.runpod.resources import Endpoint, EndpointProvider, NetworkVolume, NetworkVolumeProvider

SENTINEL = "rpa_SENTINEL_KEY_0123456789"


@pytest.mark.parametrize("provider", [EndpointProvider, NetworkVolumeProvider])
def test_a_provider_is_written_by_its_name(provider, monkeypatch):
    """Under 200 bytes, the same every time, and read back as the class of this module."""
    monkeypatch.setenv("RUNPOD_API_KEY", SENTINEL)
    written = serialize_provider(provider())
    content = base64.b64decode(written)
    assert len(content) < 200
    assert b"components.runpod.resources" in content
    assert provider.__name__.encode() in content
    assert SENTINEL.encode() not in content
    assert written == serialize_provider(provider())
    assert type(dill.loads(content)) is provider  # noqa: S301 - what this test has just written
    assert provider.serialize_as_secret_always is False


def test_the_names_that_are_in_every_state(monkeypatch):
    """Policies match on these types, and old stacks hold these modules: a rename breaks them."""
    assert Endpoint._resource_type_name == "dynamic/runpod:Endpoint"
    assert NetworkVolume._resource_type_name == "dynamic/runpod:NetworkVolume"
    assert {EndpointProvider.__module__, NetworkVolumeProvider.__module__} == {"components.runpod.resources"}


def test_a_preview_needs_no_key(props, monkeypatch):
    """Configuring, checking and comparing ask nobody: the pull request of a fork has no secrets."""
    for name in ("RUNPOD_API_KEY", "RUNPOD_API_KEY_SECRET_ARN"):
        monkeypatch.delenv(name, raising=False)
    provider = EndpointProvider()
    provider.configure(ConfigureRequest(Config({}, "berth")))
    inputs = provider.check({}, props).inputs
    assert provider.diff("ep1", inputs, inputs).changes is False
    volume = {"name": "w", "size": 50, "dataCenter": "EU-RO-1"}
    assert NetworkVolumeProvider().check({}, volume).failures == []


def test_outputs_hold_no_key(endpoints, props, runpod):
    """Neither a created nor a refreshed state has it anywhere."""
    result = endpoints.create(endpoints.check({}, props).inputs)
    read = endpoints.read(result.id, result.outs)
    assert runpod.asked[0].headers["Authorization"] == f"Bearer {SENTINEL}"
    assert SENTINEL not in repr((result.outs, read.outs, read.inputs))
