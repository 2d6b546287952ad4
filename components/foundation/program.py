"""What does the program of an account do: tell its bill of Berth's tags, and let a repository deploy to it?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.runtime.config import CONFIG

from components import account_costs
from components.account import Account
from components.errors import BerthError, Problem, StackError, did_you_mean
from components.foundation.component import Foundation
from components.foundation.settings import KNOWN, NAMESPACE, FoundationSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

_COSTS = ("costs", "emails", "leastImpactUsd")


def deploy() -> None:
    """Deploy the stack that is selected; what a user did wrong ends as one message."""
    try:
        said = _settings()
        # Not before it is asked for: AWS knows a tag once it has been in a bill, a day after the first deployment.
        if said.get("costs", False):
            account_costs.deploy()
        if "repository" in said:
            _make_foundation(said)
    except BerthError as error:
        raise pulumi.RunError(str(error)) from None


def _make_foundation(said: dict[str, Any]) -> None:
    settings = FoundationSettings.parse(said, stack=pulumi.get_stack())
    region = pulumi.Config("aws").require("region")
    told = Foundation("foundation", settings=settings, account=Account.current(region, parent=None)).told
    for name, value in told.items():
        pulumi.export(name, value)


def _settings() -> dict[str, Any]:
    """Return all settings of the program; raises StackError for one that nothing would read."""
    prefix = f"{NAMESPACE}:"
    said = {key.removeprefix(prefix): _parsed(text) for key, text in CONFIG.get().items() if key.startswith(prefix)}
    known = (*_COSTS, *KNOWN)
    place = f"account/Pulumi.{pulumi.get_stack()}.yaml: {prefix}"
    unknown = [
        Problem(f"{place}{key}", "", "is not a setting", did_you_mean(key, known)) for key in said if key not in known
    ]
    if problems := unknown or _of_no_effect(said, place):
        raise StackError(problems)
    return said


def _of_no_effect(said: Mapping[str, Any], place: str) -> list[Problem]:
    """Return what would do nothing while `costs` is off."""
    if said.get("costs", False):
        return []
    fix = "set berth-account:costs true, a day after the first deployment"
    found = [
        Problem(f"{place}{key}", "", "is read with costs alone", fix)
        for key in ("emails", "leastImpactUsd")
        if key in said
    ]
    if "repository" not in said:
        fix = "give owner/name, or costs true where the bill is paid"
        found.append(Problem(f"{place}repository", "", "is missing", fix))
    return found


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text.startswith(("{", "[")) or text in ("true", "false") else text
    except ValueError:
        return text
