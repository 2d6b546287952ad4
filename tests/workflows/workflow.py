"""What do the workflows say? Their jobs and steps, parsed; expressions filled in as GitHub would."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"
FILES = tuple(sorted(FOLDER.glob("*.yml")))
ACTION = ROOT / ".github" / "actions" / "setup" / "action.yml"
EXPRESSION = re.compile(r"\$\{\{ ?(.+?) ?\}\}")


@dataclass(frozen=True)
class Step:
    """One step of a job that runs a script."""

    workflow: str
    job: str
    name: str
    script: str
    env: Mapping[str, str]

    @property
    def key(self) -> str:
        return f"{self.workflow}: {self.job}: {self.name}"


def read(file: Path) -> dict[Any, Any]:
    """Return a workflow; YAML 1.1 reads its key `on` as true."""
    return yaml.safe_load(file.read_text())


def steps() -> Iterator[Step]:
    """Yield every step that runs a script, of every workflow and of the action of ours."""
    for file in FILES:
        document = read(file)
        for job, body in document["jobs"].items():
            for step in body.get("steps", ()):
                if "run" in step:
                    env = {**document.get("env", {}), **body.get("env", {}), **step.get("env", {})}
                    yield Step(file.stem, job, step["name"], step["run"], env)
    for number, step in enumerate(yaml.safe_load(ACTION.read_text())["runs"]["steps"]):
        yield Step("setup", "action", str(number), step["run"], step.get("env", {}))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Fill in the expressions; KeyError for one that the test does not know."""
    return EXPRESSION.sub(lambda found: values[found[1]], text)
