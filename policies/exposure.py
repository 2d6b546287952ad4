"""Who can reach a service, and is what they send encrypted?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.kinds import LISTENER, LOAD_BALANCER
from policies.resources import MODEL_SERVICE
from policies.rule import NotApplicable, Rule, StackRule, each
from policies.value import CannotTell, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policies.resources import Resource
    from policies.rule import Finding, Stack, Subject

_EVERYONE = ("0.0.0.0/0", "::/0")
_GATEWAY_PORTS = (8000, 8080)
"""Where engine and gateway listen: callers pass the load balancer, which asks for keys."""
_INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
_ROUTE = "aws:apigatewayv2/route:Route"
_METHOD = "aws:apigateway/method:Method"
_ENCRYPTED = ("HTTPS", "TLS")
_OLD_PROTOCOLS = ("-2015-", "-2016-08", "-TLS-1-0-", "-TLS-1-1-", "-TLS13-1-0-", "-TLS13-1-1-")
"""What names of policies have that take TLS 1.0 or 1.1; source: Elastic Load Balancing, "Security policies"."""


def _service(subject: Subject) -> Iterator[Finding]:
    spec = subject.props["spec"]
    if spec["network"]["exposure"].text() == "public" and spec["gateway"]["keys_secret"].text() is None:
        yield "network.exposure is public and gateway.keys_secret is missing, so anyone can use the GPUs"


def _load_balancer(subject: Subject) -> Iterator[Finding]:
    if subject.owner is None:
        yield NotApplicable("it belongs to no service; public-listener-auth looks at its listeners")
    elif subject.props["internal"].flag():
        return
    elif subject.service["spec"]["gateway"]["keys_secret"].text() is None:
        yield "internal is not true, and nobody behind the load balancer asks for keys"


def _open_port(group: Value, networks: tuple[Value, ...]) -> Iterator[Finding]:
    if not any(network.text() in _EVERYONE for network in networks):
        return
    first, last = group["fromPort"].number(), group["toPort"].number()
    everything = group["ipProtocol"].text() == "-1" or group["protocol"].text() == "-1"
    where = f"{group.path}: " if group.path else ""
    for port in _GATEWAY_PORTS:
        if everything or (first is not None and last is not None and first <= port <= last):
            yield f"{where}port {port} is open to the internet, past the load balancer"


def _ingress_rule(subject: Subject) -> Iterator[Finding]:
    networks = tuple(value for key in ("cidrIpv4", "cidrIpv6") if not (value := subject.props[key]).is_missing)
    yield from _open_port(subject.props, networks)


def _security_group(subject: Subject) -> Iterator[Finding]:
    yield from each(
        subject.props["ingress"].each(),
        lambda one: _open_port(one, (*one["cidrBlocks"].each(), *one["ipv6CidrBlocks"].each())),
    )


def _route(subject: Subject) -> Iterator[Finding]:
    if subject.props["authorizationType"].text() in (None, "NONE"):
        yield "authorizationType is NONE"


def _method(subject: Subject) -> Iterator[Finding]:
    if subject.props["authorization"].text() in (None, "NONE") and not subject.props["apiKeyRequired"].flag():
        yield "authorization is NONE, and no key is asked for"


def _tls(subject: Subject) -> Iterator[Finding]:
    protocol, policy = subject.props["protocol"].text(), subject.props["sslPolicy"].text()
    if protocol not in _ENCRYPTED:
        yield NotApplicable("the listener does not encrypt; no-public-http looks at it")
    elif policy is None:
        # What the API chooses then takes TLS 1.0.
        yield "sslPolicy is missing, so TLS 1.0 is taken"
    elif any(part in f"{policy}-" for part in _OLD_PROTOCOLS):
        yield f"sslPolicy: {policy} takes TLS 1.0 or 1.1"


def _public_http(stack: Stack) -> Iterator[tuple[Resource | None, Finding]]:
    balancers = {one.urn: one for one in stack.of(LOAD_BALANCER)}
    for listener in stack.of(LISTENER):
        try:
            if _serves_http(listener.value) and _is_public(listener, balancers):
                yield listener, "serves HTTP to the internet, where keys and prompts could be read"
        except CannotTell as reason:
            yield listener, reason


def _open_doors(stack: Stack) -> Iterator[tuple[Resource | None, Finding]]:
    balancers = {one.urn: one for one in stack.of(LOAD_BALANCER)}
    for listener in stack.of(LISTENER):
        owner = stack.owner(listener)
        try:
            asks = owner is not None and owner.value["spec"]["gateway"]["keys_secret"].text() is not None
            if not asks and _answers(listener.value) and _is_public(listener, balancers):
                yield listener, "answers the internet, and asks nobody who they are"
        except CannotTell as reason:
            yield listener, reason


def _answers(listener: Value) -> bool:
    kinds = [action["type"].text() or "" for action in listener["defaultActions"].each()]
    return "redirect" not in kinds and not any(kind.startswith("authenticate-") for kind in kinds)


def _serves_http(listener: Value) -> bool:
    if listener["protocol"].text() != "HTTP":
        return False
    actions = listener["defaultActions"].each()
    return not actions or any(action["type"].text() != "redirect" for action in actions)


def _is_public(listener: Resource, balancers: dict[str, Resource]) -> bool:
    used = [balancers[urn] for urn in listener.uses.get("loadBalancerArn", ()) if urn in balancers]
    # A load balancer is public unless it says otherwise, in AWS as here.
    return not any(one.value["internal"].flag() for one in used)


RULES: list[Rule | StackRule] = [
    Rule(
        name="no-public-unauth",
        about="Nobody on the internet uses the GPUs without a key.",
        remedy="set gateway.keys_secret, or network.exposure: internal",
        severity="critical",
        level="mandatory",
        checks={
            MODEL_SERVICE: _service,
            LOAD_BALANCER: _load_balancer,
            _INGRESS_RULE: _ingress_rule,
            _SECURITY_GROUP: _security_group,
            _ROUTE: _route,
            _METHOD: _method,
        },
    ),
    Rule(
        name="tls-only",
        about="What is encrypted is encrypted with TLS 1.2 or newer.",
        remedy="set sslPolicy to ELBSecurityPolicy-TLS13-1-2-2021-06",
        severity="high",
        level="mandatory",
        checks={LISTENER: _tls},
    ),
    StackRule(
        name="public-listener-auth",
        about="A door to the internet asks for a key or a login.",
        remedy="put the model behind a service with gateway.keys_secret, or an authenticate action before the others",
        severity="critical",
        level="mandatory",
        types=(LISTENER, LOAD_BALANCER),
        check=_open_doors,
    ),
    StackRule(
        name="no-public-http",
        about="What the internet reaches is encrypted.",
        remedy="set network.certificate_arn and network.domain, or network.exposure: internal",
        severity="critical",
        level="mandatory",
        types=(LISTENER, LOAD_BALANCER),
        check=_public_http,
    ),
]
