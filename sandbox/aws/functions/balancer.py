"""Which rule of a load balancer answers a request, and what does its target say?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends

from sandbox.aws.errors import Answer
from sandbox.aws.functions.http_events import balancer_answer, balancer_event
from sandbox.aws.moto_settings import ACCOUNT_ID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.aws.call import Call
    from sandbox.aws.functions.desk import Desk
    from sandbox.aws.functions.surroundings import Surroundings

_HTML = {"content-type": "text/html", "server": "awselb/2.0"}


@dataclass(frozen=True)
class _Route:
    """Where the first matching rule leads."""

    priority: str
    action: Mapping[str, Any]
    group: Any
    region: str
    host: str
    service: str
    """ECS service with running tasks behind the group; empty when there is none."""


class Balancer:
    """Answers requests as the load balancers of the account would."""

    def __init__(self, desk: Desk, around: Surroundings) -> None:
        """`desk` runs the functions that are targets."""
        self._desk, self._around = desk, around

    def answer(self, name: str, port: int, call: Call, path: str, regions: set[str]) -> Answer:
        """Return the answer of the balancer `name` to a request on one of its ports."""
        with self._around.locked:
            route = _route(name, port, call, path, regions)
        if route is None:
            message = f"no load balancer {name} listens on port {port}"
            return Answer(404, {"content-type": "text/plain"}, message.encode())
        answer = self._answered(route, port, call, path)
        return Answer(answer.status, {**answer.headers, "x-sandbox-rule": route.priority}, answer.body)

    def _answered(self, route: _Route, port: int, call: Call, path: str) -> Answer:
        kind = route.action["Type"]
        if kind == "fixed-response":
            fixed = route.action["FixedResponseConfig"]
            content_type = fixed.get("ContentType", "text/plain")
            return Answer(
                int(fixed["StatusCode"]), {"content-type": content_type}, fixed.get("MessageBody", "").encode()
            )
        if kind == "redirect":
            status = 301 if route.action["RedirectConfig"].get("StatusCode") == "HTTP_301" else 302
            return Answer(status, {"location": str(route.action["RedirectConfig"].get("Path", "/"))}, b"")
        if route.group is None:
            return _page(503, "Service Temporarily Unavailable")
        if route.group.target_type == "lambda":
            return self._from_function(route, port, call, path)
        if not route.service:
            return _page(503, "Service Temporarily Unavailable")
        body = f'{{"answered_by": "{route.service}", "target_group": "{route.group.name}"}}'
        return Answer(200, {"content-type": "application/json"}, body.encode())

    def _from_function(self, route: _Route, port: int, call: Call, path: str) -> Answer:
        names = list(route.group.targets)
        function = self._desk.find(names[0], route.region) if names else None
        if function is None:
            return _page(503, "Service Temporarily Unavailable")
        several = route.group.attributes.get("lambda.multi_value_headers.enabled") == "true"
        event = balancer_event(route.group.arn, call, path, route.host, port, multi_value=several)
        outcome = self._desk.run(function, event, "load balancer")
        return balancer_answer(outcome.payload, failed=outcome.failed) or _page(502, "Bad Gateway")


def _page(status: int, text: str) -> Answer:
    title = f"{status} {text}"
    html = f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>\r\n"
    return Answer(status, dict(_HTML), html.encode())


def _route(name: str, port: int, call: Call, path: str, regions: set[str]) -> _Route | None:
    for region in sorted(regions):
        backend = elbv2_backends[ACCOUNT_ID][region]
        for balancer in backend.load_balancers.values():
            listener = next((one for one in balancer.listeners.values() if str(one.port) == str(port)), None)
            if balancer.name != name or listener is None:
                continue
            rules = backend.describe_rules(listener.arn, None)
            rule = next(one for one in rules if one.is_default or _fits(one.conditions, call, path, balancer.dns_name))
            action = rule.actions[-1].data
            group = backend.target_groups.get(_group_of(action))
            service = next(_services(region, group.arn), "") if group else ""
            return _Route(str(rule.priority), action, group, region, balancer.dns_name, service)
    return None


def _group_of(action: Mapping[str, Any]) -> str:
    """The one with the highest weight: always the same."""
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    if groups:
        return max(groups, key=lambda one: int(one.get("Weight", 1)))["TargetGroupArn"]
    return action.get("TargetGroupArn", "")


def _services(region: str, group: str) -> Iterator[str]:
    for service in ecs_backends[ACCOUNT_ID][region].services.values():
        behind = [balanced.get("targetGroupArn") for balanced in service.load_balancers or []]
        if group in behind and service.status == "ACTIVE" and service.running_count:
            yield service.name


def _fits(conditions: list[dict[str, Any]], call: Call, path: str, host: str) -> bool:
    return all(_is_met(condition, call, path, host) for condition in conditions)


def _is_met(condition: dict[str, Any], call: Call, path: str, host: str) -> bool:
    parts = urlsplit(path)
    field = condition["Field"]
    config = next((value for name, value in condition.items() if name.endswith("Config") and value), {})
    values = config.get("Values") or condition.get("Values") or []
    if field == "path-pattern":
        return any(_like(one, parts.path) for one in values)
    if field == "host-header":
        asked = call.headers.get("x-forwarded-host", host)
        return any(_like(one.lower(), asked.lower()) for one in values)
    if field == "http-header":
        found = call.headers.get(config["HttpHeaderName"].lower())
        return found is not None and any(_like(one.lower(), found.lower()) for one in values)
    if field == "http-request-method":
        return call.method in values
    if field == "query-string":
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        return any(
            _like(one["Value"], value) and _like(one.get("Key", "*"), name) for one in values for name, value in pairs
        )
    return field == "source-ip" and "0.0.0.0/0" in values


def _like(pattern: str, text: str) -> bool:
    parts = (".*" if one == "*" else "." if one == "?" else re.escape(one) for one in pattern)
    return re.fullmatch("".join(parts), text) is not None
