"""The program of every stack: one export, `services`, with what each service's component tells about it."""  # noqa: INP001 - Pulumi runs the folder

import gc
from pathlib import Path

import pulumi

from components.program import deploy

# It ends within seconds and makes next to no garbage: looking for some is a sixth of a preview's time.
gc.disable()
pulumi.export("services", deploy(Path(__file__).resolve().parent))
