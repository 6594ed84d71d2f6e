"""Do what a newcomer would try in the explorer, and write docs/tasks.md: the clicks, and where each ends.

    paperkg serve -g exports &
    python docs/explorer_tasks.py http://127.0.0.1:8000

A step is what a person does: fill a field by its label, press Enter in it, click a link or a button by what
it says. Each task ends where a text can be read that is the answer.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

HERE = Path(__file__).parent

_HEAD = """\
# Ten tasks in the explorer

What somebody might want to know of the papers in `seeds/`, and the way to it in `paperkg serve`, from the
start page on. Made by `python docs/explorer_tasks.py`; each of them is a test, too. How the pages look:
[start](explorer/start.png), [search](explorer/search.png), [thing](explorer/thing.png),
[paper](explorer/paper.png), [comparison](explorer/compare.png), [leaderboard](explorer/leaderboard.png),
[paths](explorer/path.png), [SPARQL](explorer/query.png).
"""


@dataclass(frozen=True)
class Step:
    """Something that a person does: ``fill`` a field, ``press`` Enter in it, ``click`` or ``choose``."""

    does: str
    what: str
    value: str = ""

    def __str__(self) -> str:
        if self.does == "click":
            return f"click *{self.what}*"
        if self.does == "press":
            return "press Enter"
        return f"{'type' if self.does == 'fill' else 'choose'} *{self.value}* in *{self.what}*"


@dataclass(frozen=True)
class Task:
    """A question, the way to its answer, what can be read at its end, and the heading that it is under."""

    name: str
    question: str
    steps: tuple[Step, ...]
    answer: str
    under: str


SEARCH = "Search names and texts"


def looking_up(name: str) -> tuple[Step, ...]:
    """Give the steps that lead to a thing by its name."""
    return Step("fill", SEARCH, name), Step("press", SEARCH)


TASKS = (
    Task(
        "thing",
        "What do papers say of vLLM?",
        looking_up("vllm"),
        "FastSwitch outperforms the state-of-the-art LLM serving system",
        "vLLM",
    ),
    Task(
        "ascend",
        "What runs on Ascend?",
        looking_up("Huawei Ascend"),
        "Pangu Ultra MoE: How to Train Your Big MoE on Ascend NPUs",
        "Papers",
    ),
    Task(
        "beats",
        "Who beats FlashAttention, and by how much?",
        looking_up("FlashAttention"),
        "about 2x",
        "Results",
    ),
    Task(
        "path",
        "How are QMoE and GPTQ connected?",
        (
            Step("click", "Paths"),
            Step("fill", "From", "QMoE"),
            Step("fill", "to", "GPTQ"),
            Step("click", "Show"),
        ),
        "4x NVIDIA A6000 or 8x NVIDIA 3090 GPUs",
        "1. 4 steps",
    ),
    Task(
        "compare",
        "How do vLLM and LServe compare?",
        (*looking_up("vLLM"), Step("click", "side by side with LServe")),
        "up to 2.9x",
        "Results between them",
    ),
    Task(
        "leaderboard",
        "Who claims the largest gain in throughput?",
        (Step("click", "Leaderboard"), Step("choose", "Metric", "throughput"), Step("click", "Rank")),
        "Rank",
        "In times",
    ),
    Task(
        "chart",
        "Which techniques do most papers speak of?",
        (Step("click", "Top techniques"),),
        "Transformer",
        "Top techniques",
    ),
    Task(
        "hardware",
        "Which systems were tried on an H100?",
        (
            Step("click", "Systems on a piece of hardware"),
            Step("fill", "hardware", "h100"),
            Step("click", "Ask"),
        ),
        "TorchTitan: One-stop PyTorch native",
        "Systems on a piece of hardware",
    ),
    Task(
        "paper",
        "What does the paper of ALISA name and measure?",
        (*looking_up("ALISA"), Step("click", "ALISA: Accelerating Large Language Model Inference")),
        "up to 1.9x",
        "Results",
    ),
    Task(
        "idea",
        "Which papers are about offloading to the CPU?",
        (Step("fill", SEARCH, "offloading to CPU memory"), Step("press", SEARCH)),
        "offloading",
        "Search: offloading to CPU memory",
    ),
)


def carry_out(page: Page, url: str, task: Task) -> None:
    """Do a task from the start page on, and wait until its answer can be read."""
    page.goto(url)
    for step in task.steps:
        if step.does == "fill":
            page.get_by_label(step.what, exact=True).fill(step.value)
        elif step.does == "press":
            page.get_by_label(step.what, exact=True).press("Enter")
        elif step.does == "choose":
            page.get_by_label(step.what, exact=True).select_option(step.value)
        else:
            page.locator("a, button").filter(has_text=step.what).first.click()
    page.wait_for_load_state("networkidle")
    heading = page.get_by_role("heading", name=task.under).first
    heading.scroll_into_view_if_needed()
    expect(page.get_by_text(task.answer).first).to_be_visible()


def main(url: str) -> None:
    """Do all tasks, picture where they end, and write the page."""
    lines = [_HEAD]
    (HERE / "tasks").mkdir(exist_ok=True)
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for number, task in enumerate(TASKS, 1):
            page = browser.new_page(viewport={"width": 900, "height": 560}, color_scheme="light")
            carry_out(page, url, task)
            heading = page.get_by_role("heading", name=task.under).first
            heading.evaluate("node => window.scrollTo(0, node.getBoundingClientRect().top + scrollY - 80)")
            page.wait_for_timeout(400)
            page.screenshot(path=HERE / "tasks" / f"{task.name}.jpg", type="jpeg", quality=60)
            page.close()
            clicks = sum(step.does in ("click", "press") for step in task.steps)
            way = ", ".join(map(str, task.steps))
            lines.append(f"## {number}. {task.question}\n")
            lines.append(f"{way[0].upper()}{way[1:]} ({clicks} click{'s' if clicks > 1 else ''}).\n")
            lines.append(f"![Where it ends](tasks/{task.name}.jpg)\n")
        browser.close()
    (HERE / "tasks.md").write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
