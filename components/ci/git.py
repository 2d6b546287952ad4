"""What has changed since a commit, and what did the stack files say there?"""

from __future__ import annotations

import io
import subprocess
import tarfile
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from components.ci.exit_codes import CiError
from components.ci.project import STACKS

if TYPE_CHECKING:
    from collections.abc import Iterator


def changed_files(root: Path, ref: str) -> list[str]:
    """Return the files that differ from where this branch left `ref`, those not committed among them."""
    base = merge_base(root, ref)
    inside = ("--relative", "--no-renames", "--name-only", "-z")
    differ = _git(root, "diff", *inside, base, "--", ".")
    new = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return sorted({name for name in (differ + new).decode(errors="replace").split("\0") if name})


def merge_base(root: Path, ref: str) -> str:
    """Return the commit at which this branch left `ref`; CiError with what to do in a shallow clone."""
    commit = _commit(root, ref)
    try:
        return _git(root, "merge-base", commit, "HEAD").decode().strip()
    except CiError:
        raise CiError(
            f"git: {ref} and this commit have no common history here; fetch it: actions/checkout with fetch-depth: 0,"
            " or GIT_DEPTH: 0 on GitLab"
        ) from None


def head(root: Path) -> str | None:
    """Return the commit that is checked out, None where this is no git checkout."""
    try:
        return _commit(root, "HEAD")
    except CiError:
        return None


@contextmanager
def stacks_at(root: Path, ref: str) -> Iterator[Path | None]:
    """Give the folder of the stack files as they were where this branch left `ref`; None where there was none."""
    base = merge_base(root, ref)
    with TemporaryDirectory() as folder:
        try:
            packed = _git(root, "archive", "--format=tar", base, STACKS)
        except CiError:
            yield None
            return
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            # What a commit holds is not trusted: nothing is unpacked outside of the folder.
            archive.extractall(folder, filter="data")
        yield Path(folder) / STACKS


def _commit(root: Path, ref: str) -> str:
    # An option would be taken for one: a reference never begins with a dash.
    if ref.startswith("-"):
        raise CiError(f"git: {ref} is not a reference; name a branch, a tag or a commit")
    try:
        return _git(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()
    except CiError:
        raise CiError(f"git: there is no {ref} here; fetch it, or name a branch, a tag or a commit") from None


def _git(root: Path, *arguments: str) -> bytes:
    try:
        result = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    except FileNotFoundError:
        raise CiError("git: there is no git on PATH; install it, or name the stacks with --stack") from None
    if result.returncode:
        raise CiError(f"git {arguments[0]}: {result.stderr.decode(errors='replace').strip() or 'failed'}")
    return result.stdout
