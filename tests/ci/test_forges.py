"""One comment for a change, on GitHub and on GitLab, whatever the forge answers; the token is in no message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from components.ci.api import Api, ApiError
from components.ci.exit_codes import COMMENT, CiError
from components.ci.forge import Github, Gitlab, forge_of, known_labels
from components.ci.markdown import GITHUB_LIMIT, MARKER
from components.ci.reviewed import Reviewed, reviewed
from components.ci.sticky import post, sticky
from tests.ci.fake_forge import TOKEN, FakeForge
from tests.components.runpod.fake_runpod import Answer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = f"{MARKER}\n<!-- berth-digests prod=sha256:ab -->\nbody\n"
WRITES = {"github": "PATCH", "gitlab": "PUT"}


@pytest.fixture(params=["github", "gitlab"])
def served(request: pytest.FixtureRequest) -> Iterator[FakeForge]:
    fake = FakeForge(request.param)
    with serving(Released(fake), fake.handle):
        yield fake


class Released:
    """What `serving` tells its address, and what it ends with."""

    def __init__(self, fake: FakeForge) -> None:
        import threading

        self._fake, self.release = fake, threading.Event()

    @property
    def url(self) -> str:
        return self._fake.url

    @url.setter
    def url(self, value: str) -> None:
        self._fake.url = value


def forge(fake: FakeForge, slept: list[float] | None = None) -> Github | Gitlab:
    """The client, with a clock that only notes how long it would have slept."""
    slept = [] if slept is None else slept
    headers = {"Authorization": f"Bearer {TOKEN}"} if fake.kind == "github" else {"PRIVATE-TOKEN": TOKEN}
    api = Api(fake.url, headers, sleep=slept.append, now=lambda: 1000.0)
    return Github(api, "acme/models", 12) if fake.kind == "github" else Gitlab(api, "42", 12)


def test_a_first_report_is_posted_and_the_next_one_edits_it(served: FakeForge) -> None:
    """There is one comment, and it says what is true now."""
    assert post(forge(served), PAGE, is_news=True, always=False) == "created"
    assert post(forge(served), PAGE.replace("body", "more"), is_news=True, always=False) == "edited"
    assert [one["body"] for one in served.comments] == [PAGE.replace("body", "more")]
    assert served.methods()[-1] == WRITES[served.kind]


def test_the_same_report_is_not_sent_again(served: FakeForge) -> None:
    """An edit tells everybody who follows a change."""
    served.comments.append({"id": 1, "body": PAGE})
    assert post(forge(served), PAGE, is_news=True, always=False) == "left as it is"
    assert set(served.methods()) == {"GET"}


def test_nothing_is_posted_when_nothing_changes_unless_asked(served: FakeForge) -> None:
    """An earlier report is corrected all the same, as it would be wrong by now."""
    assert post(forge(served), PAGE, is_news=False, always=False) == "not posted: nothing changes"
    assert served.comments == []
    assert post(forge(served), PAGE, is_news=False, always=True) == "created"
    assert post(forge(served), PAGE.replace("body", "none"), is_news=False, always=False) == "edited"


def test_the_comment_is_found_on_a_later_page(served: FakeForge) -> None:
    """Two hundred and fifty comments are three pages; the report is on the last."""
    served.comments += [{"id": at, "body": f"comment {at}"} for at in range(250)]
    served.comments.append({"id": 999, "body": PAGE})
    assert post(forge(served), PAGE + "x", is_news=True, always=False) == "edited"
    assert len([one for one in served.asked if one.method == "GET"]) == 3
    assert len(served.comments) == 251


def test_a_page_on_another_host_is_not_asked_for(served: FakeForge) -> None:
    """It would be sent the token."""
    link = {"Link": '<https://evil.example/x?page=2>; rel="next"'}
    served.next.append(("GET", Answer(200, [], link)))
    with pytest.raises(ApiError, match=r"the next page is said to be on another host, evil\.example"):
        sticky(forge(served))


def test_a_comment_that_quotes_the_marker_is_somebody_elses(served: FakeForge) -> None:
    """The marker counts at the beginning alone."""
    served.comments.append({"id": 1, "body": f"> {PAGE}"})
    assert post(forge(served), PAGE, is_news=True, always=False) == "created"


def test_a_refusal_names_the_right_that_is_missing_and_no_token(served: FakeForge) -> None:
    """403 without a limit is final: it is not asked again."""
    slept: list[float] = []
    served.next.append(("POST", Answer(403, {"message": "Resource not accessible by integration"})))
    with pytest.raises(ApiError) as raised:
        post(forge(served, slept), PAGE, is_news=True, always=False)
    path = (
        "/repos/acme/models/issues/12/comments" if served.kind == "github" else "/projects/42/merge_requests/12/notes"
    )
    assert str(raised.value) == (
        f"POST {path}: 403: Resource not accessible by integration; the token may not do this: comments need"
        " pull-requests: write on GitHub, a project token on GitLab"
    )
    assert (raised.value.status, raised.value.code, slept) == (403, COMMENT, [])


def test_what_is_too_long_is_refused_with_the_forges_own_words(served: FakeForge) -> None:
    """422 is final, too: the page is to be cut before."""
    served.next.append(("POST", Answer(422, {"message": "body is too long"})))
    with pytest.raises(ApiError, match=r"422: body is too long$"):
        post(forge(served), PAGE, is_news=True, always=False)
    assert served.methods().count("POST") == 1


def test_a_rate_limit_is_waited_for_as_long_as_it_says(served: FakeForge) -> None:
    """Retry-After first; a refused request was not carried out, so that a POST is sent again, too."""
    slept: list[float] = []
    served.next.append(("POST", Answer(429, {"message": "slow down"}, {"Retry-After": "7"})))
    assert post(forge(served, slept), PAGE, is_news=True, always=False) == "created"
    assert (slept, len(served.comments)) == ([7.0], 1)


def test_githubs_own_limit_is_a_403_with_an_instant(served: FakeForge) -> None:
    """`x-ratelimit-reset` is a time of day: waited until a second after it."""
    slept: list[float] = []
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1020"}
    served.next.append(("GET", Answer(403, {"message": "API rate limit exceeded"}, headers)))
    assert sticky(forge(served, slept)) is None
    assert slept == [21.0]


def test_a_limit_that_lasts_too_long_is_said_and_not_waited_for(served: FakeForge) -> None:
    """A job that sleeps for an hour costs more than a missing comment."""
    slept: list[float] = []
    served.next.append(("GET", Answer(429, {"message": "slow down"}, {"Retry-After": "3600"})))
    with pytest.raises(ApiError, match="429: slow down; asked to wait for 3,600 seconds, which is too long"):
        sticky(forge(served, slept))
    assert slept == []


def test_a_failing_server_is_asked_again_where_that_does_no_harm(served: FakeForge) -> None:
    """Reading is; a comment that it may have taken is not sent twice."""
    slept: list[float] = []
    served.next += [("GET", Answer(502, b"<html>")), ("GET", Answer(503, {}))]
    assert sticky(forge(served, slept)) is None
    assert slept == [1.0, 2.0]
    served.next.append(("POST", Answer(502, b"<html>")))
    with pytest.raises(ApiError, match=r": 502$"):
        post(forge(served), PAGE, is_news=True, always=False)
    assert served.methods().count("POST") == 1


def test_a_comment_whose_answer_was_lost_is_not_sent_twice(served: FakeForge) -> None:
    """The forge may have it: a second one would stay beside it for ever."""
    slept: list[float] = []
    api = forge(served, slept).api
    with pytest.raises(ApiError, match="no answer from 127"):
        Api("http://127.0.0.1:1", api.headers, sleep=slept.append).ask("POST", "x", {})
    assert slept == []


def test_nobody_who_answers_is_said_with_the_host(served: FakeForge) -> None:
    """After four tries; the message has the kind of the error, and no header."""
    slept: list[float] = []
    api = Api("http://127.0.0.1:1", {"Authorization": TOKEN}, sleep=slept.append)
    with pytest.raises(ApiError) as raised:
        list(Github(api, "acme/models", 12).comments())
    assert "no answer from 127.0.0.1:1" in str(raised.value)
    assert TOKEN not in str(raised.value) + repr(api)
    assert slept == [1.0, 2.0, 4.0]


def environment(fake: FakeForge, event: Path) -> dict[str, str]:
    """What a run on the forge has around it."""
    if fake.kind == "github":
        return {
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOSITORY": "acme/models",
            "GITHUB_API_URL": fake.url,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_SHA": "ab" * 20,
        }
    return {
        "GITLAB_TOKEN": TOKEN,
        "CI_PROJECT_ID": "42",
        "CI_API_V4_URL": fake.url,
        "CI_MERGE_REQUEST_IID": "12",
        "CI_COMMIT_SHA": "ab" * 20,
    }


def test_everything_comes_from_the_environment_of_the_run(served: FakeForge, tmp_path: Path) -> None:
    """The number from the event, the labels as they are now."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 12, "labels": [{"name": "old"}]}}))
    served.labels = ["cost-approved"]
    found = forge_of(served.kind, environment(served, event))
    assert (found.number, found.labels()) == (12, {"cost-approved"})
    assert known_labels({"GITHUB_EVENT_PATH": str(event), "CI_MERGE_REQUEST_LABELS": "a,b"}) == {"old", "a", "b"}


