"""One case per resource type: inputs, and a change that must be an update in place.

A string `${case.property}` stands for an output of an earlier case.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
TAGS = {"owner": "ml-platform", "cost_center": "4711"}


def policy(action: str) -> str:
    """A policy with one action."""
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [action], "Resource": "*"}]}
    )


def containers(image: str) -> str:
    """Container definitions as the ECS component writes them, shortened."""
    return json.dumps(
        [
            {
                "name": "weights",
                "image": "weights:1",
                "essential": False,
                "memory": 1024,
                "memoryReservation": 512,
                "mountPoints": [{"sourceVolume": "models", "containerPath": "/models"}],
            },
            {
                "name": "vllm",
                "image": image,
                "memory": 14000,
                "dependsOn": [{"containerName": "weights", "condition": "SUCCESS"}],
                "resourceRequirements": [{"type": "GPU", "value": "1"}],
                "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
                "portMappings": [{"containerPort": 8080}],
                "healthCheck": {"command": ["CMD", "true"], "interval": 10, "timeout": 5, "retries": 3},
            },
        ]
    )


def dashboard(metric: str) -> str:
    """A dashboard of one widget."""
    properties = {
        "metrics": [["Berth", metric]],
        "region": "us-east-1",
        "title": metric,
        "view": "timeSeries",
        "stat": "Sum",
        "period": 60,
    }
    return json.dumps(
        {"widgets": [{"type": "metric", "x": 0, "y": 0, "width": 6, "height": 6, "properties": properties}]}
    )


@dataclass(frozen=True)
class Case:
    """A resource, the change that updates it, and how its id looks."""

    key: str
    token: str
    inputs: dict[str, Any]
    change: dict[str, Any] = field(default_factory=dict)
    id: str = ".+"
    importable: bool = True
    """Its id alone leads to every input."""
    vanishes: bool = True
    """A read after the delete finds nothing."""
