"""Does the hub's own client do what we rely on, and are its errors told in one line each?"""

from __future__ import annotations

import hashlib

import pytest
from fake_hub import COMMIT, FakeHub
from weight_cache.config import Snapshot
from weight_cache.digest import Digest
from weight_cache.errors import AccessDeniedError, ConflictError, NotFoundError, UnreachableError
from weight_cache.hub import HubSource

TOKEN = "hf_very_secret_value"
FILES = {
    "config.json": b"{}",
    "model-00001-of-00001.safetensors": b"w" * 5000,
    "original/consolidated.00.pth": b"x",
    "consolidated.00.pth": b"x",
    "original/params.json": b"x",
    "model.gguf": b"x",
}
WANTED = {"config.json": 2, "model-00001-of-00001.safetensors": 5000}


def source(hub_url: str, token: str | None = None, revision: str = "main") -> HubSource:
    return HubSource(Snapshot("org/model", revision, None), token, "the secret 'hf/token'", endpoint=hub_url)


def test_a_snapshot_is_listed_and_fetched_at_one_commit_without_second_copies(tmp_path):
    """The branch is looked up once; .pth, original/ and .gguf are neither listed nor fetched; the token is sent."""
    with FakeHub(FILES).running() as hub:
        place = source(hub.url, TOKEN)
        manifest = place.manifest()
        place.fetch(manifest, tmp_path)
    assert (manifest.revision, manifest.sizes) == (COMMIT, WANTED)
    fetched = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert {name for name in fetched if not name.startswith(".cache/")} == set(WANTED)
    assert (tmp_path / "model-00001-of-00001.safetensors").read_bytes() == b"w" * 5000
    assert hub.tokens == {f"Bearer {TOKEN}"}
    assert {path for _, path in hub.requests if "/resolve/" in path} == {
        f"/org/model/resolve/{COMMIT}/{name}" for name in WANTED
    }


def test_every_file_comes_with_what_the_hub_published_of_it(tmp_path):
    """Weights by SHA-256, small files as git knows them; a file that changed on its way does not match."""
    with FakeHub(FILES).running() as hub:
        hub.published = {"config.json": b"[]"}
        place = source(hub.url)
        manifest = place.manifest()
        place.fetch(manifest, tmp_path)
    weights = "model-00001-of-00001.safetensors"
    assert manifest.digests[weights] == Digest("sha256", hashlib.sha256(b"w" * 5000).hexdigest())
    assert manifest.digests["config.json"].algorithm == "git-sha1"
    assert {path: digest.matches(tmp_path / path) for path, digest in manifest.digests.items()} == {
        weights: True,
        "config.json": False,
    }


def test_another_commit_than_the_one_asked_for_is_refused():
    """A mirror that answers with what it has would end the pinning silently."""
    with FakeHub(FILES).running() as hub:
        hub.commit = "b" * 40
        assert source(hub.url).manifest().revision == "b" * 40
        with pytest.raises(ConflictError) as caught:
            source(hub.url, revision=COMMIT).manifest()
    assert str(caught.value) == (f"org/model at {COMMIT}: the hub answered with commit {'b' * 40}; check HF_ENDPOINT")


def test_a_download_that_broke_off_is_continued(tmp_path):
    """Cut after 11 of 12 MiB, the client asks for what follows its last whole piece of 10 MiB, not for everything."""
    content = bytes(range(256)) * 4096 * 12
    with FakeHub({"model.safetensors": content}).running() as hub:
        hub.cut_after = 11 * 1024 * 1024
        place = source(hub.url)
        place.fetch(place.manifest(), tmp_path)
    assert (tmp_path / "model.safetensors").read_bytes() == content
    assert hub.ranges == ["bytes=10485760-"]


SET_A_TOKEN = "set model.token_secret to a secret that holds a token of an account with access"
CHECK_THE_TOKEN = "check that the token in the secret 'hf/token' is valid and belongs to an account with access"


@pytest.mark.parametrize(
    ("refusal", "token", "kind", "message"),
    [
        (
            (403, "GatedRepo"),
            TOKEN,
            AccessDeniedError,
            f" is gated: accept its licence on the hub, and {CHECK_THE_TOKEN}",
        ),
        ((401, "GatedRepo"), None, AccessDeniedError, f" is gated: accept its licence on the hub, and {SET_A_TOKEN}"),
        ((403, ""), TOKEN, AccessDeniedError, f": the hub answered 403; {CHECK_THE_TOKEN}"),
        (
            (404, "RevisionNotFound"),
            TOKEN,
            NotFoundError,
            ": the hub has the model but not this revision; check model.revision",
        ),
        (
            (404, "RepoNotFound"),
            None,
            NotFoundError,
            f": the hub shows no such model; check model.id or, if it is private, {SET_A_TOKEN}",
        ),
        ((500, ""), TOKEN, UnreachableError, ": the hub answered 500; run again later"),
    ],
    ids=["gated", "gated without token", "forbidden", "no revision", "no repository", "hub fails"],
)
def test_each_refusal_of_the_hub_is_one_line_without_the_token(refusal, token, kind, message):
    """What to do stands in the line, the token and the hub's own essay do not."""
    with FakeHub(FILES, refusal).running() as hub, pytest.raises(kind) as caught:
        source(hub.url, token).manifest()
    assert str(caught.value) == "org/model at main" + message


def test_a_hub_that_cannot_be_reached_is_said_so():
    """A task without a route to the hub gets its own exit code."""
    with pytest.raises(UnreachableError, match="the hub cannot be reached"):
        source("http://127.0.0.1:9").manifest()


def test_a_repository_of_skipped_files_only_is_refused():
    """An empty snapshot would let the engine start into nothing."""
    with FakeHub({"model.gguf": b"x"}).running() as hub, pytest.raises(NotFoundError) as caught:
        source(hub.url).manifest()
    assert str(caught.value) == (
        "org/model at main has no file besides *.pth, original/*, *.gguf, which are not downloaded"
    )
