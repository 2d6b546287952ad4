"""How are security groups and their single rules made in the EC2 API?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.provider.comparison import Comparison
from sandbox.provider.contract import Failure
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first
from sandbox.provider.rules import cidr_block, conflict, each, exactly_one
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_SOURCES = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
_ALL = "-1"
_EVERYWHERE = {"IpProtocol": _ALL, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def permissions(group_id: str, rules: Iterable[Props]) -> list[dict[str, Any]]:
    """Return inline rules in the form of the API."""
    return [_permission(group_id, rule) for rule in rules]


def _permission(group_id: str, rule: Props) -> dict[str, Any]:
    text = {"Description": rule["description"]} if rule.get("description") else {}
    groups = [*rule.get("securityGroups", []), *([group_id] if rule.get("self") else [])]
    protocol = "-1" if rule["protocol"] in ("-1", "all") else rule["protocol"]
    ports = {} if protocol == _ALL else {"FromPort": rule["fromPort"], "ToPort": rule["toPort"]}
    return {
        "IpProtocol": protocol,
        **ports,
        "IpRanges": [{"CidrIp": cidr, **text} for cidr in rule.get("cidrBlocks", [])],
        "Ipv6Ranges": [{"CidrIpv6": cidr, **text} for cidr in rule.get("ipv6CidrBlocks", [])],
        "PrefixListIds": [{"PrefixListId": item, **text} for item in rule.get("prefixListIds", [])],
        "UserIdGroupPairs": [{"GroupId": group, **text} for group in groups],
    }


def inline_form(rules: Any) -> Any:
    """Return inline rules as a set of (protocol, ports, source, description): AWS merges and splits blocks."""
    if not isinstance(rules, list):
        return rules
    return sorted(atom for rule in rules for atom in _atoms(rule))


def _atoms(rule: Props) -> Iterator[tuple[str, ...]]:
    protocol = "-1" if str(rule.get("protocol")) in ("-1", "all") else str(rule.get("protocol"))
    ports = ("", "") if protocol == _ALL else (str(rule.get("fromPort")), str(rule.get("toPort")))
    sources = [
        item
        for name in ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "securityGroups")
        for item in rule.get(name) or []
    ]
    for source in [*sources, *(["self"] if rule.get("self") else [])]:
        yield (protocol, *ports, str(source), str(rule.get("description") or ""))


def _inline(group_id: str, answer: list[Any]) -> list[Props]:
    found: list[Props] = []
    for permission in answer:
        head = {
            "protocol": permission["IpProtocol"],
            "fromPort": max(permission.get("FromPort", 0), 0),
            "toPort": max(permission.get("ToPort", 0), 0),
        }
        kinds = (
            ("IpRanges", "CidrIp", "cidrBlocks"),
            ("Ipv6Ranges", "CidrIpv6", "ipv6CidrBlocks"),
            ("PrefixListIds", "PrefixListId", "prefixListIds"),
            ("UserIdGroupPairs", "GroupId", "securityGroups"),
        )
        for member, key, name in kinds:
            for item in permission.get(member, []):
                own = {"self": True} if item[key] == group_id else {name: [item[key]]}
                found.append({**head, **own, "description": item.get("Description", "")})
    return found


def _set_inline(direction: str) -> Callable[[Aws, Instance], None]:
    suffix = "ingress" if direction == "ingress" else "egress"

    def apply(aws: Aws, group: Instance) -> None:
        client = aws("ec2")
        old, new = group.old.get(direction) or [], group.get(direction) or []
        if old:
            revoke = getattr(client, f"revoke_security_group_{suffix}")
            revoke(GroupId=group.id, IpPermissions=permissions(group.id, old))
        if new:
            authorize = getattr(client, f"authorize_security_group_{suffix}")
            authorize(GroupId=group.id, IpPermissions=permissions(group.id, new))

    return apply


def _close_egress(aws: Aws, group: Instance) -> None:
    """AWS opens every new group to the outside; like the official provider, take that away first."""
    aws("ec2").revoke_security_group_egress(GroupId=group.id, IpPermissions=[_EVERYWHERE])


def _complete_group(_aws: Aws, answer: Answer, found: Props, group: Instance) -> None:
    found["ingress"] = _inline(group.id, answer.get("IpPermissions", []))
    found["egress"] = _inline(group.id, answer.get("IpPermissionsEgress", []))


def _group_name(value: str) -> str | None:
    return "cannot begin with sg-; give the resource another name" if value.startswith("sg-") else None


SECURITY_GROUP = Resource(
    type_name="aws:ec2/securityGroup:SecurityGroup",
    service="ec2",
    create=Call("create_security_group", tag_type="security-group"),
    identify=lambda answer, _: answer["GroupId"],
    read=lambda aws, group: first(aws("ec2").describe_security_groups(GroupIds=[group.id]), "SecurityGroups"),
    delete=lambda aws, group: aws("ec2").delete_security_group(GroupId=group.id),
    steps=(
        Step(("ingress",), _set_inline("ingress")),
        Step(("egress",), _set_inline("egress")),
    ),
    after_create=_close_egress,
    finish=_complete_group,
    arn="ec2:security-group/{id}",
    tagging="ec2",
    rename={"name": "GroupName"},
    local=("revokeRulesOnDelete",),
    defaults={"description": "Managed by Pulumi", "revokeRulesOnDelete": False},
    computed=("ingress", "egress", "vpcId"),
    reflects=("ingress", "egress"),
    comparison=Comparison(canonical={"ingress": inline_form, "egress": inline_form}),
    rules=(each("name", _group_name), each("namePrefix", _group_name), conflict("name", "namePrefix")),
)


def _rule_source(props: Props) -> Props:
    """Return a rule as the API's IpPermissions, or as it is while something is unknown."""
    text = {"Description": props["description"]} if props.get("description") else {}
    permission: dict[str, Any] = {"ipProtocol": props.get("ipProtocol")}
    if props.get("ipProtocol") != _ALL:
        permission |= {name: props[name] for name in ("fromPort", "toPort") if props.get(name) is not None}
    for name, member, key in (
        ("cidrIpv4", "ipRanges", "CidrIp"),
        ("cidrIpv6", "ipv6Ranges", "CidrIpv6"),
        ("prefixListId", "prefixListIds", "PrefixListId"),
        ("referencedSecurityGroupId", "userIdGroupPairs", "GroupId"),
    ):
        if props.get(name):
            permission[member] = [{key: props[name], **text}]
    return {"groupId": props.get("securityGroupId"), "ipPermissions": [permission], "tags": props.get("tags")}


