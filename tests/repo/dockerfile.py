"""What does a Dockerfile say? Its stages and instructions, parsed; with what `.dockerignore` lets into its context."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "images"
CONTEXTS = {"gateway": IMAGES / "gateway", "weight_cache": IMAGES / "weight_cache", "runpod_worker": IMAGES}


@dataclass(frozen=True)
class Instruction:
    """One instruction, its continuation lines joined."""

    name: str
    value: str
    stage: int
    """0 for what stands before the first FROM."""

    @property
    def words(self) -> list[str]:
        """Arguments without flags; the list of an exec form as it is."""
        if self.value.startswith("["):
            return json.loads(self.value)
        return [word for word in shlex.split(self.value) if not word.startswith("--")]

    @property
    def flags(self) -> dict[str, str]:
        found = re.findall(r"--([a-z-]+)=(\S+)", self.value)
        return dict(found)


@dataclass(frozen=True)
class Dockerfile:
    image: str
    instructions: tuple[Instruction, ...]

    @classmethod
    def read(cls, image: str) -> Dockerfile:
        with (IMAGES / image / "Dockerfile").open("rb") as file:
            parsed = DockerfileParser(fileobj=file).structure
        instructions: list[Instruction] = []
        stage = 0
        for one in parsed:
            stage += one["instruction"] == "FROM"
            if one["instruction"] != "COMMENT":
                instructions.append(Instruction(one["instruction"], one["value"], stage))
        return cls(image, tuple(instructions))

    def all(self, name: str, stage: int | None = None) -> list[Instruction]:
        return [one for one in self.instructions if one.name == name and stage in (None, one.stage)]

    @property
    def final_stage(self) -> int:
        return self.instructions[-1].stage

    def final(self, name: str) -> list[Instruction]:
        """The instructions of the stage that the image is."""
        return self.all(name, self.final_stage)

    @property
    def defaults(self) -> dict[str, str]:
        """Value by name of the arguments that stand before the first FROM."""
        return dict(one.value.split("=", 1) for one in self.all("ARG", 0))

    @property
    def labels(self) -> dict[str, str]:
        pairs = (pair.split("=", 1) for one in self.final("LABEL") for pair in shlex.split(one.value))
        return dict(pairs)

    @property
    def environment(self) -> dict[str, str]:
        pairs = (pair.split("=", 1) for one in self.final("ENV") for pair in shlex.split(one.value))
        return dict(pairs)

    @property
    def context(self) -> Path:
        return CONTEXTS[self.image]

    def let_in(self) -> list[str]:
        """Paths that the ignore file lets into the context."""
        beside = IMAGES / self.image / "Dockerfile.dockerignore"
        lines = (beside if beside.exists() else self.context / ".dockerignore").read_text().split()
        assert lines[0] == "*"
        return [line.removeprefix("!") for line in lines if line.startswith("!")]

    def reaches(self, path: str) -> bool:
        """Whether a path of the context gets there."""
        return any(path == allowed or path.startswith(f"{allowed}/") for allowed in self.let_in())
