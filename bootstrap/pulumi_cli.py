"""Which Pulumi CLI does this checkout use, and how does it get one?

One on PATH that is new enough; else the official release; else one built from source with Go.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import tarfile
import urllib.error
import urllib.request
from pathlib import Path

from bootstrap.go_build import BUILT, build
from bootstrap.steps import ROOT, TOOLS, SetupError, fingerprint, run_once, say

VERSION = "3.255.0"
OLDEST = (3, 211, 0)
"""First version whose self-managed back ends keep stack tags."""
FOLDER_FILE = TOOLS / "pulumi-folder"
"""Holds the folder of the CLI in use; `sandbox.environment` puts it first on PATH."""
RELEASE = TOOLS / f"pulumi-{VERSION}"
RELEASE_URL = "https://get.pulumi.com/releases/sdk/pulumi-v{version}-{system}-{machine}.tar.gz"
DOWNLOAD_TIMEOUT_SECONDS = 10
WAYS = ("path", "release", "build")


def _version(program: Path) -> tuple[int, ...] | None:
    try:
        answer = subprocess.run([program, "version"], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    numbers = re.match(r"v?(\d+)\.(\d+)\.(\d+)", answer.stdout.strip())
    return tuple(int(number) for number in numbers.groups()) if numbers else None


def find_on_path(path: str) -> Path:
    """Folder of the first suitable `pulumi` on `path`, those that checkouts made aside.

    Raises:
        SetupError: there is none; each one that was found is named with its fault.
    """
    reasons: list[str] = []
    for folder in map(Path, filter(None, path.split(os.pathsep))):
        program = folder / "pulumi"
        # A CLI built by this or another checkout belongs to that checkout's environment.
        if TOOLS.name in folder.parts or not os.access(program, os.X_OK):
            continue
        version = _version(program)
        if version is None:
            reasons.append(f"{program} does not answer `pulumi version`")
        elif version < OLDEST:
            reasons.append(f"{program} is {'.'.join(map(str, version))}, older than {'.'.join(map(str, OLDEST))}")
        elif not shutil.which("pulumi-language-python", path=f"{folder}{os.pathsep}{path}"):
            reasons.append(f"{program} comes without pulumi-language-python")
        else:
            return folder
    raise SetupError("; ".join(reasons) or "no pulumi on PATH")


def _release_url() -> str:
    machine = {"x86_64": "x64", "amd64": "x64", "arm64": "arm64", "aarch64": "arm64"}.get(platform.machine().lower())
    system = {"Linux": "linux", "Darwin": "darwin"}.get(platform.system())
    if machine is None or system is None:
        raise SetupError(f"there is no release for {platform.system()} on {platform.machine()}")
    return RELEASE_URL.format(version=VERSION, system=system, machine=machine)


def download_release() -> Path:
    """Folder of the official release, downloaded unless it is there; SetupError when it cannot be reached."""
    url = _release_url()
    if not (RELEASE / "pulumi").exists():
        partial = TOOLS / f"pulumi-{VERSION}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        try:
            with urllib.request.urlopen(url, timeout=DOWNLOAD_TIMEOUT_SECONDS) as answer:  # noqa: S310 - a constant
                say(f"downloading Pulumi {VERSION} ...")
                with tarfile.open(fileobj=answer, mode="r|gz") as archive:
                    archive.extractall(partial, filter="data")
        except (OSError, tarfile.TarError) as error:
            shutil.rmtree(partial, ignore_errors=True)
            cause = error.reason if isinstance(error, urllib.error.URLError) else error
            raise SetupError(f"{url} cannot be had: {cause}") from error
        (partial / "pulumi").rename(RELEASE)
        shutil.rmtree(partial)
    if _version(RELEASE / "pulumi") is None:
        raise SetupError(f"{RELEASE / 'pulumi'} does not run on this machine")
    return RELEASE


def build_from_source() -> Path:
    """Folder of a CLI compiled by Go from the pinned modules; SetupError when Go is missing or fails."""
    if not shutil.which("go"):
        raise SetupError("no Go on PATH to build it with")
    module = ROOT / "bootstrap" / "pulumi-cli"
    mark = fingerprint(module / "go.mod", module / "go.sum", VERSION, ROOT / "bootstrap" / "go_build.py")
    run_once(
        "pulumi-cli",
        mark,
        lambda: build(module, VERSION),
        doing=f"building Pulumi {VERSION} from source (about 5 minutes, once)",
        makes=BUILT / "pulumi",
    )
    return BUILT


def ensure() -> Path:
    """Folder of a usable CLI, found or made; SetupError lists every way tried and what to install."""
    searches = {
        "path": lambda: find_on_path(os.environ.get("PATH", "")),
        "release": download_release,
        "build": build_from_source,
    }
    wanted = os.environ.get("BERTH_PULUMI_FROM", " ".join(WAYS)).split()
    if unknown := sorted(set(wanted) - set(WAYS)):
        raise SetupError(f"BERTH_PULUMI_FROM: {unknown[0]!r} is not one of {', '.join(WAYS)}; correct it or unset it")
    if (BUILT / "pulumi").exists() and "release" in wanted:
        wanted.remove("release")  # what is built already is not downloaded too
    failures: list[str] = []
    for way in wanted:
        try:
            folder = searches[way]()
        except SetupError as error:
            failures.append(f"  {way}: {error}")
        else:
            TOOLS.mkdir(exist_ok=True)
            unfinished = FOLDER_FILE.with_suffix(".partial")
            unfinished.write_text(str(folder))
            unfinished.replace(FOLDER_FILE)
            return folder
    raise SetupError(
        "no Pulumi CLI could be had. Tried:\n"
        + "\n".join(failures)
        + f"\nInstall Pulumi {'.'.join(map(str, OLDEST))} or newer and put it on PATH, or install Go 1.25.11 or newer"
        " and let this build it, then run the same command again."
    )
