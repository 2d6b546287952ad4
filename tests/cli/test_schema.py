"""`berth schema` prints what an editor needs to check and complete a spec."""

from __future__ import annotations

import json
from typing import Any

from components.cli.main import main


def test_the_schema_has_every_group_and_forbids_the_unknown(capsys: Any) -> None:
    """An editor marks a misspelt field, and shows what happens when a field is left out."""
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["additionalProperties"] is False
    assert {"name", "model", "accelerators", "load", "scaling", "gateway", "network", "ecs"} <= schema[
        "properties"
    ].keys()
    assert "Omitted" in schema["properties"]["accelerators"]["description"]
