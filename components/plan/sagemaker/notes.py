"""What a user should know about a plan for SageMaker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.instances import HOME_REGION
from components.catalogue.machine_images import machine_images
from components.plan.front.notes import gateway_notes
from components.plan.model import Note
from components.plan.notes import common_notes, cooldown_notes, replicas_text
from components.plan.pricing import pricing_notes
from components.plan.sagemaker.numbers import termination_wait, update_seconds
from components.plan.sagemaker.startup import MOST_TIMEOUT_SECONDS
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.draft import Draft
    from components.plan.model import Plan

_INVOKE_SECONDS = 60
"""How long `invoke_endpoint` waits for an answer; source: SageMaker's API reference."""


def sagemaker_notes(plan: Plan, made: Draft) -> Iterator[Note]:
    """Yield everything that is to be said about a plan for SageMaker."""
    # Every new instance brings its own weights, so what is said of the first start holds for each.
    yield from (note for note in common_notes(plan, made) if note.field != "model.revision")
    yield from _engine_notes(plan, made)
    yield from _weight_notes(plan)
    yield from _instance_notes(plan, made)
    yield from _quota_notes(plan)
    yield from pricing_notes(plan, made.spec)
    yield from _scaling_notes(plan, made)
    yield from _update_notes(plan, made)
    yield from gateway_notes(plan, made.spec)
    yield from _caller_notes(made)
    yield from _network_notes(plan, made)


def _engine_notes(plan: Plan, made: Draft) -> Iterator[Note]:
    spec = made.spec
    if plan.engine.kind == "tgi":
        yield Note(
            "warning",
            "engine.kind",
            f"tgi {plan.engine.version} is the end of TGI: it gets no fixes, and newer architectures do not load; "
            "engine: {kind: vllm} runs AWS's vLLM image instead",
        )
        text = "SageMaker documents its OpenAI route for vLLM alone: if it refuses, invoke_endpoint takes the same body"
        yield Note("info", "engine.kind", text)
        if spec.model.dtype != "auto" and plan.model.quantization != "none":
            text = f"{spec.model.dtype} is not used: TGI picks the format itself for {plan.model.quantization} weights"
            yield Note("warning", "model.dtype", text)
    elif spec.engine.image is None:
        text = (
            f"AWS builds its image from a commit after vLLM {plan.engine.version}; flags are checked against the "
            "release. Its tag moves with AWS's security fixes: write engine.image with a digest to stay on one"
        )
        yield Note("info", "engine.version", text)
    if spec.engine.image is not None:
        carried = f"{plan.engine.kind} {plan.engine.version} for CUDA {made.request.engine.cuda}"
        text = f"taken to carry {carried}, and the entrypoint of the catalogue's image for SageMaker"
        yield Note("info", "engine.image", text)


def _weight_notes(plan: Plan) -> Iterator[Note]:
    model = plan.model
    seconds = next(stage.seconds for stage in plan.startup if stage.name == "weights")
    size = f"{model.checkpoint_gib:.1f} GiB of weights, about {Duration(seconds)}"
    where = model.s3_uri or "the Hub"
    yield Note("info", "model.source", f"each new instance copies {size}, from {where}")
    if model.source == "s3" and model.revision is not None:
        text = "names no place on SageMaker: each new instance serves what the prefix holds when it starts"
        yield Note("info", "model.revision", text)
    elif model.revision is None:
        held = "the prefix holds" if model.source == "s3" else "main is"
        text = f"not given: each new instance serves whatever {held} when it starts, so replicas may differ"
        yield Note("warning", "model.revision", text)
    if model.token_secret is not None:
        text = f"{model.token_secret} is not used: {model.id} needs no token, and SageMaker could not hide one"
        yield Note("info", "model.token_secret", text)


def _instance_notes(plan: Plan, made: Draft) -> Iterator[Note]:
    sagemaker = plan.sagemaker
    if sagemaker is None:
        return
    ami = sagemaker.alternatives[0].inference_ami_version
    cuda = made.request.engine.cuda
    without = [row.hardware.instance_type for row in sagemaker.alternatives if row.inference_ami_version is None]
    if without:
        yield Note(
            "warning",
            "sagemaker.inference_ami",
            f"not given, and AWS names none for {', '.join(without)}: SageMaker chooses the driver, and with one too "
            f"old for CUDA {cuda} the endpoint stays in Creating without a log; set it if that happens",
        )
    if made.spec.sagemaker.inference_ami is not None:
        has = machine_images()[made.spec.sagemaker.inference_ami].driver
        needs = made.request.engine.min_driver
        text = f"{ami} has driver {has}, CUDA {cuda} of the engine's image asks for {needs} or newer"
        yield Note("warning" if has < needs else "info", "sagemaker.inference_ami", text)
    elif ami is not None and ami.startswith("al2023"):
        text = f"{ami} has the driver for CUDA {cuda}; pulumi-aws before 7.31 does not know its name"
        yield Note("info", "sagemaker.inference_ami", text)
    if plan.fallbacks:
        names = ", then ".join(row.instance_type for row in plan.fallbacks)
        text = f"when AWS has no {plan.hardware.instance_type} free, the endpoint is made on {names}, at their price"
        yield Note("info", "accelerators", text)
    if plan.region == HOME_REGION:
        return
    text = f"the types that EC2 offers in {plan.region} are taken to carry endpoints there too: not checked"
    yield Note("info", "accelerators", text)


