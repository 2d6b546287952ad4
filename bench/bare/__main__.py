"""A program with no Berth in it that makes the resources listed in BENCH_RESOURCES (type, name, inputs)."""

import importlib
import json
import os
import sys
from pathlib import Path

import pulumi

for resource in json.loads(Path(os.environ["BENCH_RESOURCES"]).read_text()):
    # The typed class is touched, as any hand-written program would: importing it is most of a preview's time.
    package, module, _ = resource["type"].split(":")
    getattr(importlib.import_module(f"pulumi_{package}.{module.split('/')[0]}"), resource["type"].rpartition(":")[2])
    pulumi.CustomResource(resource["type"], resource["name"], resource["inputs"])
sys.stdout.flush()
