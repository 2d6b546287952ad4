"""What `berth plan` says about a service on SageMaker alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.model import Plan

_UPDATES = {
    "blue_green": "a whole second fleet first; the old one has {wait} to finish",
    "rolling": "one instance at a time; each has {wait} to finish",
}


def sagemaker_rows(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield label and text of each row."""
    sagemaker = plan.sagemaker
    if sagemaker is None:
        return
    yield "Endpoint", f"{sagemaker.endpoint_name}, called with AWS credentials that may sagemaker:InvokeEndpoint"
    ami = sagemaker.alternatives[0].inference_ami_version
    yield "Instances", f"machine image {ami or 'of SageMaker, not chosen'}"
    where = "outside every VPC of the account"
    if plan.network is not None:
        where = f"{plan.network.vpc_id}, subnets {', '.join(plan.network.private_subnet_ids)}"
    isolated = "; the container reaches no network" if sagemaker.network_isolation else ""
    yield "Network", f"{where}{isolated}"
    wait = Duration(sagemaker.termination_wait_seconds)
    yield "Update", f"{sagemaker.update_policy}: {_UPDATES[sagemaker.update_policy].format(wait=wait)}"
