"""How do findings of policies reach the lines of a diff: as SARIF, and as annotations of a workflow?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policies.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.ci.report import PolicyReport, Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.0", "low": "2.0"}
_ESCAPES = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_IN_PROPERTIES = ((":", "%3A"), (",", "%2C"))


def sarif(report: Report) -> dict[str, Any]:
    """Return violations, what could not be run, and exemptions as suppressed results, in SARIF 2.1.0."""
    found = [(stack.stack, one) for stack in report.stacks for one in stack.policies]
    by_name = {rule.name: rule for rule in RULES}
    used = dict.fromkeys(one.rule for _, one in found)
    rules = [
        {
            "id": name,
            "shortDescription": {"text": by_name[name].about if name in by_name else name},
            "help": {"text": by_name[name].remedy if name in by_name else ""},
            "properties": {
                "security-severity": _SCORES.get(by_name[name].severity if name in by_name else "medium", "5.0")
            },
        }
        for name in used
    ]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "berth policies", "rules": rules}},
                "results": [_result(stack, one) for stack, one in found],
            }
        ],
    }


def _result(stack: str, one: PolicyReport) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": one.rule,
        "level": "error" if one.blocks else "note" if one.status == "exempted" else "warning",
        "message": {"text": f"stack {stack}: {one.message}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": one.file}, "region": {"startLine": 1}}}],
        "partialFingerprints": {"berth/v1": f"{stack}/{one.service}/{one.resource}/{one.rule}"},
    }
    if one.status == "exempted":
        result["suppressions"] = [{"kind": "inSource", "justification": one.message}]
    return result


def workflow_commands(report: Report) -> Iterator[str]:
    """Yield a workflow command of GitHub for each finding that a reader has to act on, errors first."""
    for stack in report.stacks:
        for error in (*stack.program_errors, *stack.provider_errors):
            yield _command("error", f"stacks/Pulumi.{stack.stack}.yaml", f"stack {stack.stack}", error)
        if stack.rise and not stack.approved_by:
            yield _command("error", f"stacks/Pulumi.{stack.stack}.yaml", "cost", f"stack {stack.stack}: {stack.rise}")
        for one in stack.policies:
            if one.status != "exempted":
                kind = "error" if one.blocks else "warning"
                yield _command(kind, one.file, one.rule, f"stack {stack.stack}: {one.message}")


def _command(kind: str, file: str, title: str, message: str) -> str:
    return (
        f"::{kind} file={_escaped(file, inside=True)},line=1,title={_escaped(title, inside=True)}::{_escaped(message)}"
    )


def _escaped(value: str, *, inside: bool = False) -> str:
    r"""Return a text that cannot end its line, and begin another command.

    >>> _escaped("a\n::set-env name=x::y")
    'a%0A::set-env name=x::y'
    """
    for plain, escaped in (*_ESCAPES, *(_IN_PROPERTIES if inside else ())):
        value = value.replace(plain, escaped)
    return value
