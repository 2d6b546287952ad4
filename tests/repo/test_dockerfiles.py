"""Every Dockerfile keeps the rules that its image is trusted by; nothing here needs Docker."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from dockerfile import CONTEXTS, IMAGES, Dockerfile

from components.catalogue.images import engine_image

HASHED = re.compile(
    r"^(?P<name>[a-z0-9._-]+)==(?P<version>[^ ;\\]+)[^\\\n]*\\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n)+", re.MULTILINE
)
NUMERIC_USER = re.compile(r"[1-9][0-9]*:[0-9]+")
SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|CREDENTIAL|API_?KEY|PRIVATE", re.IGNORECASE)


@pytest.fixture(params=CONTEXTS)
def dockerfile(request: pytest.FixtureRequest) -> Dockerfile:
    return Dockerfile.read(request.param)


def test_every_image_has_a_dockerfile_that_is_checked_here() -> None:
    """A new one must be added to the list, or it would keep no rule."""
    assert {path.parent.name for path in IMAGES.glob("*/Dockerfile*") if path.suffix == ""} == set(CONTEXTS)


@pytest.mark.parametrize("image", CONTEXTS)
def test_hadolint_finds_nothing(image: str) -> None:
    """The linter itself, with no rule switched off."""
    program = Path(sys.executable).parent / "hadolint"
    done = subprocess.run(
        [program, "--no-color", f"images/{image}/Dockerfile"],
        cwd=IMAGES.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_every_base_is_an_argument_that_a_release_pins(dockerfile: Dockerfile) -> None:
    """FROM names no image itself; the argument's default is the tag of bases.env, and the first step checks it."""
    bases = [one.words[0] for one in dockerfile.all("FROM")]
    names = {base.removeprefix("${").removesuffix("}") for base in bases}
    assert bases == [f"${{{name}}}" for name in names for _ in bases]
    written = dict(line.split("=", 1) for line in (IMAGES / "bases.env").read_text().splitlines() if line[0] != "#")
    assert dockerfile.defaults == {name: written[name].partition("@")[0] for name in names}
    (check,) = (one for one in dockerfile.all("RUN", 1) if "BERTH_RELEASE" in one.value)
    assert [one.value for one in dockerfile.all("ARG", 1)] == [*names, "BERTH_RELEASE=0"]
    assert dockerfile.all("RUN")[0] is check


@pytest.mark.parametrize(
    ("release", "suffix", "code"),
    [
        ("0", "", 0),
        ("0", "@sha256:PLACEHOLDER", 0),
        ("1", "@sha256:" + "0a" * 32, 0),
        ("1", "", 1),
        ("1", "@sha256:PLACEHOLDER", 1),
    ],
)
def test_the_build_itself_refuses_a_release_from_a_tag(
    dockerfile: Dockerfile, release: str, suffix: str, code: int
) -> None:
    """Its first step, run here with a shell: a tag is for a build of one's own, and says where to look else."""
    (name, reference), *_ = dockerfile.defaults.items()
    step = dockerfile.all("RUN")[0].value
    environment = {"BERTH_RELEASE": release, name: reference + suffix, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["/bin/sh", "-c", step], env=environment, capture_output=True, text=True, check=False)
    refusal = f"{name}={reference}{suffix} names no digest; see images/bases.env\n"
    assert (done.returncode, done.stderr) == (code, refusal if code else "")


def test_the_image_is_another_stage_than_the_build(dockerfile: Dockerfile) -> None:
    """What only building needs stays behind."""
    assert [one.value.partition(" AS ")[2] for one in dockerfile.all("FROM")] == ["build", ""]
    taken = {one.words[0] for one in dockerfile.final("COPY") if "from" in one.flags}
    assert taken != set()
    assert taken & {"/", "/build", "/opt/build", "/opt"} == set()


def test_the_user_is_a_number_and_not_root(dockerfile: Dockerfile) -> None:
    """A number, since Kubernetes and ECS cannot tell whether a name is root; nothing changes it afterwards."""
    (user,) = dockerfile.final("USER")
    assert NUMERIC_USER.fullmatch(user.value)
    assert {one.name for one in dockerfile.instructions[dockerfile.instructions.index(user) + 1 :]} <= {
        "WORKDIR",
        "EXPOSE",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "ENTRYPOINT",
    }


def test_nothing_of_the_image_belongs_to_its_user(dockerfile: Dockerfile) -> None:
    """A process that is taken over cannot change the program: files are root's."""
    assert {one.flags["chown"] for one in dockerfile.final("COPY")} == {"0:0"}


def test_no_shell_is_needed_at_run_time(dockerfile: Dockerfile) -> None:
    """Entry point and health check are lists of words, with the full path of their program."""
    (entrypoint,) = dockerfile.final("ENTRYPOINT")
    assert entrypoint.words[0].startswith("/opt/")
    (health,) = dockerfile.final("HEALTHCHECK")
    command = health.value.partition("CMD ")[2]
    assert health.value == "NONE" or command.startswith('["/opt/')
    assert dockerfile.final("CMD") == []


