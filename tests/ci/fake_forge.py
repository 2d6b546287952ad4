"""GitHub's and GitLab's API over real HTTP, as far as a comment needs them; strict, and able to refuse."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.components.runpod.fake_runpod import Answer

if TYPE_CHECKING:
    from tests.components.runpod.fake_runpod import Asked

TOKEN = "ghs_SENTINELTOKEN0123456789"
LONGEST = 65_536


@dataclass
class FakeForge:
    """Comments of one change, what was asked, and what the next requests of a method are answered with."""

    kind: str
    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    state: str = "open"
    merged: bool = True
    asked: list[Asked] = field(default_factory=list)
    next: list[tuple[str, Answer]] = field(default_factory=list)
    release: Any = None

    def methods(self) -> list[str]:
        return [one.method for one in self.asked]

    def handle(self, asked: Asked) -> Answer:  # noqa: PLR0911 - a route each
        self.asked.append(asked)
        for index, (method, answer) in enumerate(self.next):
            if method == asked.method:
                del self.next[index]
                return answer
        given = asked.headers.get("Authorization" if self.kind == "github" else "PRIVATE-TOKEN")
        if given != (f"Bearer {TOKEN}" if self.kind == "github" else TOKEN):
            return Answer(401, {"message": "Bad credentials"})
        parts = urlsplit(asked.path)
        path, query = parts.path, parse_qs(parts.query)
        last = path.rpartition("/")[2]
        if path.endswith(("/comments", "/notes")):
            return self._created(asked.body) if asked.method == "POST" else self._page(path, query)
        if "/comments/" in path or "/notes/" in path:
            expected = "PATCH" if self.kind == "github" else "PUT"
            if asked.method != expected:
                return Answer(405, {"message": "Method Not Allowed"})
            one = next(each for each in self.comments if each["id"] == int(last))
            one["body"] = asked.body["body"]
            return Answer(200, one)
        if path.endswith("/labels"):
            return Answer(200, [{"name": one} for one in self.labels])
        if "/commits/" in path:
            merged = {"number": 12, "iid": 12, "merged_at": "2026-11-21T12:00:00Z", "state": "merged"}
            return Answer(200, [merged] if self.merged else [])
        if "/pulls/" in path or "/merge_requests/" in path:
            return Answer(200, {"state": self.state, "labels": self.labels})
        return Answer(404, {"message": "Not Found"})

    def _created(self, body: dict[str, Any]) -> Answer:
        if self.kind == "github" and len(body["body"]) > LONGEST:
            return Answer(422, {"message": "Validation Failed: body is too long (maximum is 65536 characters)"})
        made = {"id": 1000 + len(self.comments), "body": body["body"]}
        self.comments.append(made)
        return Answer(201, made)

    def _page(self, path: str, query: dict[str, list[str]]) -> Answer:
        size, number = min(int(query.get("per_page", ["20"])[0]), 100), int(query.get("page", ["1"])[0])
        shown = self.comments[(number - 1) * size : number * size]
        headers = {}
        if number * size < len(self.comments):
            there = f"{self.url}{path}?per_page={size}&page={number + 1}"
            headers["Link"] = f'<{self.url}{path}?page=1>; rel="first", <{there}>; rel="next"'
        return Answer(200, shown, headers)
