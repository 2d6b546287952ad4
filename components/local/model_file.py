"""Where is the GGUF file that the engine serves, and does it fit into this machine's memory?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from components.local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable

_GIB = 2**30
_MARGIN_GIB = 1.0
"""For contexts, the process itself and what else runs; assumed."""
_OTHERWISE = "give a file that is here (local.gguf: ./model.gguf), or a server that runs (local.engine: url)"


def path_of(reference: str, root: Path) -> Path:
    """Return the path that a spec names, from the folder of Pulumi.yaml."""
    return (root / Path(reference).expanduser()).resolve()


def is_a_path(reference: str) -> bool:
    """Tell a path from a file on the Hub."""
    return reference.startswith(("/", "./", "../", "~/"))


def fetched(reference: str, root: Path, download: Callable[[str], Path] | None = None) -> Path:
    """Return the file on this machine, downloaded into the Hub's own cache where it is not here yet.

    Raises:
        LocalError: there is no such file, the Hub cannot be reached, or the file does not fit the memory.
    """
    path = path_of(reference, root) if is_a_path(reference) else (download or downloaded)(reference)
    problem = file_problem(path)
    if problem is not None:
        raise LocalError(problem)
    return path


def file_problem(path: Path) -> str | None:
    """Return what is wrong with a file; None when it is there and fits."""
    if not path.is_file():
        return f"local.gguf: {path} is not a file; {_OTHERWISE}"
    return memory_problem(path.stat().st_size, machine_bytes(), str(path))


def memory_problem(size_bytes: int, memory_bytes: int | None, name: str) -> str | None:
    """Return why a file of that size does not fit; None when it does, or nobody knows.

    >>> memory_problem(2 * 2**30, 16 * 2**30, "a.gguf") is None
    True
    >>> memory_problem(8 * 2**30, 8 * 2**30, "a.gguf")
    'local.gguf: a.gguf needs 9.0 GiB of memory with its contexts, this machine has 8.0; serve a smaller file'
    """
    needed = size_bytes / _GIB + _MARGIN_GIB
    if memory_bytes is None or needed <= memory_bytes / _GIB:
        return None
    return (
        f"local.gguf: {name} needs {needed:.1f} GiB of memory with its contexts, this machine has "
        f"{memory_bytes / _GIB:.1f}; serve a smaller file"
    )


def machine_bytes() -> int | None:
    """Return the memory of this machine; None where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None


def downloaded(reference: str, get: Callable[..., str] | None = None) -> Path:
    """Return a file of the Hub, from its cache or the Hub itself; raises LocalError with what to do instead."""
    from huggingface_hub import errors as hub  # noqa: PLC0415
    from huggingface_hub import hf_hub_download  # noqa: PLC0415 - half a second, and only when a file is served

    whole, _, revision = reference.partition("@")
    organisation, repository, name = whole.split("/", 2)
    place = f"local.gguf: {reference}"
    try:
        return Path((get or hf_hub_download)(f"{organisation}/{repository}", name, revision=revision or None))
    except hub.GatedRepoError:
        raise LocalError(f"{place} is gated; accept its licence and export HF_TOKEN, or {_OTHERWISE}") from None
    except hub.LocalEntryNotFoundError:
        raise LocalError(f"{place} is not here, and the Hub cannot be reached; {_OTHERWISE}") from None
    except (hub.EntryNotFoundError, hub.RepositoryNotFoundError):
        raise LocalError(f"{place} is not on the Hub; check its name and revision, or {_OTHERWISE}") from None
    except (hub.HfHubHTTPError, OSError) as error:
        raise LocalError(f"{place} could not be downloaded ({type(error).__name__}); {_OTHERWISE}") from None
