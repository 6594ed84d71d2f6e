"""What a newcomer would try in the explorer can be done, by the clicks that docs/tasks.md names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from docs.explorer_tasks import TASKS, Task, carry_out
from paperkg.build import build
from tests.serve.conftest import SEEDS, serving

pytestmark = pytest.mark.browser

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("tried")
    build([SEEDS], folder)
    with serving(folder, "-j", "1") as server:
        yield server.url


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_newcomer_finds_the_answer(browser: Browser, url: str, task: Task):
    page = browser.new_page()
    carry_out(page, url, task)
    page.close()


def test_the_page_of_tasks_tells_of_each_with_its_picture():
    text = (DOCS / "tasks.md").read_text("utf-8")
    for task in TASKS:
        assert task.question in text
        assert f"(tasks/{task.name}.jpg)" in text
        assert (DOCS / "tasks" / f"{task.name}.jpg").stat().st_size < 150_000
