"""The model file is found, fits the memory, or is explained."""

from __future__ import annotations

import httpx
import pytest
from huggingface_hub import errors as hub

from components.local.errors import LocalError
from components.local.model_file import downloaded, fetched, memory_problem, path_of

GIB = 2**30
REFERENCE = "org/repo/folder/a.gguf@12ab"


def test_a_path_is_taken_from_the_folder_of_the_program(tmp_path):
    """Whatever folder a provider runs in."""
    (tmp_path / "a.gguf").write_bytes(b"GGUF")
    assert fetched("./a.gguf", tmp_path) == tmp_path / "a.gguf"
    assert path_of("/srv/a.gguf", tmp_path).as_posix() == "/srv/a.gguf"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    """With the place where it was looked for."""
    with pytest.raises(LocalError, match=rf"^local.gguf: {tmp_path}/b.gguf is not a file; give a file that is here"):
        fetched("./b.gguf", tmp_path)


def test_a_file_of_the_hub_is_downloaded_at_its_revision(tmp_path):
    """Repository, name with its folders, and commit."""
    asked = []

    def get(repository, name, *, revision):
        asked.append((repository, name, revision))
        return str(tmp_path / "a.gguf")

    assert downloaded(REFERENCE, get) == tmp_path / "a.gguf"
    assert asked == [("org/repo", "folder/a.gguf", "12ab")]


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (hub.LocalEntryNotFoundError("x"), "is not here, and the Hub cannot be reached; give a file that is here"),
        (OSError("x"), "could not be downloaded (OSError); give a file that is here"),
        (
            hub.RepositoryNotFoundError("x", response=httpx.Response(404, request=httpx.Request("GET", "http://h"))),
            "is not on the Hub; check its name and revision, or give a file",
        ),
        (
            hub.GatedRepoError("x", response=httpx.Response(403, request=httpx.Request("GET", "http://h"))),
            "is gated; accept its licence and export HF_TOKEN, or give a file",
        ),
    ],
)
def test_what_the_hub_answers_becomes_advice(raised, said):
    """Each failure names the file and what to do instead."""

    def get(*_arguments, **_options):
        raise raised

    with pytest.raises(LocalError) as error:
        downloaded(REFERENCE, get)
    assert str(error.value).startswith(f"local.gguf: {REFERENCE} {said}")


def test_memory_is_compared_with_the_file_and_a_margin():
    """A file of 7 GiB fits 8 GiB exactly; where nobody knows the memory, nothing is refused."""
    assert memory_problem(7 * GIB, 8 * GIB, "a") is None
    assert memory_problem(7 * GIB + GIB // 5, 8 * GIB, "a") == (
        "local.gguf: a needs 8.2 GiB of memory with its contexts, this machine has 8.0; serve a smaller file"
    )
    assert memory_problem(700 * GIB, None, "a") is None
