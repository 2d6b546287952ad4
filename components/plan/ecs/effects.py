"""What each field of the spec changes on ECS."""

from __future__ import annotations

from components.plan.effects import IGNORED, KEEPER_EFFECTS, REFUSAL, SLO_EFFECTS, Effect
from components.plan.exemptions import EXEMPTION_EFFECTS
from components.plan.front.effects import WITH_SIDECARS
from components.spec.group import paths_of
from components.spec.local import LocalSpec
from components.spec.runpod import RunpodSpec
from components.spec.sagemaker import SagemakerSpec

ECS_EFFECTS: dict[str, Effect] = {
    "name": Effect("service", "Name of the ECS service, its log groups, its metrics' dimension."),
    "environment": Effect("environment", "`prod`: surge deployments, the weight cache cannot be deleted."),
    "tags": Effect("tags", "On every resource; a tag of the spec wins over one of the stack."),
    "power": Effect(
        "scaling.max_replicas", "`off`: no task and no instance; network, load balancer and weight cache stay."
    ),
    "model.id": Effect("model.id", "Weights that are downloaded to EFS; the name that clients send as `model`."),
    "model.revision": Effect(
        "model.revision", "Folder in the weight cache; a new one is downloaded at the next start."
    ),
    "model.source": Effect("model.source", "Where the download container fetches from; s3 adds the right to read."),
    "model.s3_uri": Effect("model.s3_uri", "Prefix that the download container may list and read."),
    "model.token_secret": Effect("model.token_secret", "Given to the download container alone."),
    "model.max_context_tokens": Effect("engine.arguments", "`--max-model-len`; decides which GPU fits."),
    "model.quantization": Effect("model.quantization", "Size of the weights; `--quantization` where it converts."),
    "model.dtype": Effect("engine.arguments", "`--dtype`; refused on a GPU without that format."),
    "model.config": Effect("hardware", "Size of the weights and of the cache, how they are stored; noted."),
    "model.shape": Effect("notes", "Replaces the catalogue's numbers in all sizing; noted."),
    "model.shape.parameters_b": Effect("hardware", "Size of the weights."),
    "model.shape.layers": Effect("hardware", "Size of the cache."),
    "model.shape.hidden": Effect("hardware", "Size of embeddings and output head, which stay 16 bit; size of a head."),
    "model.shape.intermediate": Effect(REFUSAL, "Over how many GPUs the model can be divided."),
    "model.shape.heads": Effect("hardware", "Over how many GPUs the model can be divided; size of a head."),
    "model.shape.kv_heads": Effect("hardware", "Size of the cache; over how many GPUs the model can be divided."),
    "model.shape.vocab": Effect("hardware", "Size of embeddings and output head, which stay 16 bit."),
    "model.shape.max_context_tokens": Effect("engine.arguments", "Upper bound of the context."),
    "model.shape.head_dim": Effect("hardware", "Size of the cache."),
    "model.shape.active_parameters_b": Effect("cost", "Expected throughput, and so replicas and cost."),
    "model.shape.tied_embeddings": Effect("hardware", "Size of the weights when they are quantized."),
    "model.shape.dtype": Effect("engine.arguments", "`--dtype`."),
    "model.shape.gated": Effect(REFUSAL, "A gated model without `token_secret` is refused."),
    "engine.kind": Effect(REFUSAL, "ECS runs vLLM; another engine is refused."),
    "engine.version": Effect(REFUSAL, "Image and accepted flags; a version that the catalogue lacks is refused."),
    "engine.image": Effect("engine.image", "Image of the engine's container, before that of the stack."),
    "engine.extra_args": Effect("engine.arguments", "Appended to the command; flags that the plan owns are refused."),
    "accelerators": Effect("hardware_reason", "Instance type of the Auto Scaling group; the others are shown."),
    "load": Effect("notes", "Cost at the expected load; how many requests a replica works on."),
    "load.requests_per_hour": Effect("week", "Expected replicas and cost; a warning beyond `max_replicas`."),
    "load.time_zone": Effect("week", "Moves the windows to the hours of the schedule."),
    "load.input_tokens": Effect("engine.arguments", "`--max-num-seqs`, expected replicas and cost."),
    "load.output_tokens": Effect("engine.arguments", "`--max-num-seqs`, expected replicas and cost."),
    "load.peak_concurrency": Effect("notes", "A warning when the replicas cannot hold it."),
    "scaling.min_replicas": Effect("scaling.min_replicas", "Lower limit of Application Auto Scaling; 0 is refused."),
    "scaling.max_replicas": Effect("scaling.max_replicas", "Upper limit; size of the Auto Scaling group."),
    "scaling.metric": Effect("scaling.metric", "Gateway's requests in flight, or the load balancer's requests."),
    "scaling.target": Effect("scaling.target", "Target of the tracking policy."),
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
    "pricing.spot_percent": Effect(
        "ecs.spot_percent", "Mixed instances policy of the Auto Scaling group; an instance goes within two minutes."
    ),
    **WITH_SIDECARS,
    "gateway.keys_secret": Effect("gateway.keys_secret", "Keys that the gateway accepts; none: a warning."),
    "gateway.max_request": Effect(
        "gateway.max_request_seconds", "Gateway's limit, idle time of the load balancer, drain."
    ),
    "network.vpc": Effect("network.vpc_id", "`create` makes VPC, subnets and a NAT gateway, once per stack."),
    "network.vpc.id": Effect("network.vpc_id", "VPC of load balancer, instances and EFS."),
    "network.vpc.private_subnet_ids": Effect("network.private_subnet_ids", "Subnets of instances, tasks and EFS."),
    "network.vpc.public_subnet_ids": Effect("network.public_subnet_ids", "Subnets of a public load balancer."),
    "network.exposure": Effect(
        REFUSAL,
        "Scheme of the load balancer, the front's where there is one; `public` asks for a certificate and keys.",
    ),
    "network.certificate_arn": Effect("network.certificate_arn", "HTTPS listener; must be of the stack's region."),
    "network.domain": Effect("network.domain", "Host of `openai_base_url`; you point a CNAME at the load balancer."),
    "network.allowed_cidrs": Effect("network.allowed_cidrs", "Ingress rules of the load balancer."),
    "ecs.deployment": Effect(
        "ecs.deployment_maximum_percent",
        "Percentages of the deployment; surge: more instances for its time, and `pulumi up` waits for the new tasks.",
    ),
    "ecs.ami_id": Effect("ecs.ami_id", "Image of the launch template."),
    "ecs.root_volume": Effect("ecs.root_volume_gib", "gp3 volume of each instance."),
    "ecs.log_retention": Effect("ecs.log_retention_days", "Of the service's log groups."),
    **{path: Effect(IGNORED, "Read on SageMaker alone.") for path in paths_of(SagemakerSpec, "sagemaker.")},
    **{path: Effect(IGNORED, "Read on RunPod alone.") for path in paths_of(RunpodSpec, "runpod.")},
    **{f"local.{name}": Effect(IGNORED, "Read on the local target alone.") for name in LocalSpec.model_fields},
}
"""For each field of the spec; a test changes every one of them and looks for `part` in what follows."""