def _quota_notes(plan: Plan) -> Iterator[Note]:
    sagemaker, most = plan.sagemaker, plan.scaling.max_replicas
    if sagemaker is None or most == 0:
        return
    surge = most if sagemaker.update_policy == "blue_green" else 1
    name = f"`{plan.hardware.instance_type} for endpoint usage`"
    more = f" (and the same of {', '.join(row.instance_type for row in plan.fallbacks)})" if plan.fallbacks else ""
    yield Note(
        "info",
        "scaling.max_replicas",
        f"the account needs a SageMaker quota of {most + surge} for {name}{more}: {replicas_text(most)} and {surge} "
        f"more during a {sagemaker.update_policy} update; a new account has 0",
    )


def _scaling_notes(plan: Plan, made: Draft) -> Iterator[Note]:
    if plan.power == "off":
        text = "off gives the instances back: when it is turned on again, AWS may have none free for a while"
        yield Note("warning" if plan.environment == "prod" else "info", "power", text)
        return
    yield from cooldown_notes(plan)
    scaling = plan.scaling
    accepted = int(plan.engine.environment.get("MAX_CONCURRENT_REQUESTS", "0"))
    peak = made.spec.load.peak_concurrency if made.spec.load else None
    if accepted and peak is not None and peak > accepted * scaling.min_replicas:
        text = f"TGI accepts {accepted} requests at once on each replica, and answers more with 429: clients must retry"
        yield Note("info", "load.peak_concurrency", text)


def _update_notes(plan: Plan, made: Draft) -> Iterator[Note]:
    sagemaker, spec = plan.sagemaker, made.spec
    if sagemaker is None:
        return
    first = sagemaker.alternatives[0]
    if sagemaker.update_policy == "blue_green":
        text = "blue_green: an update pays for a second fleet until it serves, and needs the capacity for it"
        yield Note("info", "sagemaker.update_policy", text)
    if sagemaker.update_timeout_seconds < update_seconds(spec, first):
        limit = Duration(sagemaker.update_timeout_seconds)
        text = f"rolling: all replicas, one after the other, may take longer than {limit}, and are rolled back then"
        yield Note("warning", "sagemaker.update_policy", text)
    if first.startup_health_check_timeout_seconds == MOST_TIMEOUT_SECONDS:
        text = f"a start is given up after {Duration(MOST_TIMEOUT_SECONDS)}, the most that SageMaker waits"
        yield Note("warning", "model.id", f"{text}: a slow download fails")


def _caller_notes(made: Draft) -> Iterator[Note]:
    given, longest = made.spec.gateway.keys_secret, made.spec.gateway.max_request
    if not made.spec.gateway.front:
        unused = f"{given} is not used: there is no gateway, " if given else "there is no gateway: "
        text = f"{unused}callers sign with AWS credentials, or send a bearer token made from them"
        yield Note("info", "gateway.keys_secret", text)
    if longest.seconds > _INVOKE_SECONDS:
        wait = Duration(termination_wait(longest.seconds))
        text = (
            f"an answer that is not streamed has {_INVOKE_SECONDS} s on SageMaker, whatever is set here; what runs "
            f"when instances are replaced has {wait} to finish"
        )
        yield Note("info", "gateway.max_request", text)


def _network_notes(plan: Plan, made: Draft) -> Iterator[Note]:
    network = made.spec.network
    if plan.network is not None and network.vpc != "create":
        needs = "a gateway endpoint for S3" if plan.model.source == "s3" else "a NAT gateway to the Hub"
        text = f"the weights come through the private subnets of {plan.network.vpc_id}, which need {needs}"
        yield Note("info", "network.vpc", text)
        if network.vpc.public_subnet_ids and plan.front is None:
            text = f"{', '.join(network.vpc.public_subnet_ids)} are not used: there is no load balancer"
            yield Note("info", "network.vpc.public_subnet_ids", text)
    if network.domain is not None and plan.front is None:
        text = f"{network.domain} and {network.certificate_arn} are not used: AWS names the endpoint itself"
        yield Note("info", "network.domain", text)
