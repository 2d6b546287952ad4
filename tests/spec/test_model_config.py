"""`model.config`: the config.json of a model that the catalogue does not know."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from components.errors import SpecError
from components.spec import load_spec
from tests.catalogue.hub.known_configs import CONFIGS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from components.spec import ServiceSpec

QWEN = CONFIGS["Qwen/Qwen3-8B"]
AWQ = {"quant_method": "awq", "bits": 4, "group_size": 128}


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """A spec of a model of one's own, and its config.json beside the spec."""

    def own_(content: object = QWEN, **model: object) -> dict[str, Any]:
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / "own.config.json").write_text(text)
        given = {"id": "acme/own-8b", "config": "own.config.json", **model}
        return {"name": "chat", "model": {name: value for name, value in given.items() if value is not None}}

    return own_


def test_the_shape_is_read_while_the_spec_is_loaded(
    own: Callable[..., dict[str, Any]], read: Callable[..., ServiceSpec], tmp_path: Path
) -> None:
    """The path leads from the spec file; afterwards the file may be gone."""
    spec = read(own())
    (tmp_path / "own.config.json").unlink()
    assert spec.model.config is not None
    assert spec.model.config.described.shape.layers == 36
    assert spec.model.model_dump(mode="json")["config"] == "own.config.json"


def test_the_path_leads_from_the_spec_and_not_from_the_working_directory(
    own: Callable[..., dict[str, Any]], read: Callable[..., ServiceSpec], tmp_path: Path, monkeypatch: Any
) -> None:
    """A stack file names specs from elsewhere; an absolute path leads where it says."""
    monkeypatch.chdir("/")
    assert read(own()).model.config is not None
    assert read(own(config=str(tmp_path / "own.config.json"))).model.config is not None


def test_a_stack_may_name_another_config(own: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    """An override is read like the spec's own, from the folder of the spec."""
    path = tmp_path / "chat.yaml"
    path.write_text(json.dumps(own(config=None)))
    spec = load_spec(path, {"model": {"config": "own.config.json"}})
    assert spec.model.config is not None
    with pytest.raises(SpecError, match=r"\(overridden by the stack\): model.config: gone.json cannot be read"):
        load_spec(path, {"model": {"config": "gone.json"}})


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (
            "{",
            (
                "own.config.json is not valid JSON: Expecting property name enclosed in double quotes: line 1 column 2 "
                "(char 1); download the file again"
            ),
        ),
        ("[1]", "own.config.json holds no JSON object; name the config.json that lies beside the weights"),
        (
            {"model_type": "bert"},
            (
                "own.config.json describes an encoder (bert), which embeds or labels text and writes none; name the "
                "config.json of a decoder that generates text, as Llama, Qwen or Mistral"
            ),
        ),
        (
            {"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "torch_dtype": "bfloat16"},
            (
                "own.config.json lacks vocab_size, num_attention_heads, intermediate_size, "
                "max_position_embeddings; copy the whole config.json of the model; what transformers takes from its "
                "own defaults must be written down"
            ),
        ),
    ],
)
def test_a_config_that_says_too_little_is_one_problem(
    own: Callable[..., dict[str, Any]], problems: Callable[..., list[str]], config: object, expected: str
) -> None:
    """It names the file, what is wrong, and everything that is missing at once."""
    assert problems(own(config)) == [f"chat.yaml: model.config: {expected}"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "gone.json",
            (
                "gone.json cannot be read (no such file or directory); write the path of a config.json, "
                "relative to the spec file"
            ),
        ),
        (
            ".",
            ". cannot be read (is a directory); write the path of a config.json, relative to the spec file",
        ),
        (
            "https://huggingface.co/acme/own-8b/raw/main/config.json",
            (
                "https://huggingface.co/acme/own-8b/raw/main/config.json is an address, not a path; download the file, "
                "keep it beside the spec, and write its path: a plan asks no network"
            ),
        ),
        (7, "7 is not a path; write the path of a config.json, relative to the spec file"),
    ],
)
def test_a_path_that_leads_nowhere_is_named(
    own: Callable[..., dict[str, Any]], problems: Callable[..., list[str]], path: object, expected: str
) -> None:
    """The reason and the way to write it."""
    shown = [problem.replace("…", "") for problem in problems(own(config=path))]
    assert shown == [f"chat.yaml: model.config: {expected}"]


def test_a_model_is_described_once(own: Callable[..., dict[str, Any]], problems: Callable[..., list[str]]) -> None:
    """Config and shape together would leave open which one is meant."""
    shape = {"parameters_b": 8, "layers": 32, "hidden": 4096, "intermediate": 14336, "heads": 32, "kv_heads": 8}
    found = problems(own(shape={**shape, "vocab": 128256, "max_context_tokens": 131072}))
    assert found == [
        "chat.yaml: model: has both shape and config; keep config, which says more, or shape where you know better"
    ]


def test_the_limits_of_the_config_bind(own: Callable[..., dict[str, Any]], problems: Callable[..., list[str]]) -> None:
    """Context and quantization are checked against the file, as against a row of the catalogue."""
    assert problems(own(max_context_tokens=65536)) == [
        "chat.yaml: model.max_context_tokens: 65536 is more than the 40960 tokens of acme/own-8b; use 40960 or less"
    ]
    assert problems(own(quantization="awq")) == [
        (
            "chat.yaml: model.quantization: awq does not match the 16-bit checkpoint acme/own-8b; serve a "
            "checkpoint made with awq, or set auto"
        )
    ]
    assert problems(own({**QWEN, "quantization_config": AWQ}, quantization="fp8")) == [
        "chat.yaml: model.quantization: fp8 does not match the awq checkpoint acme/own-8b; remove the field or set auto"
    ]


def test_a_config_of_other_weights_than_the_id_is_noticed(
    own: Callable[..., dict[str, Any]], problems: Callable[..., list[str]], read: Callable[..., ServiceSpec]
) -> None:
    """The id says AWQ, the file holds the 16-bit original: its size would be four times too large."""
    assert problems(own(id="acme/own-8b-AWQ")) == [
        (
            "chat.yaml: model.config: own.config.json is the config.json of 16-bit weights, and the id "
            "says awq; name the config.json of acme/own-8b-AWQ, or correct the id"
        )
    ]
    assert read(own({**QWEN, "quantization_config": AWQ}, id="acme/own-8b-AWQ")).model.config is not None


def test_an_unknown_model_is_told_of_config(
    own: Callable[..., dict[str, Any]], problems: Callable[..., list[str]]
) -> None:
    """The shortest way to describe a model is to name its config.json."""
    [problem] = problems(own(config=None))
    assert problem.startswith(
        "chat.yaml: model.id: acme/own-8b is not in the catalogue; name its config.json, as config: acme-8b.config.json"
    )