def test_only_the_job_has_no_health_check() -> None:
    """A container that ends is judged by its exit code."""
    without = {image for image in CONTEXTS if Dockerfile.read(image).final("HEALTHCHECK")[0].value == "NONE"}
    assert without == {"weight_cache"}


def test_the_signal_that_ends_it_is_said(dockerfile: Dockerfile) -> None:
    """All of them drain or give up a lock on SIGTERM."""
    assert [one.value for one in dockerfile.final("STOPSIGNAL")] == ["SIGTERM"]


def test_labels_say_what_is_in_it_and_what_it_writes(dockerfile: Dockerfile) -> None:
    """OCI's own labels, filled in by the workflow where they change; and the paths that a read-only root must leave."""
    assert dockerfile.labels | {"org.opencontainers.image.title": "", "org.opencontainers.image.description": ""} == {
        "org.opencontainers.image.title": "",
        "org.opencontainers.image.description": "",
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.version": "${VERSION}",
        "org.opencontainers.image.revision": "${REVISION}",
        "berth.writable-paths": {
            "gateway": "",
            "weight_cache": "BERTH_MODELS_DIR",
            "runpod_worker": "/tmp /home/vllm /runpod-volume",  # noqa: S108 a label
        }[dockerfile.image],
    }
    assert dockerfile.environment["PYTHONDONTWRITEBYTECODE"] == "1"


def test_nothing_comes_from_the_network_but_packages_with_a_hash(dockerfile: Dockerfile) -> None:
    """No ADD, no download, no system packages; pip installs a hashed lock, or a wheel that was built here."""
    assert dockerfile.all("ADD") == []
    steps = [step for one in dockerfile.all("RUN") for step in one.value.split("&&")]
    assert [step for step in steps if re.search(r"curl|wget|apt|apk|\bgit\b|http", step)] == []
    installs = [step for step in steps if " install " in step]
    assert len(installs) >= 3
    assert [step for step in installs if "--require-hashes" not in step and "--no-index" not in step] == []
    assert [step for step in installs if "--no-deps" not in step or "--no-cache-dir" not in step] == []


def test_no_secret_is_built_in(dockerfile: Dockerfile) -> None:
    """Arguments and environment stay in the image's history for everybody who can pull it."""
    names = [word.partition("=")[0] for kind in ("ARG", "ENV") for one in dockerfile.all(kind) for word in one.words]
    assert names != []
    assert [name for name in names if SECRET.search(name)] == []
    assert [one for one in dockerfile.all("RUN") if "--mount=type=secret" in one.value] == []


def test_everything_that_is_copied_is_there_and_gets_into_the_context(dockerfile: Dockerfile) -> None:
    """Each source exists below the context and is let in by the ignore file, which lets in nothing besides."""
    copied = [source for one in dockerfile.all("COPY") if "from" not in one.flags for source in one.words[:-1]]
    assert [source for source in copied if not (dockerfile.context / source).exists()] == []
    assert [source for source in copied if not dockerfile.reaches(source)] == []
    assert sorted(dockerfile.let_in()) == sorted(set(copied))


@pytest.mark.parametrize("image", CONTEXTS)
def test_the_lock_holds_what_the_image_asks_for_with_hashes(image: str) -> None:
    """Each direct dependency, those of extras too, at the version of pyproject.toml; `make lock` writes it anew."""
    project = tomllib.loads((IMAGES / image / "pyproject.toml").read_text())
    extras = project["project"].get("optional-dependencies", {}).values()
    asked = [*project["project"]["dependencies"], *(line for extra in extras for line in extra)]
    pinned = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower(): re.search(r"==([^;\s]+)", line)[1] for line in asked}
    lock = (IMAGES / image / "requirements.lock").read_text()
    locked = {found["name"]: found["version"] for found in HASHED.finditer(lock)}
    assert {name: locked.get(name) for name in pinned} == pinned
    assert len(locked) == len(re.findall(r"^[a-z0-9]\S*==", lock, re.MULTILINE))
    build = (IMAGES / image / "requirements-build.lock").read_text()
    built_with = {f"{found['name']}=={found['version']}" for found in HASHED.finditer(build)}
    assert set(project["build-system"]["requires"]) <= built_with


def test_the_workers_engine_is_the_one_of_the_catalogue() -> None:
    """One version of vLLM on ECS and behind RunPod's load balancer: the plan's flags are checked against it."""
    assert Dockerfile.read("runpod_worker").defaults["VLLM_IMAGE"] == (
        f"docker.io/{engine_image('ecs', 'vllm', None).image}"
    )
