"""Runs in the environment of the SageMaker SDK: which images does the SDK know, by engine and region?

Only the standard library and the SDK can be imported here.
"""

from __future__ import annotations

import importlib
import json
import sys
from importlib.metadata import version as version_of


def main() -> None:
    """Read engine -> (framework, version) and the regions from the command line; write JSON to stdout.

    `images`: engine -> region -> image, where the SDK has one; `versions`: engine -> versions of its framework;
    `sdk`: the version of sagemaker-core, which carries the tables.
    """
    image_uris = importlib.import_module("sagemaker.core.image_uris")
    wanted: dict[str, tuple[str, str]] = json.loads(sys.argv[1])
    regions: list[str] = json.loads(sys.argv[2])
    images: dict[str, dict[str, str]] = {}
    versions: dict[str, list[str]] = {}
    everywhere: set[str] = set(regions)
    for engine, (framework, version) in wanted.items():
        config = image_uris.config_for_framework(framework)
        scope = config.get("inference", config)
        versions[engine] = list(scope.get("versions", {}))
        row = scope.get("versions", {}).get(version, {})
        everywhere |= set(row.get("registries", {}))
        images[engine] = {}
        for region in sorted(everywhere):
            try:
                images[engine][region] = image_uris.retrieve(
                    framework, region, version=version, image_scope="inference", instance_type="ml.g5.xlarge"
                )
            except (ValueError, KeyError):
                continue
    json.dump({"images": images, "versions": versions, "sdk": version_of("sagemaker-core")}, sys.stdout)


if __name__ == "__main__":
    main()
