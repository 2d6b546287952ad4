"""Is it certain what runs: which weights, and which image?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policies.kinds import RUNPOD_ENDPOINT, SAGEMAKER_MODEL, TASK
from policies.resources import MODEL_SERVICE
from policies.rule import NotApplicable, Rule, each
from policies.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policies.rule import Finding, Subject

_COMMIT = re.compile(r"[0-9a-f]{40}")
_DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")
_TAG = re.compile(r".+/?[^/]+:(?P<tag>[\w][\w.-]*)")
_REVISIONS = {
    "HF_MODEL_ID": "HF_MODEL_REVISION",
    "SM_VLLM_MODEL": "SM_VLLM_REVISION",
    "MODEL_NAME": "MODEL_REVISION",
    "BERTH_MODEL_ID": "BERTH_MODEL_REVISION",
}
"""The variable that names a model of the Hub, and the one that pins it, for each image."""


def _pinned(value: Value) -> Iterator[Finding]:
    revision = value.text()
    if revision is None:
        yield f"{value.path} is missing, so replicas may serve different weights"
    elif not _COMMIT.fullmatch(revision):
        yield f"{value.path}: {revision} can be moved to other weights"


def _service_revision(subject: Subject) -> Iterator[Finding]:
    if subject.target == "local":
        yield NotApplicable("the target local names its model file")
        return
    model = subject.props["spec"]["model"]
    yield from each([model["revision"]], _pinned)


def _variables(environment: Mapping[str, Value]) -> Iterator[Finding]:
    for name, pin in _REVISIONS.items():
        model = environment[name].text() if name in environment else None
        source = environment.get("BERTH_MODEL_SOURCE", _HUB).text()
        # A path is what SageMaker copied from a bucket.
        if model is not None and not model.startswith("/") and source != "s3":
            yield from each([environment.get(pin, Value(None, pin))], _pinned)


_HUB = Value("hub")


def _model_revision(subject: Subject) -> Iterator[Finding]:
    yield from _variables(dict(subject.props["primaryContainer"]["environment"].entries()))


def _runpod_revision(subject: Subject) -> Iterator[Finding]:
    yield from _variables(dict(subject.props["env"].entries()))


def _task_revision(subject: Subject) -> Iterator[Finding]:
    yield from each(containers(subject), lambda one: _variables(variables(one)))


def containers(subject: Subject) -> tuple[Value, ...]:
    """Return the containers of a task definition, which are JSON in a text."""
    return subject.props["containerDefinitions"].document().each()


def variables(container: Value) -> dict[str, Value]:
    """Return the variables of a container of a task definition."""
    pairs = [(one["name"].text(), one["value"]) for one in container["environment"].each()]
    return {name: value for name, value in pairs if name is not None}


def _image(subject: Subject, value: Value) -> Iterator[Finding]:
    image = value.text()
    if image is None or _DIGEST.fullmatch(image):
        return
    tag = _TAG.fullmatch(image.partition("@")[0])
    if subject.settings["requireDigest"]:
        yield f"{value.path}: {image} has no digest, so it can change without anyone noticing"
    elif tag is None or tag["tag"] == "latest":
        yield f"{value.path}: {image} is whatever was pushed last"


def _service_image(subject: Subject) -> Iterator[Finding]:
    if subject.target == "local":
        yield NotApplicable("the target local runs no image")
        return
    images = [value for _, value in subject.props["plan"]["images"].entries()]
    yield from each(images, lambda one: _image(subject, one))


def _model_image(subject: Subject) -> Iterator[Finding]:
    yield from _image(subject, subject.props["primaryContainer"]["image"])


def _runpod_image(subject: Subject) -> Iterator[Finding]:
    yield from _image(subject, subject.props["image"])


def _task_image(subject: Subject) -> Iterator[Finding]:
    yield from each(containers(subject), lambda one: _image(subject, one["image"]))


RULES = [
    Rule(
        name="model-revision-pinned",
        about="Every replica serves the same weights, today and tomorrow.",
        remedy="set model.revision to a commit of 40 hex digits",
        severity="high",
        level="mandatory",
        checks={
            MODEL_SERVICE: _service_revision,
            SAGEMAKER_MODEL: _model_revision,
            RUNPOD_ENDPOINT: _runpod_revision,
            TASK: _task_revision,
        },
    ),
    Rule(
        name="image-pinned",
        about="Every replica runs the same image, today and tomorrow.",
        remedy="name the image with its tag, in production with its digest",
        severity="high",
        level="mandatory",
        checks={
            MODEL_SERVICE: _service_image,
            SAGEMAKER_MODEL: _model_image,
            RUNPOD_ENDPOINT: _runpod_image,
            TASK: _task_image,
        },
        settings={
            "requireDigest": {"type": "boolean", "default": False, "description": "true asks for name@sha256:digest."}
        },
    ),
]
