from __future__ import annotations

from typing import Any

import pytest

from components.errors import SpecError
from components.spec import parse_spec
from components.spec.values import Gigabytes

VOLUME = {"size": "50GB", "data_center": "EU-RO-1"}


def _parse(runpod: dict[str, Any], **model: Any) -> Any:
    return parse_spec({"name": "chat", "model": {"id": "Qwen/Qwen3-8B", **model}, "runpod": runpod}, "chat.yaml").runpod


def test_a_whole_group_is_read() -> None:
    """Every field in the form that a person writes."""
    group = _parse(
        {
            "token_secret": "huggingface_token",
            "idle_timeout": "30s",
            "flashboot": "priority",
            "data_centers": ["EU-RO-1"],
            "disk": "100GB",
            "volume": {**VOLUME, "type": "high_performance"},
        }
    )
    assert (group.token_secret, group.idle_timeout.seconds, group.flashboot) == ("huggingface_token", 30, "priority")
    assert (group.disk, str(group.volume.size), group.volume.type) == (Gigabytes(100), "50GB", "high_performance")
    assert group.data_centers == ("EU-RO-1",)


def test_a_load_balancer_and_what_it_reads() -> None:
    """A mode, and names of things in the RunPod account."""
    own = {"mode": "load_balancer", "client_keys_secret": "client_keys", "registry": "clzdaifot0001l90809257ynb"}
    group = _parse(own)
    assert (group.mode, group.client_keys_secret, group.registry) == tuple(own.values())
    assert (_parse({}).mode, _parse({}).client_keys_secret, _parse({}).registry) == ("queue", None, None)


def test_the_defaults() -> None:
    """Flashboot on, everything else left to the plan."""
    group = _parse({})
    assert (group.flashboot, group.token_secret, group.idle_timeout, group.disk) == ("on", None, None, None)
    assert (group.volume, group.data_centers) == (None, ())


@pytest.mark.parametrize(
    ("runpod", "message"),
    [
        (
            {"volume": {**VOLUME, "size": "60GiB"}},
            'runpod.volume.size: 60GiB is not a size in GB; write whole GB, as "60GB": RunPod counts in GB, not in GiB',
        ),
        (
            {"volume": {**VOLUME, "size": "9GB"}},
            "runpod.volume.size: 9GB is not between 10GB and 4096GB; use a size within what RunPod offers",
        ),
        (
            {"volume": {**VOLUME, "size": "4097GB"}},
            "runpod.volume.size: 4097GB is not between 10GB and 4096GB; use a size within what RunPod offers",
        ),
        (
            {"volume": {**VOLUME, "data_center": "eu-ro-1"}},
            (
                "runpod.volume.data_center: eu-ro-1 is not a data center of RunPod; write its id in capitals, as "
                "EU-RO-1 or US-KS-2"
            ),
        ),
        (
            {"volume": VOLUME, "data_centers": ["US-KS-2", "EU-RO-1"]},
            (
                "runpod: has data_centers US-KS-2, EU-RO-1 and a volume in EU-RO-1, where all workers run then; leave "
                "data_centers out, or move the volume"
            ),
        ),
        ({"data_centers": ["EU-RO-1", "EU-RO-1"]}, "runpod.data_centers: names a data center twice; name each once"),
        (
            {"data_centers": ["us-east-1"]},
            (
                "runpod.data_centers[0]: us-east-1 is not a data center of RunPod; write its id in capitals, as "
                "EU-RO-1 or US-KS-2"
            ),
        ),
        (
            {"token_secret": "hf_abcdefgh"},
            (
                "runpod.token_secret: hf_… looks like the secret itself, not like its name; store it as a secret of "
                "your RunPod account, write that secret's name here, and revoke the value that stood in the file"
            ),
        ),
        (
            {"token_secret": "huggingface/token"},
            (
                "runpod.token_secret: huggingface/token is not the name of a RunPod secret; use letters, digits and "
                "underscores, as huggingface_token: it is RunPod's secret, not one of AWS"
            ),
        ),
        ({"idle_timeout": "2h"}, "runpod.idle_timeout: 2h is not between 1s and 1h; use 1h or less, as 30s"),
        ({"disk": "0GB"}, "runpod.disk: 0GB is less than 1GB; leave it out: image and weights decide"),
        ({"mode": "both"}, "runpod.mode: both is not allowed; use one of: load_balancer, queue"),
        (
            {"client_keys_secret": "berth/client-keys"},
            (
                "runpod.client_keys_secret: berth/client-keys is not the name of a RunPod secret; use letters, digits "
                "and underscores, as huggingface_token: it is RunPod's secret, not one of AWS"
            ),
        ),
        (
            {"registry": "user:password"},
            (
                "runpod.registry: user:password is not the id of a credential; copy the id that RunPod shows for it: "
                "user and password of the registry stand there, never here"
            ),
        ),
        ({"flashboot": "always"}, "runpod.flashboot: always is not allowed; use one of: off, on, priority"),
    ],
)
def test_a_wrong_value_is_refused_with_place_and_fix(runpod: dict[str, Any], message: str) -> None:
    """Limits and forms of RunPod, and never the secret itself."""
    with pytest.raises(SpecError) as caught:
        _parse(runpod)
    assert str(caught.value) == f"chat.yaml: {message}"


def test_a_token_of_either_place_opens_a_gated_model() -> None:
    """Which of the two a target needs, the target says; none at all is refused at once, a broken group only itself."""
    gated = "meta-llama/Llama-3.1-8B-Instruct"
    assert _parse({"token_secret": "huggingface_token"}, id=gated).token_secret == "huggingface_token"
    assert _parse({}, id=gated, token_secret="huggingface/token").token_secret is None
    with pytest.raises(SpecError, match=r"model\.token_secret: is missing: "):
        _parse({}, id=gated)
    with pytest.raises(SpecError) as caught:
        _parse({"token_secret": "a/b"}, id=gated)
    assert [problem.place for problem in caught.value.problems] == ["chat.yaml: runpod.token_secret"]
