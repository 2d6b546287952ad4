"""How are listeners and their rules made in the Elastic Load Balancing v2 API?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.provider.comparison import Comparison
from sandbox.provider.contract import Failure, block_fields
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first, send
from sandbox.provider.rules import arn, between, matches, one_of
from sandbox.provider.services.lb_balancer import tagged
from sandbox.provider.shapes import from_aws
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_BLOCKS = {"forward": "forward", "fixed-response": "fixedResponse", "redirect": "redirect"}
_ACTION_NAMES = {
    "forward": "ForwardConfig",
    "fixedResponse": "FixedResponseConfig",
    "redirect": "RedirectConfig",
    "authenticateCognito": "AuthenticateCognitoConfig",
    "authenticateOidc": "AuthenticateOidcConfig",
    "jwtValidation": "JwtValidationConfig",
    "forward.stickiness": "TargetGroupStickinessConfig",
    "forward.stickiness.duration": "DurationSeconds",
    "forward.targetGroups.arn": "TargetGroupArn",
}
_CONDITIONS = {
    "hostHeader": ("host-header", "HostHeaderConfig"),
    "httpHeader": ("http-header", "HttpHeaderConfig"),
    "httpRequestMethod": ("http-request-method", "HttpRequestMethodConfig"),
    "pathPattern": ("path-pattern", "PathPatternConfig"),
    "queryStrings": ("query-string", "QueryStringConfig"),
    "sourceIp": ("source-ip", "SourceIpConfig"),
}


def _renames(actions: str) -> dict[str, str]:
    return {f"{actions}.{path}": member for path, member in _ACTION_NAMES.items()}


def _like_written(action: Props, wish: Any) -> Props:
    """Return an action as a program writes it: AWS answers a forward to one group in both forms at once."""
    block = action.get("forward") or {}
    if "targetGroupArn" not in action or len(block.get("targetGroups") or []) > 1:
        return action
    if isinstance(wish, dict) and "forward" in wish and "targetGroupArn" not in wish:
        group = {**(wish["forward"].get("targetGroups") or [{}])[0], "arn": action["targetGroupArn"]}
        rest = {name: value for name, value in action.items() if name != "targetGroupArn"}
        return {**rest, "forward": {**wish["forward"], "targetGroups": [group]}}
    return {name: value for name, value in action.items() if name != "forward"}


def _complete_actions(name: str) -> Callable[[Aws, Answer, Props, Instance], None]:
    def complete(_aws: Aws, answer: Answer, found: Props, instance: Instance) -> None:
        written, actions = instance.get(name), found.get(name) or []
        wishes = written if isinstance(written, list) and len(written) == len(actions) else [None] * len(actions)
        given = [{key: value for key, value in action.items() if value is not None} for action in actions]
        found[name] = [_like_written(action, wish) for action, wish in zip(given, wishes, strict=True)]
        certificates = answer.get("Certificates") or []
        if certificates:
            found["certificateArn"] = certificates[0]["CertificateArn"]

    return complete


def _action_problems(name: str) -> Callable[[Props], Iterable[Failure]]:
    def rule(props: Props) -> Iterable[Failure]:
        actions = props.get(name)
        for index, action in enumerate(actions if isinstance(actions, list) else []):
            kind = action.get("type") if isinstance(action, dict) else UNKNOWN
            block = _BLOCKS.get(kind) if isinstance(kind, str) else None
            given = block is None or action.get(block) is not None
            if kind == "forward" and action.get("targetGroupArn") is not None:
                given = True
            if not given:
                wanted = "targetGroupArn or forward" if kind == "forward" else str(block)
                yield Failure(f"{name}[{index}].{block}", f"{wanted} must be given when type is {kind!r}")

    return rule


def _action_rules(name: str) -> tuple[Callable[[Props], Iterable[Failure]], ...]:
    return (
        _action_problems(name),
        arn(f"{name}.targetGroupArn"),
        arn(f"{name}.forward.targetGroups.arn"),
        one_of(
            f"{name}.fixedResponse.contentType",
            "text/plain",
            "text/css",
            "text/html",
            "application/javascript",
            "application/json",
        ),
        matches(f"{name}.fixedResponse.statusCode", "[245][0-9][0-9]", "must be a 2xx, 4xx or 5xx code"),
        one_of(f"{name}.redirect.statusCode", "HTTP_301", "HTTP_302"),
        between(f"{name}.forward.targetGroups.weight", 0, 999),
    )


def _listener_form(props: Props) -> Props:
    props = dict(props)
    certificate = props.pop("certificateArn", None)
    if certificate is not None:
        props["certificates"] = [{"certificateArn": certificate}]
    return props


def _listener(aws: Aws, listener: Instance) -> Answer | None:
    return tagged(aws, first(aws("elbv2").describe_listeners(ListenerArns=[listener.id]), "Listeners"), listener.id)


_LISTENER_PARTS = (
    "alpnPolicy",
    "certificateArn",
    "defaultActions",
    "mutualAuthentication",
    "port",
    "protocol",
    "sslPolicy",
)
_LISTENER_NAMES = {**_renames("defaultActions"), "arn": "ListenerArn"}


def _modify_listener(aws: Aws, listener: Instance) -> None:
    wanted = {name: listener[name] for name in _LISTENER_PARTS if listener.get(name) is not None}
    send(aws, "elbv2", Call("modify_listener", _listener_form, _LISTENER_NAMES), wanted, {"ListenerArn": listener.id})


def _https_has_certificate(props: Props) -> Iterable[Failure]:
    if props.get("protocol") in ("HTTPS", "TLS") and props.get("certificateArn") is None:
        yield Failure("certificateArn", f"must be given when protocol is {props['protocol']}")


LISTENER = Resource(
    type_name="aws:lb/listener:Listener",
    service="elbv2",
    create=Call("create_listener", _listener_form),
    identify=lambda answer, _: answer["Listeners"][0]["ListenerArn"],
    read=_listener,
    delete=lambda aws, listener: aws("elbv2").delete_listener(ListenerArn=listener.id),
    steps=(Step(_LISTENER_PARTS, _modify_listener, on_create=False),),
    finish=_complete_actions("defaultActions"),
    rename=_LISTENER_NAMES,
    tagging="elbv2",
    computed=("protocol", "sslPolicy", "mutualAuthentication", "tcpIdleTimeoutSeconds", "defaultActions.order"),
    rules=(*_action_rules("defaultActions"), _https_has_certificate, between("port", 1, 65535), arn("loadBalancerArn")),
)


def _rule_form(props: Props) -> Props:
    props = dict(props)
    conditions = props.get("conditions")
    if isinstance(conditions, list):
        props["conditions"] = [
            item if item is UNKNOWN else _condition(name, block)
            for item in conditions
            for name, block in ([("", None)] if item is UNKNOWN else item.items())
        ]
    return props


def _condition(name: str, block: Any) -> Props:
    field, member = _CONDITIONS[name]
    config = {"values": block} if name == "queryStrings" else block
    return {"field": field, f"{member[0].lower()}{member[1:]}": config}


def _rule(aws: Aws, rule: Instance) -> Answer | None:
    found = first(aws("elbv2").describe_rules(RuleArns=[rule.id]), "Rules")
    return tagged(aws, found, rule.id)


def _complete_rule(aws: Aws, answer: Answer, found: Props, rule: Instance) -> None:
    _complete_actions("actions")(aws, answer, found, rule)
    found["listenerArn"] = rule.get("listenerArn") or rule.id.replace(":listener-rule/", ":listener/").rsplit("/", 1)[0]
    found["priority"] = None if answer.get("Priority") == "default" else int(answer.get("Priority", 0))
    items = RULE.contract.inputs["conditions"]["items"]
    fields = block_fields(items) or {}
    found["conditions"] = [_read_condition(condition, dict(fields)) for condition in answer.get("Conditions", [])]


def _read_condition(condition: Answer, fields: dict[str, Any]) -> Props:
    for name, (field, member) in _CONDITIONS.items():
        if condition.get("Field") == field:
            config = condition.get(member) or {"Values": condition.get("Values", [])}
            return from_aws(fields, {name: config["Values"] if name == "queryStrings" else config}, {})
    return {}


def _modify_rule(aws: Aws, rule: Instance) -> None:
    wanted = {name: rule[name] for name in ("actions", "conditions") if rule.get(name) is not None}
    send(aws, "elbv2", Call("modify_rule", _rule_form, RULE.rename), wanted, {"RuleArn": rule.id})


def _move_rule(aws: Aws, rule: Instance) -> None:
    if rule.get("priority") is not None:
        aws("elbv2").set_rule_priorities(RulePriorities=[{"RuleArn": rule.id, "Priority": rule["priority"]}])


RULE = Resource(
    type_name="aws:lb/listenerRule:ListenerRule",
    service="elbv2",
    create=Call("create_rule", _rule_form),
    identify=lambda answer, _: answer["Rules"][0]["RuleArn"],
    read=_rule,
    delete=lambda aws, rule: aws("elbv2").delete_rule(RuleArn=rule.id),
    steps=(
        Step(("actions", "conditions"), _modify_rule, on_create=False),
        Step(("priority",), _move_rule, on_create=False),
    ),
    finish=_complete_rule,
    rename={**_renames("actions"), "arn": "RuleArn", "conditions": "Conditions"},
    tagging="elbv2",
    computed=("actions.order",),
    comparison=Comparison(
        sets=(
            "conditions",
            "conditions.pathPattern.values",
            "conditions.hostHeader.values",
            "conditions.httpHeader.values",
        )
    ),
    rules=(
        *_action_rules("actions"),
        between("priority", 1, 50000),
        arn("listenerArn"),
        lambda props: [Failure("conditions", "needs one condition at least")] if props.get("conditions") == [] else [],
        lambda props: (
            [] if props.get("priority") else [Failure("priority", "must be given: the sandbox does not choose one")]
        ),
    ),
)

ENTRIES = (LISTENER, RULE)
