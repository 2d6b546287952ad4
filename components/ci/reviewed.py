"""Is what is about to be deployed what was reviewed?"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.ci.exit_codes import NOT_REVIEWED, CiError
from components.ci.forge import forge_of
from components.ci.sticky import digests_in, sticky

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from components.ci.money import Tolerance
    from components.ci.report import StackReport

_FORGES = ("github", "gitlab")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a review saw of a stack; `project` is its part of report.json, where that was given."""

    digest: str
    source: str
    project: Mapping[str, Any] | None = None


def reviewed(given: str, stack: str, environment: Mapping[str, str] = os.environ) -> Reviewed:
    """Return what was reviewed: in the comment of a merged change, or in a report.json; CiError where nothing was."""
    if given in _FORGES:
        return _commented(given, stack, environment)
    try:
        document = json.loads(Path(given).read_text(encoding="utf-8"))
        project = next(one for one in document["projects"] if one["name"] == stack)
        return Reviewed(str(project["digest"]), given, project)
    except StopIteration:
        raise CiError(f"--reviewed: {given} has no stack {stack}", NOT_REVIEWED) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise CiError(f"--reviewed: {given} is not a report.json of `berth ci preview`", NOT_REVIEWED) from None


def _commented(kind: str, stack: str, environment: Mapping[str, str]) -> Reviewed:
    commit = environment.get("GITHUB_SHA" if kind == "github" else "CI_COMMIT_SHA", "")
    change = forge_of(kind, environment).merged_as(commit) if commit else None
    comment = sticky(change) if change else None
    digest = digests_in(comment.body).get(stack) if comment else None
    if change is None or digest is None:
        what = "no merged change has this commit" if change is None else f"#{change.number} has no report of {stack}"
        raise CiError(
            f"--reviewed: {what}, so nobody reviewed it; preview it, and deploy with --expect-digest", NOT_REVIEWED
        )
    return Reviewed(digest, f"the comment of #{change.number}")


def differences(seen: Reviewed, now: StackReport, tolerance: Tolerance) -> list[str]:
    """Return why a preview is not what was reviewed; nothing where it is, or differs by less than matters.

    With a digest alone every difference matters, as nobody can tell how large it is. With a report.json these do: cost
    above the tolerance, an operation that replaces or deletes and was not seen, a service that was not seen.
    """
    if seen.digest and seen.digest == now.digest:
        return []
    if seen.project is None:
        return [f"reviewed was {seen.digest}, this is {now.digest}; give --reviewed report.json to see the difference"]
    return list(_compared(seen.project, now, tolerance))


def _compared(seen: Mapping[str, Any], now: StackReport, tolerance: Tolerance) -> Iterator[str]:
    was = (seen.get("cost") or {}).get("totalMonthlyCost")
    cost = now.cost.after.expected if now.cost else None
    if cost is None or was is None:
        if (cost is None) != (was is None):
            yield f"expected cost: reviewed was {was or 'unknown'}, this is {'unknown' if cost is None else cost}"
    elif cost - float(was) > max(tolerance.usd, float(was) * tolerance.percent / 100):
        yield f"expected cost: reviewed was {float(was):,.2f} USD a month, this is {cost:,.2f}"
    known = {one["name"]: one for one in seen.get("resources") or ()}
    for service in now.services:
        before = known.get(service.name)
        if before is None:
            yield f"{service.name}: was not reviewed"
            continue
        steps = {(one["op"], one["name"]) for one in before.get("steps") or ()}
        for op, name in service.resources:
            if op in ("replace", "delete") and (op, name) not in steps:
                yield f"{service.name}: {op} of {name} was not reviewed"
    for op, name in now.shared:
        if op in ("replace", "delete") and {"op": op, "name": name} not in (seen.get("shared") or ()):
            yield f"shared: {op} of {name} was not reviewed"
