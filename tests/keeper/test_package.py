"""The zip of the keeper's function: complete, small, and the same wherever it is made."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import boto3
import pytest

from components.keeper import package

ROOT = Path(__file__).parents[2]
SMALL_BYTES = 1_000_000
FORBIDDEN = ("pulumi", "pulumi_aws", "pydantic", "yaml", "sandbox")


@pytest.fixture(scope="module")
def content():
    return package.archive()


def run_from(archive, code):
    """Run code on a Python that finds the zip, the standard library and boto3, and nothing of this checkout."""
    site = Path(boto3.__file__).parents[1]
    start = (
        "import sys, zoneinfo\n"
        f"others = [path for path in sys.path if not path.startswith({str(ROOT)!r})]\n"
        f"sys.path = [{str(archive)!r}, *others, {str(site)!r}]\n"
        "zoneinfo.reset_tzpath([])\n"
    )
    environment = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "us-east-1"}
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", start + code], capture_output=True, text=True, env=environment, check=True
    ).stdout.split()


@pytest.mark.parametrize("handler", [package.KEEPER_HANDLER, package.ASLEEP_HANDLER])
def test_a_handler_needs_nothing_but_the_zip_and_boto3(handler, tmp_path):
    """Every module of ours that it loads comes from the zip, and none of a deployment's heavy ones is loaded."""
    module, _, function = handler.rpartition(".")
    code = (
        f"import importlib; handler = getattr(importlib.import_module({module!r}), {function!r})\n"
        "assert callable(handler)\n"
        "ours = [one for name, one in sys.modules.items() if name.partition('.')[0] == 'components']\n"
        "assert all('keeper-' in one.__file__ for one in ours), [one.__file__ for one in ours]\n"
        "print(len(ours), *{name.partition('.')[0] for name in sys.modules})\n"
    )
    count, *loaded = run_from(package.write_archive(tmp_path), code)
    assert int(count) > 10
    assert "boto3" in loaded
    assert not set(loaded) & set(FORBIDDEN)


def test_all_modules_of_the_zip_can_be_imported_from_it(tmp_path, content):
    """Those that a handler loads later, in a function, as well."""
    names = [name for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if name.startswith("components/")]
    modules = [name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in names]
    code = f"import importlib\nfor name in {modules!r}:\n    importlib.import_module(name)\nprint(len({modules!r}))"
    assert run_from(package.write_archive(tmp_path), code) == [str(len(modules))]


def test_the_zip_has_the_time_zones(tmp_path):
    """A Lambda has none of its own; here Python is told to look nowhere else."""
    code = (
        "from datetime import UTC, datetime\n"
        "from components.schedule import edges, parse_hours\n"
        "schedule = parse_hours('Mon-Fri 08:00-20:00 Pacific/Chatham')\n"
        "print(next(edges(schedule, datetime(2026, 11, 21, tzinfo=UTC))).at.isoformat())\n"
    )
    assert run_from(package.write_archive(tmp_path), code) == ["2026-11-22T18:15:00+00:00"]


def test_two_builds_are_equal_byte_for_byte(content):
    """No time, no order of a folder and no compressor is in it."""
    package.archive.cache_clear()
    assert package.archive() == content


def test_a_copy_of_the_sources_makes_the_same_zip(tmp_path, content):
    """Elsewhere, with other times and modes of the files, under another user's mask."""
    copy = tmp_path / "elsewhere"
    for name in zipfile.ZipFile(io.BytesIO(content)).namelist():
        if name.startswith("components/"):
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
            target.chmod(0o700)
            os.utime(target, (1, 1))
    (copy / "components/keeper/package.py").write_bytes((ROOT / "components/keeper/package.py").read_bytes())
    code = (
        f"import sys; sys.path.insert(0, {str(copy)!r})\n"
        "sys.meta_path = [one for one in sys.meta_path if 'editable' not in repr(one).lower()]\n"
        "from components.keeper import package; import hashlib\n"
        f"assert package.__file__.startswith({str(copy)!r})\n"
        "print(hashlib.sha256(package.archive()).hexdigest()[:16])\n"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert package.write_archive(tmp_path).name == f"keeper-{made.stdout.strip()}.zip"


def test_the_zip_is_small_and_has_nothing_else(content):
    """Modules and time zones, each with the same time and mode; nothing that only a deployment needs."""
    entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    assert len(content) < SMALL_BYTES
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert {entry.filename.partition("/")[0] for entry in entries} == {"components", "tzdata"}
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    ours = {entry.filename for entry in entries if entry.filename.startswith("components/")}
    folders = {name.split("/")[1] for name in ours if name.count("/") > 1}
    assert folders == {"keeper", "runpod", "sagemaker", "schedule"}
    assert {name for name in ours if name.startswith("components/keeper/") and "/runtime/" not in name} == {
        "components/keeper/__init__.py"
    }


def test_a_zip_that_is_there_is_left_alone(tmp_path):
    """The same content is the same file; one that somebody has damaged is written anew."""
    path = package.write_archive(tmp_path)
    os.utime(path, (1, 1))
    assert package.write_archive(tmp_path) == path
    assert path.stat().st_mtime == 1
    path.write_bytes(b"half of it")
    assert package.write_archive(tmp_path).read_bytes() == package.archive()
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_what_only_a_type_checker_reads_is_not_packed():
    """Imports under TYPE_CHECKING never run; those in functions do."""
    assert "components.keeper.runtime.targets.runpod" in package.imported("components.keeper.runtime.platforms")
    assert "components.keeper.runtime.services" not in package.imported("components.keeper.runtime.relay")
