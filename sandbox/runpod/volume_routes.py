"""`/v2/network-volumes`: storage that only grows, and that nobody deletes from under an endpoint."""

from __future__ import annotations

from dataclasses import replace

from sandbox.runpod.answers import Answer, ProblemError
from sandbox.runpod.ids import new_id
from sandbox.runpod.places import DATA_CENTERS
from sandbox.runpod.routing import Call, Route
from sandbox.runpod.volume import Volume
from sandbox.runpod.volume_bodies import CreateVolume, UpdateVolume


def _list(call: Call) -> Answer:
    return Answer(200, {"networkVolumes": [volume.to_json() for volume in call.account.volumes.values()]})


def _create(call: Call) -> Answer:
    body = call.body(CreateVolume)
    if body.data_center not in DATA_CENTERS:
        raise ProblemError(400, f"dataCenter: {body.data_center!r} is not a data center")
    volume = Volume(new_id(), body.name, body.size, body.data_center, body.type)
    call.account.set_volume(volume)
    return Answer(201, volume.to_json())


def _get(call: Call) -> Answer:
    return Answer(200, _volume(call).to_json())


def _update(call: Call) -> Answer:
    volume = _volume(call)
    body = call.body(UpdateVolume)
    size = body.size if "size" in body.model_fields_set else volume.size_gb
    if size < volume.size_gb:
        raise ProblemError(400, f"size: {size} GB is less than the present {volume.size_gb} GB; a volume only grows")
    volume = replace(volume, name=body.name or volume.name, size_gb=size)
    call.account.set_volume(volume)
    return Answer(200, volume.to_json())


def _delete(call: Call) -> Answer:
    call.account.remove_volume(_volume(call))
    return Answer(204)


def _volume(call: Call) -> Volume:
    if call.id not in call.account.volumes:
        raise ProblemError(404, "network volume not found")
    return call.account.volumes[call.id]


ROUTES = (
    Route("GET", "network-volumes", _list),
    Route("POST", "network-volumes", _create),
    Route("GET", "network-volumes/{id}", _get),
    Route("PATCH", "network-volumes/{id}", _update),
    Route("DELETE", "network-volumes/{id}", _delete),
)
