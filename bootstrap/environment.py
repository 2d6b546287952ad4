"""How does the virtual environment come to hold exactly what `requirements.lock` names?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bootstrap.steps import ROOT, TOOLS, fingerprint, run, run_once

if TYPE_CHECKING:
    from pathlib import Path

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV_FOLDER = TOOLS / "uv"
UV = UV_FOLDER / "bin" / "uv"
UV_REQUIREMENT = ROOT / "bootstrap" / "uv.txt"
LOCK = ROOT / "requirements.lock"
SDK_VENV = TOOLS / "sagemaker-sdk"
SDK_PYTHON = SDK_VENV / "bin" / "python"
SDK_LOCK = ROOT / "requirements-sagemaker-sdk.lock"


def _base_python() -> str:
    """The interpreter behind a virtual environment, or this one when it is in none."""
    return getattr(sys, "_base_executable", None) or sys.executable


def _install_uv() -> None:
    run([_base_python(), "-m", "venv", "--clear", UV_FOLDER])
    pip = [
        UV_FOLDER / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-cache-dir",
        "--disable-pip-version-check",
    ]
    run([*pip, "--require-hashes", "-r", UV_REQUIREMENT])


def _settings() -> dict[str, str]:
    # One cache per checkout: nothing is left behind elsewhere, and `make clean` frees it.
    return {"UV_CACHE_DIR": str(TOOLS / "uv-cache"), "UV_PYTHON_DOWNLOADS": "never"}


def _install_from(lock: Path, venv: Path) -> None:
    # Always anew: after a kill inside this step nobody knows what a half-made environment lacks.
    run([UV, "venv", "--clear", "--python", _base_python(), venv], env=_settings())
    run([UV, "pip", "sync", "--require-hashes", "--python", venv / "bin" / "python", lock], env=_settings())


def _install_environment() -> None:
    _install_from(LOCK, VENV)
    # The build back end comes from the lock too, so an editable install asks no registry for it.
    install = [UV, "pip", "install", "--no-deps", "--no-build-isolation", "--python", PYTHON]
    run([*install, "--editable", "."], env=_settings())


def _python() -> str:
    # Not `sys.prefix`: in a shell that has `.venv` on its PATH, this very process runs on what it would replace.
    return f"{sys.version_info[:3]} {sys.base_prefix}"


def ensure() -> None:
    """Make `.venv` match the lock file: seconds when something changed, nothing when not."""
    python = _python()
    run_once("uv", fingerprint(UV_REQUIREMENT, python), _install_uv, doing="installing uv", makes=UV)
    mark = fingerprint(LOCK, ROOT / "pyproject.toml", python, str(ROOT))
    run_once("environment", mark, _install_environment, doing="installing the Python environment", makes=PYTHON)


def ensure_sagemaker_sdk() -> None:
    """Make the environment in which tests ask the SageMaker SDK: 700 MB that nothing else needs."""
    run_once(
        "sagemaker-sdk",
        fingerprint(SDK_LOCK, _python(), str(ROOT)),
        lambda: _install_from(SDK_LOCK, SDK_VENV),
        doing="installing the SageMaker SDK, which the tests ask",
        makes=SDK_PYTHON,
    )
