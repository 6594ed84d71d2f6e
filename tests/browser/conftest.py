"""A browser with no network, and pages of graphs in it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from paperkg.export.html import make_page
from paperkg.graph import KnowledgeGraph


@dataclass
class Opened:
    """A page, and everything that went wrong or left the file while it was open."""

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def run(self, script: str, argument: Any = None) -> Any:
        """Run a script in the page; unlike strings that the page evaluates, its policy allows this."""
        return self.page.evaluate(script, argument)

    def wait(self, condition: str, *, seconds: float = 10) -> None:
        """Wait until a condition holds. Polled from here, because the page's policy forbids eval."""
        end = time.monotonic() + seconds
        while not self.run(condition):
            if time.monotonic() > end:
                raise TimeoutError(f"{condition} did not become true; problems: {self.problems}")
            self.page.wait_for_timeout(20)

    def selected(self) -> str:
        """Give the id of what the panel shows, "" if it is closed."""
        return str(self.run("paperkg.selected()"))

    def dismiss(self) -> None:
        """Close the panel."""
        self.page.keyboard.press("Escape")
        self.wait("paperkg.selected() === ''")

    def panel(self) -> str:
        """Give the text of the panel."""
        return self.page.locator("#panel").inner_text()


def find_chromium() -> str | None:
    """Find the browser: the variable CHROMIUM, or one that is installed."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


# One for each module and not for the session: while it is open, nothing else can run an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        reason = "no Chromium: install it, or name it in the variable CHROMIUM"
        if os.environ.get("PAPERKG_REQUIRE_ALL"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    contexts = []

    def open_one(graph: KnowledgeGraph | Path, *, at: str = "", most: int = 3000, **options: Any) -> Opened:
        file = graph if isinstance(graph, Path) else tmp_path / "graph.html"
        if isinstance(graph, KnowledgeGraph):
            file.write_text(make_page(graph, most=most), "utf-8")
        context = browser.new_context(offline=True, **options)
        contexts.append(context)
        opened = Opened(context.new_page(), file.as_uri())
        page = opened.page
        page.on("pageerror", lambda error: opened.problems.append(f"error: {error}"))
        page.on("requestfailed", lambda request: opened.problems.append(f"failed: {request.url}"))
        page.on("console", lambda line: opened.problems.append(f"{line.type}: {line.text}"))
        page.on("request", lambda request: opened.requests.append(request.url))
        page.goto(opened.url + at)
        opened.wait("Boolean(window.paperkg && window.paperkg.ready)")
        return opened

    yield open_one
    for context in contexts:
        context.close()
