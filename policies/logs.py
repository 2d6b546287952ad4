"""How long are logs kept, and paid for?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policies.kinds import LOG_GROUP
from policies.resources import MODEL_SERVICE
from policies.rule import NotApplicable, Rule
from policies.value import CannotTell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policies.rule import Finding, Subject

_DAYS = re.compile(r"(\d+)d")


def _group(subject: Subject) -> Iterator[Finding]:
    days = subject.props["retentionInDays"].number()
    # The API's 0 is for ever too.
    if not days:
        yield "retentionInDays is missing, so the logs are kept for ever"
    elif days > subject.settings["maxDays"]:
        yield f"retentionInDays: {days:g} days, and {subject.settings['maxDays']:g} are allowed here"


def _service(subject: Subject) -> Iterator[Finding]:
    target = subject.target
    if target not in ("ecs", "sagemaker"):
        yield NotApplicable("CloudWatch keeps no logs of the service")
        return
    value = subject.props["spec"][target]["log_retention"]
    text = value.text()
    if text is None:
        yield f"{value.path} is missing, so the logs are kept for ever"
        return
    found = _DAYS.fullmatch(text)
    if found is None:
        raise CannotTell(value.path, "is not a number of days", unknown=False)
    if int(found[1]) > subject.settings["maxDays"]:
        yield f"{value.path}: {text}, and {subject.settings['maxDays']:g} days are allowed here"


RULES = [
    Rule(
        name="log-retention",
        about="Logs are kept for a time that somebody chose.",
        remedy="set log_retention in the spec's block of the target",
        severity="low",
        level="mandatory",
        checks={LOG_GROUP: _group, MODEL_SERVICE: _service},
        settings={"maxDays": {"type": "integer", "minimum": 1, "default": 365, "description": "Longest retention."}},
    )
]
