"""The program of every stack: one export, `services`, with what each service's component tells about it."""  # noqa: INP001 - Pulumi runs the folder

from pathlib import Path

import pulumi

from components.program import deploy

pulumi.export("services", deploy(Path(__file__).resolve().parent))
