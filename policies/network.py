"""What may a stack expose? The rule reads the whole stack: only the load balancer knows whether it is public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_policy import EnforcementLevel, Severity, StackValidationPolicy

from policies.guard import guarded

if TYPE_CHECKING:
    from pulumi_policy import Policy, PolicyResource, ReportViolation, StackValidationArgs

LISTENER = "aws:lb/listener:Listener"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
NO_PUBLIC_HTTP = "no-public-http"


def no_public_http(args: StackValidationArgs, report_violation: ReportViolation) -> None:
    """Report a listener that serves plain HTTP on a load balancer that the internet reaches."""
    for resource in args.resources:
        if resource.resource_type == LISTENER and _serves_http(resource) and _is_public(resource):
            report_violation(
                f"{resource.name}: serves HTTP to the internet, where keys and prompts could be read;"
                " set network.certificate_arn and network.domain, or network.exposure: internal",
                resource.urn,
            )


def _serves_http(listener: PolicyResource) -> bool:
    if listener.props["protocol"] != "HTTP":
        return False
    return any(action["type"] != "redirect" for action in listener.props["defaultActions"])


def _is_public(listener: PolicyResource) -> bool:
    balancers = listener.property_dependencies.get("loadBalancerArn", [])
    # A load balancer is public unless it says otherwise, in AWS as here.
    return not any(
        "internal" in list(balancer.props) and balancer.props["internal"]
        for balancer in balancers
        if balancer.resource_type == LOAD_BALANCER
    )


POLICIES: list[Policy] = [
    StackValidationPolicy(
        name=NO_PUBLIC_HTTP,
        description="What the internet reaches is encrypted.",
        validate=guarded(NO_PUBLIC_HTTP, no_public_http),
        enforcement_level=EnforcementLevel.MANDATORY,
        severity=Severity.CRITICAL,
    )
]
