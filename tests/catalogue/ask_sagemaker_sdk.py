"""Runs in the SDK's own environment: which image does it have for each engine and region, where it has one?"""

import json
import sys


def main() -> None:
    """Read engine -> (framework, version) and the regions from the command line; write engine -> region -> image."""
    from sagemaker.core import image_uris

    wanted, regions = (json.loads(argument) for argument in sys.argv[1:])
    found: dict[str, dict[str, str]] = {}
    for engine, (framework, version) in wanted.items():
        found[engine] = {}
        for region in regions:
            try:
                found[engine][region] = image_uris.retrieve(
                    framework, region, version=version, image_scope="inference", instance_type="ml.g5.xlarge"
                )
            except (ValueError, KeyError):
                continue
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
