from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from components.spec.values import Accelerator

Problems = "Callable[..., list[str]]"
Read = "Callable[..., ServiceSpec]"
SHAPE = {
    "parameters_b": 8.0,
    "layers": 32,
    "hidden": 4096,
    "intermediate": 14336,
    "heads": 32,
    "kv_heads": 8,
    "vocab": 128256,
    "max_context_tokens": 131072,
}
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"


def test_a_small_spec_is_filled_with_its_defaults(base: dict[str, Any], read: Read) -> None:
    """What is omitted has the value that its description states."""
    spec = read(base)
    assert spec.environment == "dev"
    assert spec.accelerators == (Accelerator("L4"),)
    assert spec.scaling.min_replicas == spec.scaling.max_count == 1
    assert str(spec.gateway.max_request) == "10m"
    assert str(spec.ecs.root_volume) == "100GiB"
    assert spec.network.vpc == "create"
    assert spec.network.exposure == "internal"


def test_a_spec_cannot_be_changed(base: dict[str, Any], read: Read) -> None:
    """A spec is a value: assigning to a field is an error."""
    spec = read(base)
    with pytest.raises(ValidationError, match="Instance is frozen"):
        spec.name = "other"


def test_a_spec_survives_being_written_and_read(base: dict[str, Any], read: Read) -> None:
    """The dumped form uses the human values and loads as the same spec."""
    spec = read({**base, "ecs": {"log_retention": "7d", "root_volume": "200GiB"}})
    dumped = spec.model_dump(mode="json")
    assert dumped["ecs"]["log_retention"] == "7d"
    assert dumped["accelerators"] == ["L4"]
    assert read(dumped) == spec


def test_the_environment_is_the_stacks_unless_the_spec_names_one(base: dict[str, Any], read: Read) -> None:
    """A spec's own environment wins over the stack's."""
    assert read(base, environment="preview").environment == "preview"
    assert read({**base, "environment": "staging"}, environment="preview").environment == "staging"


def test_an_override_changes_one_field(base: dict[str, Any], read: Read) -> None:
    """Overrides of a stack are merged into the file."""
    spec = read({**base, "scaling": {"min_replicas": 2, "max_replicas": 4}}, overrides={"scaling": {"max_replicas": 3}})
    assert (spec.scaling.min_replicas, spec.scaling.max_replicas) == (2, 3)


def test_a_wrong_override_is_reported_as_the_stacks(base: dict[str, Any], problems: Problems) -> None:
    """An error in an overridden field says that the value came from the stack."""
    assert problems(base, overrides={"scaling": {"max_replicas": "many"}}) == [
        "chat.yaml (overridden by the stack): scaling.max_replicas: many has the wrong type; write a whole number"
    ]


def test_all_problems_are_reported_together(problems: Problems) -> None:
    """Errors of fields, of values and between groups come in one go, each with place, value and fix."""
    found = problems(
        {
            "name": "Chat",
            "modle": {},
            "schedule": {"hours": "always", "wake": "any_time"},
            "model": {"id": "meta-llama/Llama-3.1-8B-Instruct", "max_contxt": 1},
            "accelerators": ["L4", "L40X"],
            "scaling": {"metric": "concurency"},
            "load": {"requests_per_hour": 0, "input_tokens": 10, "output_tokens": 10},
        }
    )
    assert found == [
        (
            "chat.yaml: name: Chat is not a service name; use 2 to 20 lower-case letters, digits and dashes, "
            "starting with a letter"
        ),
        "chat.yaml: model.max_contxt: is an unknown field; did you mean max_context_tokens?",
        "chat.yaml: accelerators[1]: L40X is not a GPU that the catalogue knows; did you mean L40?",
        "chat.yaml: load.requests_per_hour: 0 is not above 0; use a number above 0",
        "chat.yaml: scaling.metric: concurency is not allowed; did you mean concurrency?",
        "chat.yaml: modle: is an unknown field; did you mean model?",
        (
            "chat.yaml: schedule.wake: any_time needs group idle: what a request wakes outside the hours, nothing "
            "would stop; add idle: {after: 30m}, or use within_hours"
        ),
    ]


def test_an_unknown_model_shows_how_to_describe_its_shape(base: dict[str, Any], problems: Problems) -> None:
    """A model outside the catalogue is refused with the nearest known one and a shape to fill in."""
    found = problems({**base, "model": {"id": "meta-llama/Llama-3.1-8B-Instuct"}})
    assert found == [
        (
            "chat.yaml: model.id: meta-llama/Llama-3.1-8B-Instuct is not in the catalogue; "
            "did you mean meta-llama/Llama-3.1-8B-Instruct? otherwise name its config.json, as config: "
            "acme-8b.config.json, or describe it, as an 8B Llama would be: shape: {parameters_b: 8.0, layers: 32, "
            "hidden: 4096, intermediate: 14336, heads: 32, kv_heads: 8, vocab: 128256, max_context_tokens: 131072}"
        )
    ]


