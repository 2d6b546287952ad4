"""The page: well-formed, self-contained, safe with hostile texts, and readable without its charts."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from components.compare.comparison import Comparison
from components.compare.curve import Reach, api_lines, curves
from components.compare.page import comparison_page
from components.plan.model import Note
from tests.compare.conftest import IN_S3, TODAY, Compared, candidates

VOID = {"meta", "br", "link", "img", "hr", "input"}
HOSTILE = "</title><script>alert('x')</script><img src=x onerror=\"alert(1)\">&amp;"


class _Balance(HTMLParser):
    """Collects elements, and what is closed without having been opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def _parsed(page: str) -> _Balance:
    parser = _Balance()
    parser.feed(page)
    parser.close()
    return parser


_PAGES: dict[str, str] = {}


def _page(spec: dict[str, Any], comparison: Comparison) -> str:
    found = curves(comparison, candidates(spec, {"sagemaker": IN_S3}), TODAY, Reach(2.0, 4))
    return comparison_page(comparison, found, api_lines(comparison))


@pytest.fixture
def page(llama: dict[str, Any], compared: Compared) -> str:
    if "llama" not in _PAGES:
        _PAGES["llama"] = _page(llama, compared(llama, overrides={"sagemaker": IN_S3}))
    return _PAGES["llama"]


def test_every_element_is_closed_in_order(page: str) -> None:
    """A browser would forgive it, a reader of the source not."""
    parsed = _parsed(page)
    assert (parsed.faults, parsed.open) == ([], [])
    assert page.startswith('<!doctype html>\n<html lang="en">')


def test_every_chart_is_an_svg_that_xml_can_read(page: str) -> None:
    """Cost by load and memory twice, for wide and narrow screens; the week once for each target."""
    drawings = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert len(drawings) == 2 + 2 + 3
    for drawing in drawings:
        root = ET.fromstring(drawing)  # noqa: S314 - our own
        assert root.get("role") == "img"
        title = root.find("title")
        assert title is not None
        assert title.text
        assert root.get("aria-labelledby") == title.get("id")


def test_ids_are_given_once(page: str) -> None:
    """A label that two elements carry names neither."""
    ids = [attributes["id"] for _, attributes in _parsed(page).seen if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    """No script, no font, no image, no stylesheet; the page's own policy forbids them too."""
    seen = _parsed(page).seen
    assert {tag for tag, _ in seen} & {"script", "link", "img", "iframe", "object", "embed", "video"} == set()
    loading = {"src", "href", "xlink:href", "action", "data", "poster", "background"}
    assert [attributes for _, attributes in seen if loading & set(attributes)] == []
    assert "url(" not in page
    assert "@import" not in page
    policies = [attributes["content"] for tag, attributes in seen if attributes.get("http-equiv")]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_hostile_texts_stay_texts(llama: dict[str, Any], compared: Compared) -> None:
    """Names, reasons and notes of a spec become no element and no attribute."""
    comparison = compared(llama)
    columns = tuple(
        replace(column, differs=(HOSTILE,), unhonoured=(Note("info", HOSTILE, HOSTILE),), refusal=(HOSTILE,))
        for column in comparison.columns
    )
    recommendation = replace(comparison.recommendation, text=HOSTILE, changes=(HOSTILE,))
    hostile = replace(
        comparison, service=HOSTILE, model_id=HOSTILE, region=HOSTILE, columns=columns, recommendation=recommendation
    )
    page = _page(llama, hostile)
    parsed = _parsed(page)
    assert (parsed.faults, parsed.open) == ([], [])
    assert {tag for tag, _ in parsed.seen} & {"script", "img"} == set()
    assert not any(name.startswith("on") for _, attributes in parsed.seen for name in attributes)
    assert page.count("&lt;script&gt;") >= 8


def test_every_chart_has_its_numbers_in_a_table(page: str) -> None:
    """For who cannot see it, and for who wants to copy them."""
    assert page.count("<figure") == 3
    assert page.count("<details><summary>The numbers</summary>") == 3
    memory = page[page.index('id="memory"') :]
    assert "<td>14.96</td>" in memory


def test_light_and_dark_and_paper_and_phone_are_provided_for(page: str) -> None:
    """By the reader's own settings, without a switch."""
    for rule in ("(prefers-color-scheme: dark)", "@media print", "@media (max-width: 40rem)"):
        assert rule in page
    assert '<meta name="color-scheme" content="light dark">' in page


def _luminance(color: str) -> float:
    channels = [int(color[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_texts_have_the_contrast_that_wcag_asks_for(page: str, theme: int) -> None:
    """4.5 to 1 for every color of a text on the color that it stands on."""
    themes = re.findall(r":root \{(.*?)\}", page, flags=re.DOTALL)
    color = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", themes[theme]))
    on_paper = [(color[name], color["paper"]) for name in ("ink", "soft", "ecs", "sagemaker", "runpod")]
    on_raised = [(color[name], color["raised"]) for name in ("ink", "soft")]
    on_parts = [(color[f"on-{name}"], color[name]) for name in ("weights", "runtime", "cache", "free")]
    for text, ground in (*on_paper, *on_raised, *on_parts):
        assert _contrast(text, ground) >= 4.5, (text, ground)


def test_a_page_of_refusals_has_no_empty_charts(qwen: dict[str, Any], compared: Compared) -> None:
    """The reasons alone."""
    comparison = compared(qwen, {"accelerators": ["T4"]})
    page = comparison_page(comparison, (), api_lines(comparison))
    assert "<figure" not in page
    assert "<table" not in page
    assert page.count('class="amount refused"') == 3
