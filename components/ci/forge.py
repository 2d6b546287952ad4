"""What does a forge know of a change: its comment, labels, whether it is closed? GitHub and GitLab in one shape."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from components.ci.api import Api
from components.ci.exit_codes import COMMENT, CiError
from components.ci.markdown import GITHUB_LIMIT, GITLAB_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment of a change."""

    id: int
    body: str


class Forge(Protocol):
    """What a command needs of a forge."""

    @property
    def limit(self) -> int: ...

    def comments(self) -> Iterator[Comment]: ...
    def create(self, body: str) -> None: ...
    def edit(self, comment: Comment, body: str) -> None: ...
    def labels(self) -> set[str]: ...
    def is_closed(self, number: int) -> bool: ...


@dataclass(frozen=True, slots=True)
class Github:
    """A pull request; `number` is None where the workflow is about none."""

    api: Api
    repository: str
    number: int | None
    limit: int = GITHUB_LIMIT

    def comments(self) -> Iterator[Comment]:
        path = f"repos/{self.repository}/issues/{self._here()}/comments?per_page={_PER_PAGE}"
        return (Comment(one["id"], one.get("body") or "") for one in self.api.pages(path))

    def create(self, body: str) -> None:
        self.api.ask("POST", f"repos/{self.repository}/issues/{self._here()}/comments", {"body": body})

    def edit(self, comment: Comment, body: str) -> None:
        self.api.ask("PATCH", f"repos/{self.repository}/issues/comments/{comment.id}", {"body": body})

    def labels(self) -> set[str]:
        path = f"repos/{self.repository}/issues/{self._here()}/labels?per_page={_PER_PAGE}"
        return {one["name"] for one in self.api.pages(path)}

    def is_closed(self, number: int) -> bool:
        return self.api.ask("GET", f"repos/{self.repository}/pulls/{number}")["state"] == "closed"

    def merged_as(self, commit: str) -> Github | None:
        """Return the pull request by which a commit came to its branch."""
        found = self.api.pages(f"repos/{self.repository}/commits/{quote(commit)}/pulls")
        merged = [one for one in found if one.get("merged_at")]
        return Github(self.api, self.repository, merged[0]["number"]) if merged else None

    def _here(self) -> int:
        if self.number is None:
            raise CiError("GITHUB_EVENT_PATH: the event is about no pull request; use --comment none", COMMENT)
        return self.number


@dataclass(frozen=True, slots=True)
class Gitlab:
    """A merge request; `number` is its iid, None where the pipeline is about none."""

    api: Api
    project: str
    number: int | None
    limit: int = GITLAB_LIMIT

    def comments(self) -> Iterator[Comment]:
        path = f"projects/{self.project}/merge_requests/{self._here()}/notes?per_page={_PER_PAGE}"
        return (Comment(one["id"], one.get("body") or "") for one in self.api.pages(path) if not one.get("system"))

    def create(self, body: str) -> None:
        self.api.ask("POST", f"projects/{self.project}/merge_requests/{self._here()}/notes", {"body": body})

    def edit(self, comment: Comment, body: str) -> None:
        path = f"projects/{self.project}/merge_requests/{self._here()}/notes/{comment.id}"
        self.api.ask("PUT", path, {"body": body})

    def labels(self) -> set[str]:
        return set(self.api.ask("GET", f"projects/{self.project}/merge_requests/{self._here()}")["labels"])

    def is_closed(self, number: int) -> bool:
        return self.api.ask("GET", f"projects/{self.project}/merge_requests/{number}")["state"] in ("closed", "merged")

    def merged_as(self, commit: str) -> Gitlab | None:
        """Return the merge request by which a commit came to its branch."""
        path = f"projects/{self.project}/repository/commits/{quote(commit)}/merge_requests"
        merged = [one for one in self.api.pages(path) if one.get("state") == "merged"]
        return Gitlab(self.api, self.project, merged[0]["iid"]) if merged else None

    def _here(self) -> int:
        if self.number is None:
            raise CiError("CI_MERGE_REQUEST_IID: the pipeline is about no merge request; use --comment none", COMMENT)
        return self.number


def forge_of(kind: str, environment: Mapping[str, str] = os.environ) -> Github | Gitlab:
    """Return the forge that this environment tells of; CiError for what it does not tell."""
    if kind == "github":
        token = _needed(environment, "GITHUB_TOKEN", "set it to the workflow's token")
        repository = _needed(environment, "GITHUB_REPOSITORY", "GitHub sets it in a workflow")
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        api = Api(environment.get("GITHUB_API_URL", "https://api.github.com"), headers)
        return Github(api, repository, _pull_request(environment))
    token = _needed(
        environment, "GITLAB_TOKEN", "make a project token that may use the API: a job's own cannot comment"
    )
    project = _needed(environment, "CI_PROJECT_ID", "GitLab sets it in a pipeline")
    number = environment.get("CI_MERGE_REQUEST_IID", "")
    api = Api(environment.get("CI_API_V4_URL", "https://gitlab.com/api/v4"), {"PRIVATE-TOKEN": token})
    return Gitlab(api, quote(project, safe=""), int(number) if number.isdigit() else None)


def known_labels(environment: Mapping[str, str] = os.environ) -> set[str]:
    """Return the labels as they were when the run began: all that is known without a token."""
    found = {one["name"] for one in (_event(environment).get("pull_request") or {}).get("labels") or ()}
    return found | {one for one in environment.get("CI_MERGE_REQUEST_LABELS", "").split(",") if one}


def _pull_request(environment: Mapping[str, str]) -> int | None:
    event = _event(environment)
    number = (event.get("pull_request") or {}).get("number") or event.get("number")
    if number is None and (event.get("issue") or {}).get("pull_request"):
        number = event["issue"]["number"]
    return number if isinstance(number, int) else None


def _event(environment: Mapping[str, str]) -> dict[str, Any]:
    path = environment.get("GITHUB_EVENT_PATH")
    if not path or not Path(path).is_file():
        return {}
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _needed(environment: Mapping[str, str], name: str, fix: str) -> str:
    value = environment.get(name)
    if not value:
        raise CiError(f"{name}: is not set; {fix}", COMMENT)
    return value
