"""A Pulumi CLI on PATH that answers as it is told, and notes how it was called."""

from __future__ import annotations

import json
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PROGRAM = """\
#!{python}
import json, os, sys
from pathlib import Path
folder = Path({folder!r})
arguments = sys.argv[1:]
with (folder / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps({{"arguments": arguments, "folder": os.getcwd(),
        "backend": os.environ.get("PULUMI_BACKEND_URL"), "debug": os.environ.get("PULUMI_DEBUG_COMMANDS")}}) + "\\n")
answers = json.loads((folder / "answers.json").read_text())
key = next((key for key in sorted(answers, key=len, reverse=True) if " ".join(arguments).startswith(key)), None)
answer = answers[key].pop(0) if key and len(answers[key]) > 1 else answers[key][0] if key else {{"code": 0}}
(folder / "answers.json").write_text(json.dumps(answers))
if "--config-file" in arguments:
    (folder / "config.yaml").write_text(Path(arguments[arguments.index("--config-file") + 1]).read_text())
for name in ("stacks/Pulumi.dev.yaml", "stacks/services/chat.yaml"):
    if arguments[0] in ("preview", "up") and Path(name).is_file():
        (folder / ("seen-" + Path(name).name)).write_text(Path(name).read_text())
if "--event-log" in arguments and answer.get("events"):
    Path(arguments[arguments.index("--event-log") + 1]).write_text("\\n".join(answer["events"]))
sys.stdout.write(answer.get("out", ""))
sys.stderr.write(answer.get("err", ""))
sys.exit(answer.get("code", 0))
"""


@dataclass
class FakePulumi:
    """Answers by how a call begins; the last one of several stays."""

    folder: Path

    @classmethod
    def install(cls, folder: Path) -> FakePulumi:
        """Write the program into a folder that is to come first on PATH."""
        folder.mkdir(parents=True)
        program = folder / "pulumi"
        program.write_text(_PROGRAM.format(python=sys.executable, folder=str(folder)))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        made = cls(folder)
        (folder / "answers.json").write_text("{}")
        return made

    @property
    def path(self) -> str:
        return os.pathsep.join([str(self.folder), os.environ["PATH"]])

    def answer(self, beginning: str, *answers: dict[str, Any]) -> None:
        """Answer calls that begin like this."""
        known = json.loads((self.folder / "answers.json").read_text())
        (self.folder / "answers.json").write_text(json.dumps({**known, beginning: list(answers)}))

    def calls(self, *beginnings: str) -> list[list[str]]:
        """The arguments of every call, of those that begin like this."""
        return [
            one["arguments"]
            for one in self.noted()
            if not beginnings or " ".join(one["arguments"]).startswith(beginnings)
        ]

    def noted(self) -> list[dict[str, Any]]:
        path = self.folder / "calls.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
