from __future__ import annotations

from typing import Any

import pytest

Problems = "Callable[..., list[str]]"
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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"name": "sg-chat"},
            ("name: sg-chat has a prefix that AWS keeps for itself; choose a name without internal- or sg- in front"),
        ),
        (
            {"environment": "Prod!"},
            ("environment: Prod! is not an environment; use lower-case letters, digits and dashes, as dev or prod"),
        ),
        ({"tags": {"cost": 4711}}, "tags.cost: 4711 has the wrong type; write a text; put it in quotes"),
        (
            {"tags": {"aws:x": "y"}},
            ("tags: has the key 'aws:x'; use 1 to 128 of letters, digits, space and _.:/=+-@, not aws:"),
        ),
        ({"accelerators": []}, "accelerators: is an empty list; name a GPU, or write auto"),
        (
            {"accelerators": ["L4", "l4"]},
            ("accelerators: names an accelerator twice; name each once, in order of preference"),
        ),
        ({"accelerators": "L4"}, "accelerators: L4 is not a list; write [L4], or auto for the cheapest that fits"),
        (
            {"accelerators": ["Inferentia2"]},
            ("accelerators[0]: Inferentia2 is made by AWS, and the engines need NVIDIA; name an NVIDIA GPU, as L4"),
        ),
        (
            {"scaling": {"min_replicas": 3, "max_replicas": 2}},
            (
                "scaling: has max_replicas 2 below min_replicas 3; "
                "raise max_replicas to 3 or more, or lower min_replicas"
            ),
        ),
        ({"scaling": {"min_replicas": -1}}, "scaling.min_replicas: -1 is less than 0; use 0 or more"),
        ({"scaling": {"target": 0}}, "scaling.target: 0 is not above 0; use a number above 0"),
        (
            {"scaling": {"metric": "requests_per_minute"}},
            ("scaling: has metric requests_per_minute and no target; set target to the requests a replica can serve"),
        ),
        (
            {"scaling": {"scale_in_cooldown": 600}},
            (
                "scaling.scale_in_cooldown: 600 is not a duration; "
                'write a number with its unit, as "30m", "1h30m", "90s" or "7d"'
            ),
        ),
        (
            {"gateway": {"max_request": "2h"}},
            (
                "gateway.max_request: 2h is not between 1s and 1h; "
                "set it to 1h or less: the load balancer waits 4000 s at most"
            ),
        ),
        (
            {"gateway": {"keys_secret": "sk-123"}},
            (
                "gateway.keys_secret: sk-… looks like the secret itself, not like its "
                "name; store it in Secrets Manager, write that secret's name here, and revoke the value that stood "
                "in the file"
            ),
        ),
        (
            {"gateway": {"keys_secret": "a secret"}},
            (
                "gateway.keys_secret: a secret is not a secret's name or ARN; "
                'write the name, as "huggingface/token", or the whole ARN'
            ),
        ),
        (
            {"ecs": {"log_retention": "31d"}},
            (
                "ecs.log_retention: 31d is not a retention that CloudWatch Logs has; "
                "use one of: 1d, 3d, 5d, 7d, 14d, 30d, 60d, 90d, 120d, 150d, 180d, 365d, 400d, 545d, 731d, 1096d, "
                "1827d, 2192d, 2557d, 2922d"
            ),
        ),
        (
            {"sagemaker": {"log_retention": "8d"}},
            (
                "sagemaker.log_retention: 8d is not a retention that CloudWatch Logs has; "
                "use one of: 1d, 3d, 5d, 7d, 14d, 30d, 60d, 90d, 120d, 150d, 180d, 365d, 400d, 545d, 731d, 1096d, "
                "1827d, 2192d, 2557d, 2922d"
            ),
        ),
        (
            {"sagemaker": {"inference_ami": "al2023"}},
            (
                "sagemaker.inference_ami: al2023 is not allowed; use one of: al2-ami-sagemaker-inference-gpu-2, "
                "al2-ami-sagemaker-inference-gpu-2-1, al2-ami-sagemaker-inference-gpu-3-1, "
                "al2023-ami-sagemaker-inference-gpu-4-1"
            ),
        ),
        ({"power": "maybe"}, "power: maybe is not allowed; use one of: off, on"),
        (
            {"ecs": {"root_volume": "50GiB"}},
            (
                "ecs.root_volume: 50GiB is not between 100GiB and 16TiB; set it to 100GiB "
                "or more: the engine's image alone unpacks to about 25 GiB, twice during a deployment"
            ),
        ),
        ({"ecs": {"ami_id": "latest"}}, "ecs.ami_id: latest does not match ^ami-[0-9a-f]+$; copy the id from AWS"),
        ({"engine": {"kind": "sglang"}}, "engine.kind: sglang is not allowed; use one of: tgi, vllm"),
        (
            {"engine": {"extra_args": ["enforce-eager"]}},
            ("engine.extra_args: has the entry 'enforce-eager'; write a mapping of flags, or a list of --flag=value"),
        ),
        (
            {"engine": {"extra_args": ["--seed 7"]}},
            "engine.extra_args: has the entry '--seed 7'; write --seed=7",
        ),
        (
            {"load": {"requests_per_hour": float("inf"), "input_tokens": 1, "output_tokens": 1}},
            "load.requests_per_hour: .inf has the wrong type; write a number",
        ),
        (
            {"load": {"requests_per_hour": 1e300, "input_tokens": 1, "output_tokens": 1}},
            "load.requests_per_hour: 1e+300 is more than 100,000,000; use 100,000,000 or less",
        ),
        (
            {"scaling": {"target": float("nan")}},
            "scaling.target: .nan has the wrong type; write a number",
        ),
        (
            {"gateway": {"keys_secret": ["sk-abcdefgh"]}},
            "gateway.keys_secret: ['sk-…'] has the wrong type; write a text; put it in quotes",
        ),
        (
            {"load": {"requests_per_hour": 1, "input_tokens": 131_000, "output_tokens": 100}},
            (
                "load.input_tokens: 131000 and output_tokens 100 are more than the 131072 of "
                "meta-llama/Llama-3.1-8B-Instruct; correct the load"
            ),
        ),
        (
            {"tags": {1: "a"}},
            "tags[1]: 1 has the wrong type; write a text; put it in quotes",
        ),
        (
            {"scaling": {"scale_in_cooldown": "99d"}},
            "scaling.scale_in_cooldown: 99d is more than 1d; use 1d or less, as 10m",
        ),
        (
            {1: 2},
            (
                "[1]: 1 is not the name of a field; use one of: name, environment, tags, power, model, engine, "
                "accelerators, load, scaling, pricing, schedule, idle, budget, slo, gateway, network, "
                "policy_exemptions, ecs, sagemaker, runpod, local"
            ),
        ),
        (
            {"model": {"id": "acme/x", "shape": {**SHAPE, "kv_heads": 5}}},
            (
                "model.shape: has heads 32, which is no multiple of kv_heads 5; copy num_attention_heads and "
                "num_key_value_heads from the model's config.json"
            ),
        ),
        (
            {"model": {"id": "acme/x", "shape": {**SHAPE, "active_parameters_b": 9}}},
            (
                "model.shape: has active_parameters_b 9 above parameters_b 8; "
                "parameters_b counts all, active_parameters_b those used for one token"
            ),
        ),
        (
            {"network": {"allowed_cidrs": ["10.0.0.1/8"]}},
            ('network.allowed_cidrs: has 10.0.0.1/8: 10.0.0.1/8 has host bits set; write networks as "10.0.0.0/8"'),
        ),
        (
            {"network": {"vpc": {"id": "vpc-1a", "private_subnet_ids": ["subnet-1"]}}},
            (
                "network.vpc.private_subnet_ids: names fewer than two subnets; "
                "name subnets in two zones: a load balancer demands it"
            ),
        ),
        ({"network": {"vpc": {"id": "vpc-1a", "subnets": []}}}, "network.vpc.private_subnet_ids: is missing; add it"),
    ],
)
def test_a_wrong_value_is_refused_with_place_and_fix(
    base: dict[str, Any], problems: Problems, change: dict[str, Any], message: str
) -> None:
    """Each wrong value is named with its place, what is allowed, and a fix."""
    assert problems({**base, **change})[0] == f"chat.yaml: {message}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "llama"}, 'model.id: llama is not a model id; write owner/name, as "meta-llama/Llama-3.1-8B-Instruct"'),
        (
            {"token_secret": None},
            (
                "model.token_secret: is missing: meta-llama/Llama-3.1-8B-Instruct is gated; store a "
                "Hugging Face token that has accepted the licence in Secrets Manager and write the secret's name"
            ),
        ),
        (
            {"token_secret": "hf_abcdefgh"},
            (
                "model.token_secret: hf_… looks like the secret itself, not like its name; "
                "store it in Secrets Manager, write that secret's name here, and revoke the value that stood "
                "in the file"
            ),
        ),
        (
            {"source": "s3", "token_secret": None},
            ("model: with source s3 needs s3_uri, got None; set s3_uri to s3://bucket/prefix/"),
        ),
        (
            {"source": "s3", "s3_uri": "s3://weights/llama/"},
            ("model: has token_secret, which source s3 does not use; remove token_secret, or set source: hub"),
        ),
        (
            {"s3_uri": "s3://weights/llama/"},
            ("model: has s3_uri s3://weights/llama/ but source hub; set source: s3, or remove s3_uri"),
        ),
        (
            {"max_context_tokens": 200_000},
            (
                "model.max_context_tokens: 200000 is more than the 131072 tokens of "
                "meta-llama/Llama-3.1-8B-Instruct; use 131072 or less"
            ),
        ),
        (
            {"quantization": "awq"},
            (
                "model.quantization: awq does not match the 16-bit checkpoint "
                "meta-llama/Llama-3.1-8B-Instruct; serve a checkpoint made with awq, or set auto"
            ),
        ),
        ({"quantization": "gguf"}, ("model.quantization: gguf is not allowed; use one of: auto, awq, fp8, gptq, none")),
        (
            {"revision": "../main"},
            ("model.revision: ../main is not a revision; write a commit of 40 hex digits, a tag or a branch"),
        ),
        (
            {"shape": {**SHAPE, "heads": 31}},
            (
                "model.shape: leaves head_dim open, and hidden 4096 is no multiple of "
                "heads 31; give head_dim as in the model's config.json"
            ),
        ),
    ],
)
def test_a_wrong_model_is_refused_with_place_and_fix(
    base: dict[str, Any], problems: Problems, change: dict[str, Any], message: str
) -> None:
    """Each wrong field of the model is named with its place, what is allowed, and a fix."""
    assert problems({**base, "model": {**base["model"], **change}}) == [f"chat.yaml: {message}"]


def test_every_wrong_accelerator_is_named_at_once(base: dict[str, Any], problems: Problems) -> None:
    """A misspelt GPU, an inexact one and one of another vendor are reported together."""
    found = problems({**base, "accelerators": ["L40S", "A100", "MI300X"]})
    assert [problem.split("; ")[0] for problem in found] == [
        "chat.yaml: accelerators[1]: A100 is not exact enough",
        "chat.yaml: accelerators[2]: MI300X is made by AMD, and the engines need NVIDIA",
    ]
