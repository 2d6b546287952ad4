"""Does a secret lie open in an environment variable? Names of variables are said here, and values never."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policies.kinds import FUNCTION, RUNPOD_ENDPOINT, SAGEMAKER_MODEL, TASK
from policies.pins import containers, variables
from policies.resources import MODEL_SERVICE
from policies.rule import Rule, each
from policies.value import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policies.rule import Finding, Subject
    from policies.value import Value

_NAME = re.compile(r"(^|_)(API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?)($|_)", re.IGNORECASE)
_OF_A_SECRET = re.compile(r"_(ARN|ID|NAME|PATH|FILE|ENV)$|^BERTH_\w+_SECRET$", re.IGNORECASE)
"""How names of variables end that say where a secret is."""
_VALUE = re.compile(
    r"(?<![\w/.-])(hf_[A-Za-z0-9]{8,}|sk-[\w-]{8,}|rpa_\w{8,}|(AKIA|ASIA)[A-Z0-9]{12,}|gh[pousr]_\w{16,}|xox[abp]-[\w-]{8,}"
    r"|eyJ[\w-]{8,}\.[\w-]+)|-----BEGIN [A-Z ]*PRIVATE KEY"
)
_REFERENCE = re.compile(r"arn:aws[a-z-]*:(secretsmanager|ssm|kms):|\{\{ *RUNPOD_SECRET_\w+ *\}\}|s3://")
_HARMLESS = re.compile(r"-?\d+(\.\d+)?|true|false|none|null|", re.IGNORECASE)


def _open(subject: Subject, environment: Mapping[str, Value]) -> Iterator[Finding]:
    for name, value in environment.items():
        is_late = value.data is UNKNOWN and name in subject.settings["namesOfLate"]
        if name not in subject.settings["harmless"] and not is_late:
            yield from each([value], lambda one, name=name: _one(name, one))


def _one(name: str, value: Value) -> Iterator[Finding]:
    named = bool(_NAME.search(name)) and not _OF_A_SECRET.search(name)
    # Numbers in an environment are texts, and some programs write them as what they are.
    text = str(value.data) if isinstance(value.data, bool | int | float) else value.text() or ""
    if _VALUE.search(text):
        yield f"variable {name} holds what looks like a secret"
    elif named and not _HARMLESS.fullmatch(text) and not _REFERENCE.match(text):
        yield f"variable {name} is named as a secret and lies open"


def _task(subject: Subject) -> Iterator[Finding]:
    yield from each(containers(subject), lambda one: _open(subject, variables(one)))


def _model(subject: Subject) -> Iterator[Finding]:
    yield from _open(subject, dict(subject.props["primaryContainer"]["environment"].entries()))


def _runpod(subject: Subject) -> Iterator[Finding]:
    yield from _open(subject, dict(subject.props["env"].entries()))


def _function(subject: Subject) -> Iterator[Finding]:
    yield from _open(subject, dict(subject.props["environment"]["variables"].entries()))


def _service(subject: Subject) -> Iterator[Finding]:
    yield from each(_leaves(subject.props["spec"]), _leaf)


def _leaf(value: Value) -> Iterator[Finding]:
    if not isinstance(value.data, bool | int | float) and _VALUE.search(value.text() or ""):
        yield f"{value.path} holds what looks like a secret"


def _leaves(value: Value) -> Iterator[Value]:
    if isinstance(value.data, dict):
        for _, below in value.entries():
            yield from _leaves(below)
    elif isinstance(value.data, list):
        for below in value.each():
            yield from _leaves(below)
    else:
        yield value


RULES = [
    Rule(
        name="no-secrets-in-env",
        about="A secret is named where it is used, and stored in a secret store.",
        remedy="store it in Secrets Manager, on RunPod as a secret of the account, name it in the spec, and revoke the "
        "value that lay open",
        severity="critical",
        level="mandatory",
        checks={
            MODEL_SERVICE: _service,
            TASK: _task,
            SAGEMAKER_MODEL: _model,
            RUNPOD_ENDPOINT: _runpod,
            FUNCTION: _function,
        },
        settings={
            "harmless": {
                "type": "array",
                "items": {"type": "string"},
                "default": [],
                "description": "Variables that are named as secrets and are none, as PARTITION_KEY.",
            },
            "namesOfLate": {
                "type": "array",
                "items": {"type": "string"},
                "default": ["BERTH_ASLEEP"],
                "description": "Variables that no preview can know, as AWS chooses an ARN in them: the target groups "
                "of the function that answers for sleeping services. They are checked when they are about to be made.",
            },
        },
        exemptible=False,
    )
]