def test_an_unknown_model_with_a_shape_is_accepted(base: dict[str, Any], read: Read) -> None:
    """The shape that the error shows is one that works."""
    spec = read({**base, "model": {"id": "acme/own-8b", "shape": SHAPE}})
    assert spec.model.shape is not None
    assert spec.model.shape.to_shape().head_dim == 128


def test_a_shape_with_a_gate_needs_a_token(base: dict[str, Any], problems: Problems) -> None:
    """A described model can be gated too."""
    (problem,) = problems({**base, "model": {"id": "acme/own-8b", "shape": {**SHAPE, "gated": True}}})
    assert problem.startswith("chat.yaml: model.token_secret: is missing: acme/own-8b is gated; ")


def test_prod_asks_for_a_commit(base: dict[str, Any], problems: Problems, read: Read) -> None:
    """In environment prod a branch is refused and a commit of 40 hex digits is accepted."""
    message = (
        "a commit of 40 hex digits, which environment prod asks for; "
        "copy it from https://huggingface.co/meta-llama/Llama-3.1-8B-Instruct/commits/main"
    )
    assert problems(base, environment="prod") == [f"chat.yaml: model.revision: is missing: {message}"]
    branch = {**base, "model": {**base["model"], "revision": "main"}}
    assert problems(branch, environment="prod") == [f"chat.yaml: model.revision: main is not {message}"]
    commit = {**base, "model": {**base["model"], "revision": "0e9e39f249a16976918f6564b8830bc894c89659"}}
    assert read(commit, environment="prod").model.has_pinned_revision


def test_a_public_service_needs_certificate_keys_and_subnets(
    base: dict[str, Any], problems: Problems, read: Read
) -> None:
    """Public without encryption or without client keys is refused; with both it is accepted."""
    assert problems({**base, "network": {"exposure": "public"}}) == [
        (
            "chat.yaml: network: is public and has no certificate_arn; "
            "set certificate_arn to an ACM certificate of this region, or exposure: internal"
        )
    ]
    network = {"exposure": "public", "certificate_arn": CERTIFICATE, "domain": "llm.example.com"}
    assert problems({**base, "network": network}) == [
        (
            "chat.yaml: gateway.keys_secret: is missing: the service is public, so anyone could use its GPUs; "
            "store the clients' keys in Secrets Manager and write the secret's name, or set network.exposure: internal"
        )
    ]
    given = {**network, "vpc": {"id": "vpc-1a", "private_subnet_ids": ["subnet-1", "subnet-2"]}}
    assert problems({**base, "network": given, "gateway": {"keys_secret": "keys"}}) == [
        (
            "chat.yaml: network: is public and vpc.public_subnet_ids names fewer than two subnets; "
            "name public subnets in two zones, or set exposure: internal"
        )
    ]
    assert read({**base, "network": network, "gateway": {"keys_secret": "keys"}}).network.exposure == "public"


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (
            {"certificate_arn": CERTIFICATE},
            (
                "network: has certificate_arn and no domain, so no client could verify the certificate; "
                "set domain to a name that the certificate holds for"
            ),
        ),
        (
            {"domain": "llm.example.com"},
            (
                "network: has domain and no certificate_arn; "
                "set certificate_arn to an ACM certificate for that name, or remove domain"
            ),
        ),
        (
            {"certificate_arn": CERTIFICATE, "domain": "https://llm.example.com/v1"},
            (
                "network.domain: https://llm.example.com/v1 is not a host name; "
                "write it in lower case without scheme or path, as llm.example.com"
            ),
        ),
    ],
)
def test_a_certificate_and_its_name_go_together(
    base: dict[str, Any], problems: Problems, network: dict[str, Any], message: str
) -> None:
    """The URL that clients are told has the name for which the certificate holds."""
    assert problems({**base, "network": network}) == [f"chat.yaml: {message}"]


def test_a_load_longer_than_the_context_is_refused(base: dict[str, Any], problems: Problems) -> None:
    """A mean request must fit the context that the spec asks for."""
    model = {**base["model"], "max_context_tokens": 1024}
    load = {"requests_per_hour": 1, "input_tokens": 1000, "output_tokens": 500}
    assert problems({**base, "model": model, "load": load}) == [
        (
            "chat.yaml: load.input_tokens: 1000 and output_tokens 500 are more than model.max_context_tokens 1024; "
            "raise max_context_tokens to 1500 or more, or correct the load"
        )
    ]


def test_missing_groups_are_named(problems: Problems) -> None:
    """Name and model must be given."""
    assert problems({"tags": {}}) == [
        "chat.yaml: name: is missing; add it",
        "chat.yaml: model: is missing; describe the model with at least id: owner/name",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        {"enable-prefix-caching": True, "tool-call-parser": "hermes"},
        {"--enable-prefix-caching": True, "--tool-call-parser": "hermes"},
        ["--enable-prefix-caching", "--tool-call-parser=hermes"],
    ],
)
def test_extra_arguments_have_one_form(base: dict[str, Any], read: Read, arguments: object) -> None:
    """A mapping and a list of the same flags are the same."""
    spec = read({**base, "engine": {"extra_args": arguments}})
    assert spec.engine.extra_args == {"enable-prefix-caching": True, "tool-call-parser": "hermes"}