def test_a_closed_change_is_known_to_be_closed(served: FakeForge) -> None:
    """What is merged is closed."""
    assert forge(served).is_closed(12) is False
    served.state = "closed" if served.kind == "github" else "merged"
    assert forge(served).is_closed(12) is True


def test_what_was_reviewed_is_in_the_comment_of_the_merged_change(served: FakeForge, tmp_path: Path) -> None:
    """A commit that nobody reviewed cannot be compared with anything."""
    around = environment(served, tmp_path / "none.json")
    served.comments.append({"id": 1, "body": PAGE})
    assert reviewed(served.kind, "prod", around) == Reviewed("sha256:ab", "the comment of #12")
    with pytest.raises(CiError, match="#12 has no report of dev, so nobody reviewed it") as raised:
        reviewed(served.kind, "dev", around)
    assert raised.value.code == 6
    served.merged = False
    with pytest.raises(CiError, match="no merged change has this commit"):
        reviewed(served.kind, "prod", around)


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        ("github", {}, "GITHUB_TOKEN: is not set; set it to the workflow's token"),
        ("github", {"GITHUB_TOKEN": "x"}, "GITHUB_REPOSITORY: is not set; GitHub sets it in a workflow"),
        (
            "gitlab",
            {},
            "GITLAB_TOKEN: is not set; make a project token that may use the API: a job's own cannot comment",
        ),
    ],
)
def test_what_the_environment_lacks_is_named(kind: str, given: dict[str, str], message: str) -> None:
    """With where it comes from."""
    with pytest.raises(CiError) as raised:
        forge_of(kind, given)
    assert (str(raised.value), raised.value.code) == (message, COMMENT)


def test_a_run_that_is_about_no_pull_request_says_so() -> None:
    """A push has an event, too."""
    found = forge_of("github", {"GITHUB_TOKEN": "x", "GITHUB_REPOSITORY": "a/b"})
    with pytest.raises(CiError, match="the event is about no pull request; use --comment none"):
        post(found, PAGE, is_news=True, always=False)
    assert found.limit == GITHUB_LIMIT


def test_no_object_shows_its_token() -> None:
    """A traceback prints objects."""
    api: Any = forge_of("github", {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": "a/b"})
    assert TOKEN not in repr(api)
