"""Which deployments did a stack have, with which specs, and which of them were good?

Pulumi's own history holds the answer: `berth ci deploy` adds the text of the specs to the configuration of an update,
under a key that the program does not read. It is kept with the state, on every backend, and needs no right of its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from components.ci.exit_codes import CiError
from components.ci.project import STACKS
from components.spec.document import read_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from components.ci.project import Project

SPECS_KEY = "berth-ci:specs"
GOOD_TAG = "berth:good"
_MOST_GOOD = 8
"""A tag holds 256 characters."""
_OURS = "berth:"


@dataclass(frozen=True, slots=True)
class Deployment:
    """One update of a stack; `number` counts from its first."""

    number: int
    at: str
    """When it began: what tells it from others."""
    succeeded: bool
    message: str
    commit: str | None
    specs: Mapping[str, str] | None
    """Text of each file by its path below the folder of the stacks; None where `berth ci deploy` did not do it."""
    settings: Mapping[str, Any]
    """The `berth:` part of the stack file, and the region."""
    good: bool = False

    @property
    def can_be_applied(self) -> bool:
        return self.specs is not None and bool(self.settings)


def deployments(history: Sequence[Mapping[str, Any]], good: str) -> list[Deployment]:
    """Return the updates of a stack, the latest first; `good` is the tag that names the proven ones."""
    marked = set(good.split(","))
    updates = [one for one in history if one.get("kind") == "update"]
    return [
        Deployment(
            # A file backend does not number its updates.
            number=one.get("version") or len(updates) - index,
            at=str(one.get("startTime", "")),
            succeeded=one.get("result") == "succeeded",
            message=str(one.get("message") or "").partition("\n")[0],
            commit=(one.get("environment") or {}).get("git.head"),
            specs=_specs(one.get("config") or {}),
            settings=_settings(one.get("config") or {}),
            good=str(one.get("startTime")) in marked,
        )
        for index, one in enumerate(updates)
    ]


def last_good(found: Sequence[Deployment]) -> Deployment | None:
    """Return the latest deployment that was proven and can be applied again."""
    return next((one for one in found if one.good and one.succeeded and one.can_be_applied), None)


def chosen(found: Sequence[Deployment], number: int, stack: str) -> Deployment:
    """Return the deployment with a number; CiError for one that is not there, or whose specs nobody kept."""
    one = next((each for each in found if each.number == number), None)
    if one is None:
        numbers = f"1 to {found[0].number}" if found else "none: the stack was never deployed"
        raise CiError(f"--to: stack {stack} has no deployment {number}; there are {numbers}")
    if not one.can_be_applied:
        where = f"; its commit is {one.commit}: check that out and deploy it" if one.commit else ""
        raise CiError(
            f"--to: the specs of deployment {number} were not kept, as `berth ci deploy` did not do it{where}"
        )
    return one


def good_tag(before: str, at: str) -> str:
    """Return the tag with one more proven deployment.

    >>> good_tag("2026-11-20T10:00:00.000Z", "2026-11-21T10:00:00.000Z")
    '2026-11-21T10:00:00.000Z,2026-11-20T10:00:00.000Z'
    """
    kept = [one for one in before.split(",") if one and one != at]
    return ",".join([at, *kept][:_MOST_GOOD])


def with_specs(project: Project, stack: str, folder: Path) -> Path:
    """Write the stack file with the text of its specs in it, for Pulumi to keep with the update."""
    file = project.file(stack)
    document = read_document(file)
    below = f"{STACKS}/"
    texts = {
        name.removeprefix(below): (project.root / name).read_text(encoding="utf-8")
        for name in sorted(project.files(stack).files)
        if name != f"{below}{file.name}" and (project.root / name).is_file()
    }
    document["config"] = {**(document.get("config") or {}), SPECS_KEY: texts}
    copy = folder / file.name
    copy.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return copy


def earlier_project(project: Project, stack: str, one: Deployment, folder: Path) -> Path:
    """Write a checkout with the specs of an earlier deployment and today's program; return its root.

    What the stack file holds besides Berth's own settings stays as it is: keys and secrets of the backend.
    """
    root = folder / "checkout"
    stacks = root / STACKS
    stacks.mkdir(parents=True)
    for name in ("Pulumi.yaml", f"{STACKS}/__main__.py"):
        (root / name).write_bytes((project.root / name).read_bytes())
    for link, target in ((root / ".venv", project.root / ".venv"), (stacks / ".venv", project.root / ".venv")):
        link.symlink_to(target)
    for name, text in (one.specs or {}).items():
        path = (stacks / name).resolve()
        if not path.is_relative_to(stacks.resolve()):
            raise CiError(f"deployment {one.number}: {name} lies outside of {STACKS}; it is not written")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    document = read_document(project.file(stack))
    kept = {key: value for key, value in (document.get("config") or {}).items() if not key.startswith(_OURS)}
    document["config"] = {**kept, **one.settings, SPECS_KEY: dict(one.specs or {})}
    (stacks / project.file(stack).name).write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return root


def _specs(config: Mapping[str, Any]) -> dict[str, str] | None:
    found = _value(config.get(SPECS_KEY))
    if not isinstance(found, dict):
        return None
    return {str(name): str(text) for name, text in found.items()}


def _settings(config: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _value(entry) for key, entry in config.items() if key.startswith(_OURS) or key == "aws:region"}


def _value(entry: Any) -> Any:
    if not isinstance(entry, dict) or entry.get("secret"):
        return None
    if "objectValue" in entry:
        return entry["objectValue"]
    text = entry.get("value")
    if isinstance(text, str) and text.startswith(("{", "[")):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