def _rule_update(aws: Aws, rule: Instance) -> None:
    names = {
        "ipProtocol": "IpProtocol",
        "fromPort": "FromPort",
        "toPort": "ToPort",
        "cidrIpv4": "CidrIpv4",
        "cidrIpv6": "CidrIpv6",
        "prefixListId": "PrefixListId",
        "referencedSecurityGroupId": "ReferencedGroupId",
        "description": "Description",
    }
    wanted = {**rule.props, "fromPort": -1, "toPort": -1} if rule.get("ipProtocol") == _ALL else rule.props
    change = {
        "SecurityGroupRuleId": rule.id,
        "SecurityGroupRule": {member: wanted[name] for name, member in names.items() if wanted.get(name) is not None},
    }
    aws("ec2").modify_security_group_rules(GroupId=rule["securityGroupId"], SecurityGroupRules=[change])


def _complete_rule(_aws: Aws, answer: Answer, found: Props, rule: Instance) -> None:
    referenced = answer.get("ReferencedGroupInfo", {}).get("GroupId")
    if referenced:
        found["referencedSecurityGroupId"] = referenced
    if found.get("ipProtocol") == _ALL:
        found.pop("fromPort", None)
        found.pop("toPort", None)
    found["securityGroupRuleId"] = rule.id
    found.setdefault("description", None)


def _ports(props: Props) -> Iterable[Failure]:
    protocol = props.get("ipProtocol")
    if protocol in (UNKNOWN, _ALL):
        return
    for name in ("fromPort", "toPort"):
        if props.get(name) is None:
            yield Failure(name, f"required, since ipProtocol is {protocol!r}")


def _rule(type_name: str, direction: str) -> Resource:
    def delete(aws: Aws, rule: Instance) -> None:
        revoke = getattr(aws("ec2"), f"revoke_security_group_{direction}")
        revoke(GroupId=rule["securityGroupId"], SecurityGroupRuleIds=[rule.id])

    return Resource(
        type_name=type_name,
        service="ec2",
        create=Call(f"authorize_security_group_{direction}", _rule_source, tag_type="security-group-rule"),
        identify=lambda answer, _: answer["SecurityGroupRules"][0]["SecurityGroupRuleId"],
        read=lambda aws, rule: first(
            aws("ec2").describe_security_group_rules(SecurityGroupRuleIds=[rule.id]), "SecurityGroupRules"
        ),
        delete=delete,
        steps=(Step((*_SOURCES, "ipProtocol", "fromPort", "toPort", "description"), _rule_update, on_create=False),),
        finish=_complete_rule,
        arn="ec2:security-group-rule/{id}",
        tagging="ec2",
        rename={"securityGroupId": "GroupId"},
        rules=(exactly_one(*_SOURCES), cidr_block("cidrIpv4"), cidr_block("cidrIpv6"), _ports),
    )


INGRESS_RULE = _rule("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "ingress")
EGRESS_RULE = _rule("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "egress")

ENTRIES = (SECURITY_GROUP, INGRESS_RULE, EGRESS_RULE)
