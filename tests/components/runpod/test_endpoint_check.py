"""What an endpoint may be declared as: our defaults fill it in, and what RunPod refuses is refused before."""

from __future__ import annotations

import pytest
from pulumi.dynamic import Config, ConfigureRequest
from pulumi.output import Unknown

QUEUE_DELAY = {"type": "QUEUE_DELAY", "queueDelay": 4.0}


def failures(provider, props, **changes):
    """Property and reason of each failure."""
    merged = {**props, **changes}
    given = {key: value for key, value in merged.items() if value is not None}
    return [(failure.property, failure.reason) for failure in provider.check({}, given).failures]


def test_every_omitted_field_is_filled_in_by_ours(endpoints, props):
    """Not by RunPod's defaults, which may change; whole numbers are integers, recursively."""
    checked = endpoints.check({}, props)
    assert checked.failures == []
    assert checked.inputs == {
        "name": "dev-chat",
        "type": "QUEUE",
        "image": "runpod/worker-v1-vllm:v2.25.2",
        "args": "",
        "disk": 60,
        "ports": [],
        "env": {"MODEL_NAME": "org/model", "MAX_MODEL_LEN": "16384"},
        "gpu": {
            "pools": ["AMPERE_24"],
            "allowedTypes": [],
            "excludedTypes": ["NVIDIA RTX A5000"],
            "count": 1,
            "allowedCudaVersions": [],
            "minCudaVersion": "13.0",
        },
        "workers": {"min": 0, "max": 3},
        "scaling": {"type": "REQUEST_COUNT", "requestCount": 8},
        "dataCenterIds": [],
        "networkVolumes": [],
        "timeout": 600_000,
        "flashboot": "FLASHBOOT",
        "scheduleManaged": False,
        "startsAwake": True,
        "deletionProtection": False,
        "owner": "berth/dev/chat-endpoint",
    }
    numbers = [checked.inputs["disk"], checked.inputs["timeout"], checked.inputs["gpu"]["count"]]
    assert {type(number) for number in [*numbers, *checked.inputs["workers"].values()]} == {int}


def test_an_idle_timeout_belongs_to_a_queue_delay_alone(endpoints, props):
    """Filled in there, absent and refused where a queue counts requests."""
    inputs = endpoints.check({}, {**props, "scaling": QUEUE_DELAY}).inputs
    assert inputs["workers"] == {"min": 0, "max": 3, "idleTimeout": 10}
    assert inputs["scaling"] == {"type": "QUEUE_DELAY", "queueDelay": 4}
    assert failures(endpoints, props, workers={"min": 0.0, "max": 1.0, "idleTimeout": 5.0}) == [
        ("workers.idleTimeout", "is refused for QUEUE with REQUEST_COUNT; leave it out, or use QUEUE_DELAY")
    ]


