"""What each field of the spec changes on RunPod."""

from __future__ import annotations

from components.plan.effects import IGNORED, KEEPER_EFFECTS, NOTED, REFUSAL, SLO_EFFECTS, Effect
from components.plan.exemptions import EXEMPTION_EFFECTS
from components.plan.front.effects import WITH_A_FRONT_OR_IN_A_WORKER
from components.spec.ecs import EcsSpec
from components.spec.local import LocalSpec
from components.spec.sagemaker import SagemakerSpec

_ENVIRONMENT = "engine.environment"

RUNPOD_EFFECTS: dict[str, Effect] = {
    "name": Effect("runpod.endpoint_name", "Name of the endpoint, after that of the stack."),
    "environment": Effect("environment", "`prod`: image digest and revision; the network volume cannot be deleted."),
    "tags": Effect(NOTED, "None on RunPod; noted."),
    "power": Effect("runpod.workers_max", "`off`: 0 workers; the endpoint and its URL stay."),
    "model.id": Effect(
        _ENVIRONMENT,
        "`MODEL_NAME` (in mode load_balancer an argument, as all that follows), and the name that clients send as "
        "`model`.",
    ),
    "model.revision": Effect(_ENVIRONMENT, "`MODEL_REVISION`; a new one is downloaded at the next start."),
    "model.source": Effect(REFUSAL, "Workers download from the Hub; s3 is refused."),
    "model.s3_uri": Effect(REFUSAL, "Refused with source s3."),
    "model.token_secret": Effect(NOTED, "Not read, since it is in AWS; `runpod.token_secret` is. Noted."),
    "model.max_context_tokens": Effect(_ENVIRONMENT, "`MAX_MODEL_LEN`; decides which GPUs fit."),
    "model.quantization": Effect("model.quantization", "Size of the weights; `QUANTIZATION` where it converts."),
    "model.dtype": Effect(_ENVIRONMENT, "`DTYPE`; refused on a GPU without that format."),
    "model.config": Effect("hardware", "Size of the weights and of the cache, how they are stored; noted."),
    "model.shape": Effect(NOTED, "Replaces the catalogue's numbers in all sizing; noted."),
    "model.shape.parameters_b": Effect("hardware", "Size of the weights."),
    "model.shape.layers": Effect("hardware", "Size of the cache."),
    "model.shape.hidden": Effect("hardware", "Size of embeddings and output head, which stay 16 bit; size of a head."),
    "model.shape.intermediate": Effect(REFUSAL, "Over how many GPUs the model can be divided."),
    "model.shape.heads": Effect("hardware", "Over how many GPUs the model can be divided; size of a head."),
    "model.shape.kv_heads": Effect("hardware", "Size of the cache; over how many GPUs the model can be divided."),
    "model.shape.vocab": Effect("hardware", "Size of embeddings and output head, which stay 16 bit."),
    "model.shape.max_context_tokens": Effect(_ENVIRONMENT, "Upper bound of the context."),
    "model.shape.head_dim": Effect("hardware", "Size of the cache."),
    "model.shape.active_parameters_b": Effect("cost", "Expected throughput, and so hours of workers and cost."),
    "model.shape.tied_embeddings": Effect("hardware", "Size of the weights when they are quantized."),
    "model.shape.dtype": Effect(_ENVIRONMENT, "`DTYPE`."),
    "model.shape.gated": Effect(REFUSAL, "A gated model without `runpod.token_secret` is refused."),
    "engine.kind": Effect(REFUSAL, "RunPod's worker runs vLLM; another engine is refused."),
    "engine.version": Effect(REFUSAL, "Image and accepted flags; a version that the catalogue lacks is refused."),
    "engine.image": Effect("engine.image", "Image of the workers; a tag that moves is refused."),
    "engine.extra_args": Effect(
        _ENVIRONMENT, "Variables of the worker, `VLLM_EXTRA_ARGS` for the rest; what would cut it off is refused."
    ),
    "accelerators": Effect(
        "runpod.pools", "GPU pools in that order, less the types that are not named; one number of GPUs for all."
    ),
    "load": Effect(NOTED, "Cost at the expected load; how many requests a worker takes."),
    "load.requests_per_hour": Effect("week", "Hours of workers and starts, and so the expected cost."),
    "load.time_zone": Effect("week", "Moves the windows to the hours of the schedule."),
    "load.input_tokens": Effect(_ENVIRONMENT, "`MAX_NUM_SEQS` and `MAX_CONCURRENCY`, expected cost."),
    "load.output_tokens": Effect(_ENVIRONMENT, "`MAX_NUM_SEQS` and `MAX_CONCURRENCY`, expected cost."),
    "load.peak_concurrency": Effect(NOTED, "A warning when the workers cannot hold it."),
    "scaling.min_replicas": Effect("runpod.workers_min", "Workers that always run; 0: the first request waits."),
    "scaling.max_replicas": Effect("runpod.workers_max", "Most workers; counts against the account's quota."),
    "scaling.metric": Effect(
        "runpod.scaler",
        "concurrency: `REQUEST_COUNT`; queue_wait: `QUEUE_DELAY`; requests_per_minute is refused.",
    ),
    "scaling.target": Effect(
        "runpod.scaler_value", "Requests for each worker, a whole number; or seconds in the queue, 0.5 or more."
    ),
    "scaling.scale_out_cooldown": Effect(NOTED, "RunPod's scaling has no pauses; noted."),
    "scaling.scale_in_cooldown": Effect(NOTED, "RunPod's scaling has no pauses; noted."),
    **KEEPER_EFFECTS,
    **EXEMPTION_EFFECTS,
    **SLO_EFFECTS,
    "slo.ttft_ms_p95": Effect(
        "slo", "Judged against the estimate; with min_replicas 0 it has the cold start in it when enough requests wait."
    ),
    "pricing.commitment": Effect(REFUSAL, "RunPod publishes no price for a commitment; one is refused."),
    "pricing.spot_percent": Effect(REFUSAL, "Serverless workers have one price; more than 0 is refused."),
    **WITH_A_FRONT_OR_IN_A_WORKER,
    "gateway.usd_per_month": Effect(
        "front.gateway.limits.usd_per_month",
        "Over all tasks of the front: a DynamoDB table holds what each key has spent. Without a front refused.",
    ),
    **{
        f"gateway.fallback.{name}": Effect(
            "front.gateway.fallback", "Of the front; without one refused in mode load_balancer, else noted."
        )
        for name in ("service", "key_secret")
    },
    "gateway.keys_secret": Effect(
        NOTED, "Keys of the front; without one not used: callers send RunPod's, `runpod.client_keys_secret`. Noted."
    ),
    "gateway.max_request": Effect(
        "runpod.execution_timeout_ms",
        "Execution timeout of a request, 5s or more; in mode load_balancer the gateway's limit, 5m20s or less.",
    ),
    "network.vpc": Effect(NOTED, "Of the front; without one not used, workers are outside every VPC: a warning."),
    "network.vpc.id": Effect(NOTED, "Of the front; without one not used, a warning."),
    "network.vpc.private_subnet_ids": Effect(NOTED, "Of the front's tasks; without one not used, a warning."),
    "network.vpc.public_subnet_ids": Effect(NOTED, "Of a public front; without one not used, a warning."),
    "network.exposure": Effect(
        NOTED,
        "Of the front; an endpoint is always on the internet, behind keys: without a front `internal` is refused.",
    ),
    "network.certificate_arn": Effect(NOTED, "Of the front; without one not used: RunPod names its endpoints. Noted."),
    "network.domain": Effect(NOTED, "Of the front; without one not used: RunPod names its endpoints. Noted."),
    "network.allowed_cidrs": Effect(REFUSAL, "Of the front; without one it cannot be enforced, so it is refused."),
    "runpod.token_secret": Effect(_ENVIRONMENT, "`HF_TOKEN`, filled in by RunPod when a worker starts."),
    "runpod.api_key_secret": Effect(
        "runpod.api_key_secret",
        "Key with which the front calls the endpoint and the keeper moves its workers; noted where neither does.",
    ),
    "runpod.mode": Effect(
        "runpod.mode", "Type of the endpoint, image and gateway; another one is a new endpoint with another address."
    ),
    "runpod.client_keys_secret": Effect(
        NOTED, "`BERTH_CLIENT_KEYS` of the gateways of mode load_balancer, filled in by RunPod; else noted."
    ),
    "runpod.idle_timeout": Effect("runpod.idle_timeout_seconds", "Idle timeout of a worker."),
    "runpod.sleep": Effect("runpod.sleep", "Most workers outside the hours: 0, or all, with none kept running."),
    "runpod.flashboot": Effect("runpod.flashboot", "`flashboot` of the endpoint, always sent."),
    "runpod.registry": Effect("runpod.registry", "`registry` of the endpoint; without it RunPod pulls as anybody can."),
    "runpod.data_centers": Effect("runpod.data_centers", "Where RunPod may place workers."),
    "runpod.disk": Effect("runpod.disk_gb", "Container disk; one that is too small is refused."),
    "runpod.volume": Effect("runpod.volume", "A network volume beside the endpoint, mounted by every worker."),
    "runpod.volume.size": Effect("runpod.volume.size_gb", "It grows in place; one that is too small is refused."),
    "runpod.volume.data_center": Effect(
        "runpod.data_centers", "Of the volume and of all workers; another replaces it."
    ),
    "runpod.volume.type": Effect("runpod.volume.type", "Tier of the volume; another one replaces it."),
    **{f"ecs.{name}": Effect(IGNORED, "Read on ECS alone.") for name in EcsSpec.model_fields},
    **{f"sagemaker.{name}": Effect(IGNORED, "Read on SageMaker alone.") for name in SagemakerSpec.model_fields},
    **{f"local.{name}": Effect(IGNORED, "Read on the local target alone.") for name in LocalSpec.model_fields},
}
"""For each field of the spec; a test changes every one of them and looks for `part` in what follows."""
