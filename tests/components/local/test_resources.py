"""What Pulumi asks of a Process: compared without a cloud, found or gone, changed in place, without secrets."""

from __future__ import annotations

import os
import signal

import pytest

from components.local import lifecycle
from components.local.resources import ProcessProvider


class FakeProcesses(ProcessProvider):
    """The provider with a fake engine behind it."""

    def __init__(self, begin):
        super().__init__()
        self._begin = begin

    def begin(self, inputs):
        outs = self._begin(inputs)
        return {name: outs[name] for name in lifecycle.OUTPUTS}


@pytest.fixture
def provider(begin):
    return FakeProcesses(begin)


def test_a_process_is_made_and_found(provider, inputs):
    """Its state holds inputs and outputs by their names; a second look finds it unchanged."""
    given = inputs()
    made = provider.create(given)
    assert made.id == f"{given['directory']}/engine"
    assert sorted(made.outs) == sorted((*lifecycle.INPUTS, *lifecycle.OUTPUTS))
    assert provider.read(made.id, made.outs).id == made.id
    assert provider.diff(made.id, made.outs, given).changes is False


def test_a_killed_process_is_drift(provider, inputs):
    """A refresh finds it gone; without one, the next deployment starts it again."""
    given = inputs()
    made = provider.create(given)
    os.killpg(made.outs["pid"], signal.SIGKILL)
    os.waitpid(made.outs["pid"], 0)
    assert provider.read(made.id, made.outs).id == ""
    assert provider.diff(made.id, made.outs, given).changes is True
    healed = provider.update(made.id, made.outs, given).outs
    assert healed["pid"] != made.outs["pid"]
    assert lifecycle.runs(healed)


def test_other_settings_restart_it_in_place(provider, inputs):
    """The old process is gone, the new one runs; another folder is another process."""
    given = inputs()
    made = provider.create(given)
    changed = {**given, "readySeconds": 21}
    assert provider.diff(made.id, made.outs, changed).replaces == []
    outs = provider.update(made.id, made.outs, changed).outs
    assert not lifecycle.runs(made.outs)
    assert lifecycle.runs(outs)
    assert provider.diff(made.id, outs, {**changed, "directory": "/elsewhere"}).replaces == ["directory"]
    provider.delete(made.id, outs)
    assert not lifecycle.runs(outs)


def test_the_provider_in_the_state_has_nothing_in_it():
    """It is stored by module and class, which may not move."""
    provider = ProcessProvider()
    assert (type(provider).__module__, type(provider).__qualname__) == ("components.local.resources", "ProcessProvider")
    assert vars(provider) == {}
    assert ProcessProvider.serialize_as_secret_always is False
