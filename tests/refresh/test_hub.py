"""How config.json is downloaded from the hub, and what it makes of a row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from components.refresh.hub_files import config_files
from components.refresh.hub_models import models_answer
from components.refresh.source import RefreshError
from tests.catalogue.hub.known_configs import CONFIGS

if TYPE_CHECKING:
    from tests.refresh.fake_hub import Hub

QWEN, LLAMA = "Qwen/Qwen3-8B", "meta-llama/Llama-3.1-8B-Instruct"
TOKEN = "hf_SENTINEL_TOKEN_0123456789"


def content(model_id: str, **change: object) -> bytes:
    return json.dumps({**CONFIGS[model_id], **change}).encode()


def test_files_are_read_from_the_hub_of_the_environment(hub: Hub) -> None:
    """HF_ENDPOINT is honoured; without a token none is sent."""
    hub.put(QWEN, content(QWEN))
    found, refused = config_files([QWEN], {"HF_ENDPOINT": f"{hub.url}/"})
    assert (found, refused) == ({QWEN: content(QWEN)}, [])
    assert hub.asked == [("/Qwen/Qwen3-8B/resolve/main/config.json", None)]


def test_a_token_of_the_environment_is_sent(hub: Hub) -> None:
    """As the hub's own client does."""
    hub.put(LLAMA, content(LLAMA))
    config_files([LLAMA], {"HF_ENDPOINT": hub.url, "HF_TOKEN": f"{TOKEN}\n"})
    assert hub.asked[0][1] == f"Bearer {TOKEN}"


def test_a_refused_model_is_a_line_and_the_others_are_read(hub: Hub) -> None:
    """Gated, missing, overloaded: each says why; the token is in no line."""
    hub.put(LLAMA, b"", 403)
    hub.put("acme/private", b"", 401)
    hub.put("acme/busy", b"", 418)
    hub.put(QWEN, content(QWEN))
    ids = [LLAMA, "acme/private", "acme/gone", "acme/busy", QWEN]
    found, refused = config_files(ids, {"HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN})
    assert list(found) == [QWEN]
    assert refused == [
        f"{LLAMA} is gated: accept its licence with the account of HF_TOKEN",
        "acme/private is gated or does not exist: accept its licence, and export HF_TOKEN",
        "acme/gone does not exist there, or has no config.json",
        "acme/busy was answered with status 418",
    ]
    assert TOKEN not in "".join(refused)


def test_a_renamed_model_is_followed_on_the_same_host(hub: Hub) -> None:
    """The hub redirects from the old name."""
    hub.put("acme/old", b"", 307, Location="/acme/new/resolve/main/config.json")
    hub.put("acme/new", content(QWEN))
    assert config_files(["acme/old"], {"HF_ENDPOINT": hub.url})[0] == {"acme/old": content(QWEN)}


def test_the_token_follows_to_no_other_host(hub: Hub) -> None:
    """A redirect elsewhere, and one in a circle, end there."""
    hub.put("acme/away", b"", 302, Location="https://example.com/config.json")
    hub.put("acme/round", b"", 302, Location="/acme/round/resolve/main/config.json")
    found, refused = config_files(["acme/away", "acme/round"], {"HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN})
    assert found == {}
    assert refused == [
        "acme/away leads to another host, which is not asked",
        "acme/round leads from one address to the next",
    ]


def test_a_file_that_is_no_config_is_not_read_whole(hub: Hub) -> None:
    """2 MB are more than any config.json has."""
    hub.put("acme/huge", b"x" * 2_100_000)
    assert config_files(["acme/huge"], {"HF_ENDPOINT": hub.url})[1] == [
        "acme/huge has a config.json of more than 2 MB, which is none"
    ]


@pytest.mark.parametrize(
    "address", ["http://hub.example.com", "ftp://127.0.0.1", "https://user:pass@hub.example.com", "hub", "https://"]
)
def test_an_address_that_no_token_may_go_to_is_refused(address: str) -> None:
    """Plain HTTP is for this machine alone; a password in the address is not repeated."""
    with pytest.raises(RefreshError) as caught:
        config_files([QWEN], {"HF_ENDPOINT": address, "HF_TOKEN": TOKEN})
    assert str(caught.value) == (
        "hub: HF_ENDPOINT is no plain https address; unset it, or write one as https://huggingface.co"
    )


def test_a_hub_that_does_not_answer_is_one_line() -> None:
    """Nothing listens there; the rest of the models is not tried."""
    with pytest.raises(RefreshError, match=r"^hub: no answer from http://127\.0\.0\.1:9 \(NewConnectionError\)"):
        config_files([QWEN, LLAMA], {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_TOKEN": TOKEN})


def test_a_row_gets_what_the_config_says() -> None:
    """Published parameters stay where the count comes close to them; the others are what is counted."""
    [found] = models_answer({QWEN: content(QWEN, num_hidden_layers=37, max_position_embeddings=131072)}).findings
    assert found.values["id"] == QWEN
    assert (found.values["layers"], found.values["max_context_tokens"]) == ("37", "131072")
    assert found.values["parameters_b"] == "8.384"
    assert "license" not in found.values
    [same] = models_answer({QWEN: content(QWEN)}).findings
    assert "parameters_b" not in same.values


def test_a_new_model_gets_a_whole_row() -> None:
    """What a config does not say is unknown, and asked for."""
    answer = models_answer({"acme/own-20b": content("openai/gpt-oss-20b")})
    [found] = answer.findings
    assert (found.values["parameters_b"], found.values["checkpoint_gib"]) == ("20.908", "12.8")
    assert (found.values["native_quantization"], found.values["gated"]) == ("mxfp4", "unknown")
    assert answer.remarks == ("acme/own-20b is new: write its license, and whether it is gated",)


def test_what_cannot_be_sized_keeps_its_row() -> None:
    """A multimodal config, a page of HTML, a list: a remark each."""
    vision = json.dumps({"model_type": "gemma3", "text_config": {}, "vision_config": {"hidden_size": 1}}).encode()
    answer = models_answer({"google/gemma-3-4b-it": vision, QWEN: b"<html>", LLAMA: b"[]"})
    assert answer.findings == ()
    assert answer.remarks == (
        (
            "google/gemma-3-4b-it: config.json describes a multimodal model (gemma3): it has vision_config, and what "
            "lies beside the text part is not sized: its row is left as it is"
        ),
        f"{QWEN}: config.json holds no JSON object: its row is left as it is",
        f"{LLAMA}: config.json holds no JSON object: its row is left as it is",
    )
