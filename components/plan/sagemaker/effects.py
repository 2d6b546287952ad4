"""What each field of the spec changes on SageMaker."""

from __future__ import annotations

from components.plan.effects import IGNORED, KEEPER_EFFECTS, NOTED, REFUSAL, SLO_EFFECTS, Effect
from components.plan.exemptions import EXEMPTION_EFFECTS
from components.plan.front.effects import WITH_A_FRONT
from components.spec.ecs import EcsSpec
from components.spec.group import paths_of
from components.spec.local import LocalSpec
from components.spec.runpod import RunpodSpec

_ENVIRONMENT = "engine.environment"
_HEADS = "Over how many GPUs the model can be divided"

SAGEMAKER_EFFECTS: dict[str, Effect] = {
    "name": Effect("sagemaker.endpoint_name", "Name of the endpoint, after that of the stack."),
    "environment": Effect("environment", "`prod`: image digest and revision are asked for."),
    "tags": Effect("tags", "On every resource; a tag of the spec wins over one of the stack."),
    "power": Effect("scaling.max_replicas", "`off`: no endpoint; model and configurations stay, which cost nothing."),
    "model.id": Effect("model.id", "Weights that the container downloads; with s3 the name alone."),
    "model.revision": Effect(_ENVIRONMENT, "`HF_MODEL_REVISION` or `SM_VLLM_REVISION`; with s3 not used, and noted."),
    "model.source": Effect(
        "sagemaker.network_isolation", "s3: SageMaker copies the weights, and the container reaches no network."
    ),
    "model.s3_uri": Effect("sagemaker.model_data_uri", "Prefix that each new instance copies to `/opt/ml/model`."),
    "model.token_secret": Effect(NOTED, "Never passed on: gated weights have to come from s3. Noted."),
    "model.max_context_tokens": Effect(
        _ENVIRONMENT, "`MAX_TOTAL_TOKENS` or `SM_VLLM_MAX_MODEL_LEN`; decides which GPUs fit."
    ),
    "model.quantization": Effect(
        "model.quantization", "Size of the weights; `QUANTIZE` or `SM_VLLM_QUANTIZATION` where it converts."
    ),
    "model.dtype": Effect(_ENVIRONMENT, "`DTYPE` or `SM_VLLM_DTYPE`; refused on a GPU without that format."),
    "model.config": Effect("hardware", "Size of the weights and of the cache, how they are stored; noted."),
    "model.shape": Effect(NOTED, "Replaces the catalogue's numbers in all sizing; noted."),
    "model.shape.parameters_b": Effect("hardware", "Size of the weights."),
    "model.shape.layers": Effect("hardware", "Size of the cache."),
    "model.shape.hidden": Effect(
        "hardware", "Size of embeddings and output head, which stay 16 bit; size of a head; with TGI of a prompt."
    ),
    "model.shape.intermediate": Effect(REFUSAL, f"{_HEADS}; with TGI the memory that a prompt takes."),
    "model.shape.heads": Effect("hardware", f"{_HEADS}; size of a head."),
    "model.shape.kv_heads": Effect("hardware", "Size of the cache; over how many GPUs the model can be divided."),
    "model.shape.vocab": Effect("hardware", "Size of embeddings and output head, which stay 16 bit."),
    "model.shape.max_context_tokens": Effect(_ENVIRONMENT, "Upper bound of the context."),
    "model.shape.head_dim": Effect("hardware", "Size of the cache."),
    "model.shape.active_parameters_b": Effect("cost", "Expected throughput, and so replicas and cost."),
    "model.shape.tied_embeddings": Effect("hardware", "Size of the weights when they are quantized."),
    "model.shape.dtype": Effect(_ENVIRONMENT, "`DTYPE` or `SM_VLLM_DTYPE`."),
    "model.shape.gated": Effect(REFUSAL, "A gated model is refused with source hub."),
    "engine.kind": Effect("engine.image", "tgi: the last TGI image; vllm: the vLLM image of AWS."),
    "engine.version": Effect(REFUSAL, "Image and accepted flags; a version that the catalogue lacks is refused."),
    "engine.image": Effect("engine.image", "Image of the container; it must be in a private ECR of the region."),
    "engine.extra_args": Effect(
        _ENVIRONMENT, "`max-batch-size: 8` is `MAX_BATCH_SIZE` (tgi), `seed: 7` is `SM_VLLM_SEED` (vllm)."
    ),
    "accelerators": Effect(
        "sagemaker.alternatives", "A configuration for each that fits; the next is used when AWS has none free."
    ),
    "load": Effect(NOTED, "Cost at the expected load; how many requests a replica works on."),
    "load.requests_per_hour": Effect("week", "Expected replicas and cost; a warning beyond `max_replicas`."),
    "load.time_zone": Effect("week", "Moves the windows to the hours of the schedule."),
    "load.input_tokens": Effect(
        _ENVIRONMENT, "`MAX_CONCURRENT_REQUESTS` or `SM_VLLM_MAX_NUM_SEQS`, expected replicas and cost."
    ),
    "load.output_tokens": Effect(
        _ENVIRONMENT, "`MAX_CONCURRENT_REQUESTS` or `SM_VLLM_MAX_NUM_SEQS`, expected replicas and cost."
    ),
    "load.peak_concurrency": Effect(NOTED, "A warning when the replicas cannot hold it."),
    "scaling.min_replicas": Effect("scaling.min_replicas", "Lower limit of Application Auto Scaling; 0 is refused."),
    "scaling.max_replicas": Effect("scaling.max_replicas", "Upper limit; the quota that the account needs."),
    "scaling.metric": Effect(
        "scaling.metric", "Concurrent requests in high resolution, or invocations per instance; queue_wait is refused."
    ),
    "scaling.target": Effect("scaling.target", "Target of the tracking policy; below what TGI accepts at once."),
    "scaling.scale_out_cooldown": Effect(
        "scaling.scale_out_cooldown_seconds", "Of the tracking policy; shorter than a start: a warning."
    ),
    "scaling.scale_in_cooldown": Effect("scaling.scale_in_cooldown_seconds", "Of the tracking policy."),
    **KEEPER_EFFECTS,
    **EXEMPTION_EFFECTS,
    **SLO_EFFECTS,
    "pricing.commitment": Effect(
        "cost", "Price of `scaling.min_replicas` instances, all month; you buy the Savings Plan. Noted."
    ),
    "pricing.spot_percent": Effect(REFUSAL, "Endpoints run on demand; more than 0 is refused."),
    **WITH_A_FRONT,
    "gateway.keys_secret": Effect(NOTED, "Keys of the front; without one not used: callers sign. Noted."),
    "gateway.max_request": Effect(
        "sagemaker.termination_wait_seconds",
        "How long requests may finish when instances are replaced; SageMaker's own limit without streaming is 60 s.",
    ),
    "network.vpc": Effect("network", "create: no VPC is made or used, the instances have SageMaker's own network."),
    "network.vpc.id": Effect("network.vpc_id", "VPC of the container's network interfaces."),
    "network.vpc.private_subnet_ids": Effect("network.private_subnet_ids", "Subnets of those interfaces."),
    "network.vpc.public_subnet_ids": Effect(NOTED, "Of a public front; without one not used. Noted."),
    "network.exposure": Effect(REFUSAL, "Of the front; without one public is refused: IAM decides who may call."),
    "network.certificate_arn": Effect(NOTED, "Of the front; without one not used: AWS names the endpoint. Noted."),
    "network.domain": Effect(NOTED, "Of the front; without one not used: AWS names the endpoint. Noted."),
    "network.allowed_cidrs": Effect(REFUSAL, "Of the front; without one it cannot be enforced, so it is refused."),
    "sagemaker.inference_ami": Effect("sagemaker.alternatives", "Machine image of the instances, and so the driver."),
    "sagemaker.update_policy": Effect("sagemaker.update_policy", "Policy of the endpoint's updates."),
    "sagemaker.log_retention": Effect("sagemaker.log_retention_days", "Of the endpoint's log group."),
    **{path: Effect(IGNORED, "Read on ECS alone.") for path in paths_of(EcsSpec, "ecs.")},
    **{path: Effect(IGNORED, "Read on RunPod alone.") for path in paths_of(RunpodSpec, "runpod.")},
    **{f"local.{name}": Effect(IGNORED, "Read on the local target alone.") for name in LocalSpec.model_fields},
}
"""For each field of the spec; a test changes every one of them and looks for `part` in what follows."""