def test_zero_workers_are_zero(endpoints, props):
    """Zero is a wish, and not an omission."""
    inputs = endpoints.check({}, {**props, "workers": {"min": 0.0, "max": 0.0}}).inputs
    assert inputs["workers"] == {"min": 0, "max": 0}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": " "}, [("name", "must be a text that is not empty")]),
        ({"name": None}, [("name", "must be given")]),
        ({"disk": None}, [("disk", "must be given")]),
        ({"disk": 0.0}, [("disk", "must be a whole number of 1 or more")]),
        ({"timeout": 1.5}, [("timeout", "must be a whole number of 1 or more")]),
        ({"type": "LB"}, [("type", "LB is not known; use one of: QUEUE, LOAD_BALANCER")]),
        ({"flashboot": True}, [("flashboot", "True is not known; use one of: OFF, FLASHBOOT, PRIORITY_FLASHBOOT")]),
        ({"ports": "8000/http"}, [("ports", "must be a list of texts")]),
        ({"gpu": None}, [("gpu", "give exactly one of gpu and cpu")]),
        ({"cpu": [{"id": "cpu5c", "vcpuCount": 4.0}]}, [("gpu", "give exactly one of gpu and cpu")]),
        ({"gpu": None, "cpu": [{"id": "cpu5c", "vcpuCount": 3.0}]}, [("cpu", "vcpuCount 3 is no power of two from 2")]),
        ({"gpu": None, "cpu": [{"id": "cpu5c"}]}, [("cpu", "each configuration has id and vcpuCount")]),
        ({"gpu": None, "cpu": []}, [("cpu", "must have at least one configuration")]),
        ({"gpu": {"pools": []}}, [("gpu.pools", "must name at least one pool")]),
        ({"gpu": {"pools": ["A"], "count": 0.0}}, [("gpu.count", "must be a whole number of 1 or more")]),
        (
            {"gpu": {"pools": ["A"], "minCudaVersion": "13"}},
            [("gpu.minCudaVersion", "13 is no CUDA version; write it as 13.0")],
        ),
        (
            {"gpu": {"pools": ["A"], "minCudaVersion": "13.0", "allowedCudaVersions": ["12.8"]}},
            [("gpu.minCudaVersion", "excludes gpu.allowedCudaVersions; give one of them")],
        ),
        (
            {"gpu": {"pools": ["A"], "allowedTypes": ["x"], "excludedTypes": ["y"]}},
            [("gpu.allowedTypes", "says what gpu.excludedTypes leaves; give one of them")],
        ),
        (
            {"gpu": {"pools": ["A"], "id": "NVIDIA L4"}},
            [
                (
                    "gpu.id",
                    (
                        "is no field of RunPod's; use one of: "
                        "allowedCudaVersions, allowedTypes, count, excludedTypes, minCudaVersion, pools"
                    ),
                )
            ],
        ),
        ({"scaling": {"type": "CPU"}}, [("scaling.type", "CPU is not known; use QUEUE_DELAY or REQUEST_COUNT")]),
        (
            {"scaling": {"type": "REQUEST_COUNT", "requestCount": 2.5}},
            [("scaling.requestCount", "must be a whole number of 1 or more")],
        ),
        (
            {"scaling": {"type": "QUEUE_DELAY", "queueDelay": 0.25}},
            [("scaling.queueDelay", "must be 0.5 seconds or more")],
        ),
        (
            {"type": "LOAD_BALANCER", "scaling": QUEUE_DELAY},
            [("scaling.type", "QUEUE_DELAY needs a queue; LOAD_BALANCER has REQUEST_COUNT alone")],
        ),
        ({"workers": {"min": 4.0, "max": 3.0}}, [("workers.min", "4 is more than workers.max 3")]),
        ({"workers": {"max": -1.0}}, [("workers.max", "must be a whole number of 0 or more")]),
        (
            {"workers": {"idleTimeout": 3601.0}, "scaling": QUEUE_DELAY},
            [("workers.idleTimeout", "must be 1 to 3600 seconds")],
        ),
        (
            {"workers": {"standby": 1.0}},
            [("workers.standby", "is no field of RunPod's; use one of: idleTimeout, max, min")],
        ),
        ({"env": {"BERTH_URN": "x"}}, [("env.BERTH_URN", "is the provider's own; choose another name")]),
        ({"env": {"a b": "x"}}, [("env", "'a b' is no name of an environment variable")]),
        ({"env": {"SEED": 7.0}}, [("env.SEED", "must be a text")]),
    ],
)
def test_what_runpod_refuses_is_refused_before(endpoints, props, changes, expected):
    """Each failure names its property."""
    assert failures(endpoints, props, **changes) == expected


@pytest.mark.parametrize("image", ["org/worker", "org/worker:latest", "registry.example:5000/org/worker"])
def test_an_image_that_moves_is_refused(endpoints, props, image):
    """Workers that roll over may keep the old one under the same name."""
    [(field, reason)] = failures(endpoints, props, image=image)
    assert field == "image"
    assert reason.startswith(f"{image} may mean another image tomorrow")


@pytest.mark.parametrize("image", ["registry.example:5000/org/worker:1", "org/worker:latest@sha256:" + "0" * 64])
def test_an_image_with_a_tag_or_a_digest_is_taken(endpoints, props, image):
    """A port is no tag."""
    assert failures(endpoints, props, image=image) == []


def test_a_misspelt_field_is_not_ignored(endpoints, props):
    """RunPod would refuse it after the volume is made."""
    [(field, reason)] = failures(endpoints, props, idleTimeout=5.0)
    assert field == "idleTimeout"
    assert reason.startswith("is no field of RunPod's; use one of: adoptId, args, cpu, dataCenterIds,")


def test_a_preview_knows_not_everything(endpoints, props):
    """The id of a volume that is not made yet, and anything else that comes from another resource."""
    unknown = Unknown()
    given = {**props, "networkVolumes": [unknown], "env": unknown, "workers": {"min": unknown, "max": 1.0}}
    checked = endpoints.check({}, given)
    assert checked.failures == []
    assert checked.inputs["networkVolumes"] == [unknown]
    for field in ("name", "type", "image", "gpu", "scaling", "workers", "disk", "timeout", "flashboot"):
        assert failures(endpoints, props, **{field: unknown}) == []


def test_a_key_in_the_stacks_configuration_is_refused(endpoints, props):
    """Pulumi would keep it in the state; the text does not repeat it."""
    endpoints.configure(ConfigureRequest(Config({"runpod:apiKey": "rpa_SHOWN"}, "berth")))
    [(_, reason)] = failures(endpoints, props)
    assert reason.startswith("runpod:apiKey: is refused: Pulumi writes a stack's configuration into the state")
    assert "SHOWN" not in reason
