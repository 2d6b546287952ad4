"""Does what the zip carries run where there is nothing but boto3, and no time zone of the machine's?"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from components.keeper.package import write_archive

RUNTIME = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
"""What Lambda's Python brings: boto3, and what that needs."""
PROGRAM = """
import json, os, sys, zoneinfo
sys.path[:] = [sys.argv[1], sys.argv[2], *(path for path in sys.path if "site-packages" not in path)]
zoneinfo.reset_tzpath(to=[])
os.environ |= {"BERTH_STACK": "prod", "BERTH_SERVICES": '["chat"]', "BERTH_KEEPER": "keeper", "BERTH_ASLEEP": "{}"}
from components.keeper.runtime import asleep, handler
from components.keeper.runtime.config import KeeperConfig
from components.runpod.client import _user_agent
from components.schedule import awake_at, parse_hours
event = {"requestContext": {"http": {"method": "POST"}}, "body": '{"service": "other", "key_id": "a"}'}
door = {"requestContext": {"elb": {"targetGroupArn": "other"}}, "httpMethod": "POST", "headers": {}}
ours = [name for name in sys.modules if name.partition(".")[0] not in sys.stdlib_module_names]
print(json.dumps({
    "told": [handler.handle(event)["statusCode"], asleep.handle(door)["statusCode"]],
    "zone": str(parse_hours("Mon-Fri 08:00-20:00 Europe/Berlin")),
    "agent": _user_agent(),
    "from_zip": "keeper-" in handler.__file__,
    "packages": sorted({name.partition(".")[0] for name in ours} - {"__main__"}),
}))
"""


def test_the_zip_needs_boto3_alone(tmp_path):
    """Handlers answer, hours of a zone are read, RunPod's client works without a version of its own."""
    site = tmp_path / "site"
    site.mkdir()
    for name in RUNTIME:
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        found = origin.parent if origin.name == "__init__.py" else origin
        (site / found.name).symlink_to(found)
    archive = write_archive(tmp_path)
    ran = subprocess.run(
        [sys.executable, "-I", "-c", PROGRAM, str(archive), str(site)],
        capture_output=True,
        text=True,
        check=False,
        env={"AWS_DEFAULT_REGION": "us-east-1"},
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    packages = {name for name in told.pop("packages") if not name.startswith("_")}
    assert packages <= {*RUNTIME, "components", "tzdata"}
    assert packages >= {"boto3", "urllib3", "components"}
    assert told == {
        "told": [404, 404],
        "zone": "Mon-Fri 08:00-20:00 Europe/Berlin",
        "agent": "berth",
        "from_zip": True,
    }
