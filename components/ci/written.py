"""Where does a report go: files, the step summary, annotations?"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from components.ci.document import document
from components.ci.findings import sarif, workflow_commands
from components.ci.markdown import GITLAB_LIMIT, markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from components.ci.report import Report

PAGE, DOCUMENT, FINDINGS = "report.md", "report.json", "policies.sarif"
_SUMMARY_LIMIT = 1_000_000


def write(report: Report, folder: Path) -> None:
    """Write the page, the document and the findings; the page as long as any forge takes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PAGE).write_text(markdown(report, GITLAB_LIMIT), encoding="utf-8")
    (folder / DOCUMENT).write_text(json.dumps(document(report), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    (folder / FINDINGS).write_text(json.dumps(sarif(report), indent=2, sort_keys=True) + "\n", encoding="utf-8")


def summarise(page: str, environment: Mapping[str, str] = os.environ) -> None:
    """Add a page to the summary of the step, where there is one."""
    path = environment.get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(page.encode()[:_SUMMARY_LIMIT].decode(errors="ignore") + "\n")


def annotated(report: Report, environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Yield workflow commands, where a workflow of GitHub reads them."""
    if environment.get("GITHUB_ACTIONS") == "true":
        yield from workflow_commands(report)
