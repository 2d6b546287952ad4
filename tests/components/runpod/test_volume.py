"""A network volume: grows, never shrinks, is never made twice, and is not lost by accident."""

from __future__ import annotations

import pytest
from pulumi.output import Unknown

from components.runpod.errors import RunpodError
from tests.components.runpod.fake_runpod import problem

VOLUME = {"name": "dev-chat-weights", "size": 50.0, "dataCenter": "EU-RO-1", "type": "STANDARD"}
INPUTS = {**VOLUME, "size": 50}


@pytest.fixture
def made(volumes, runpod):
    """Id and state of a volume, and nothing asked yet."""
    result = volumes.create(INPUTS)
    runpod.asked.clear()
    return result.id, result.outs


def test_a_volume_is_standard_unless_it_is_told_otherwise(volumes):
    """RunPod's own default depends on the data center."""
    checked = volumes.check({}, {key: value for key, value in VOLUME.items() if key != "type"})
    assert (checked.inputs, checked.failures) == (INPUTS, [])
    assert type(checked.inputs["size"]) is int


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": ""}, ("name", "must be given, as a text")),
        ({"dataCenter": None}, ("dataCenter", "must be given, as a text")),
        ({"type": "FAST"}, ("type", "FAST is not known; use STANDARD or HIGH_PERFORMANCE")),
        ({"size": 9.0}, ("size", "must be a whole number of GB from 10 to 4096")),
        ({"size": 4097.0}, ("size", "must be a whole number of GB from 10 to 4096")),
        ({"size": None}, ("size", "must be a whole number of GB from 10 to 4096")),
        ({"mount": "/x"}, ("mount", "is no field of RunPod's; use one of: dataCenter, name, size, type")),
        (
            {"size": 49.0},
            ("size", "49 GB is less than the 50 GB that the volume has, and a volume cannot shrink; keep it"),
        ),
    ],
)
def test_what_runpod_refuses_is_refused_before(volumes, changes, expected):
    """A volume that is to shrink above all: it must not be replaced in silence."""
    result = volumes.check(VOLUME, {**VOLUME, **changes})
    assert [(failure.property, failure.reason) for failure in result.failures] == [expected]


def test_another_volume_may_be_smaller(volumes):
    """In another data center it is a new one; and what is not known is left for later."""
    assert volumes.check(VOLUME, {**VOLUME, "size": 20.0, "dataCenter": "US-KS-2"}).failures == []
    assert volumes.check(VOLUME, {**VOLUME, "size": Unknown()}).failures == []


def test_name_and_size_change_in_place_and_the_rest_replaces(volumes, made):
    """A replacement loses the weights."""
    id_, state = made
    assert volumes.diff(id_, state, VOLUME).changes is False
    for name, value in (("name", "x"), ("size", 60.0)):
        assert volumes.diff(id_, state, {**VOLUME, name: value}).replaces == []
    for name, value in (("dataCenter", "US-KS-2"), ("type", "HIGH_PERFORMANCE")):
        assert volumes.diff(id_, state, {**VOLUME, name: value}).replaces == [name]


def test_only_what_differs_is_sent(volumes, runpod, made):
    """And nothing, when nothing does."""
    id_, state = made
    outs = volumes.update(id_, state, {**VOLUME, "size": 60.0}).outs
    assert outs == {**INPUTS, "size": 60, "volumeId": id_}
    volumes.update(id_, outs, {**VOLUME, "size": 60.0})
    assert runpod.bodies("PATCH") == [{"size": 60}]


def test_a_volume_whose_creation_was_not_answered_is_adopted(volumes, runpod, made):
    """The one that came up, and not the equal one that was there before."""
    runpod.answer_next("POST", problem(504, "Gateway Timeout", "x", commits=True))
    result = volumes.create(INPUTS)
    assert result.id == "vol2"
    assert result.outs == {**INPUTS, "volumeId": "vol2"}
    assert len(runpod.calls("POST")) == 1


def test_a_volume_that_did_not_come_up_is_an_error(volumes, runpod, slept):
    """It bills for as long as it exists, so nobody makes a second one on suspicion."""
    runpod.answer_next("POST", problem(500, "Internal Server Error", "x"))
    with pytest.raises(RunpodError, match="whether volume dev-chat-weights was made is not known; look in RunPod's"):
        volumes.create(INPUTS)
    assert slept == [0.0, 2.0, 4.0, 8.0]
    assert len(runpod.calls("POST")) == 1


def test_a_volume_that_grew_by_hand_is_seen(volumes, runpod, made):
    """And one that nobody touched shows no difference."""
    id_, state = made
    result = volumes.read(id_, state)
    assert (result.id, result.outs, result.inputs) == (id_, state, INPUTS)
    runpod.volumes[id_]["size"] = 80
    assert volumes.read(id_, state).inputs == {**INPUTS, "size": 80}


def test_a_volume_that_is_gone_is_dropped_or_is_deleted(volumes, runpod, made):
    """404 both times."""
    runpod.volumes.clear()
    assert volumes.read(*made).id == ""
    volumes.delete(*made)


def test_a_volume_in_use_names_its_users(volumes, runpod, made):
    """RunPod only says that there are some."""
    runpod.endpoints["ep9"] = {"id": "ep9", "name": "other", "networkVolumes": ["vol1"], "type": "QUEUE"}
    runpod.answer_next("DELETE", problem(400, "Bad Request", "volume is attached"))
    with pytest.raises(
        RunpodError, match=r"volume is attached \(used by endpoint other; delete or detach that first\)"
    ):
        volumes.delete(*made)
    assert list(runpod.volumes) == ["vol1"]
