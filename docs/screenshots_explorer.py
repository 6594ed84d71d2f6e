"""Take a picture of every page of the explorer, dark and light in turn, into docs/explorer.

paperkg serve -g exports &
python docs/screenshots_explorer.py http://127.0.0.1:8000
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent / "explorer"

#: Pages by the names of their pictures: address, and what must be there before the picture is taken.
PAGES: dict[str, tuple[str, str]] = {
    "start": ("/", "h1"),
    "search": ("/search?q=kv+cache+offloading", ".hits"),
    "thing": ("/system/vllm", "#neighbourhood canvas"),
    "paper": ("/paper/seed-a320a37b", ".text"),
    "compare": ("/compare?e=vLLM&e=LServe", ".sides"),
    "leaderboard": ("/leaderboard?metric=throughput", "table"),
    "path": ("/path?start=QMoE&end=GPTQ", ".steps"),
    "query": ("/query?name=top-techniques", "#chart svg"),
}


def take(url: str) -> None:
    """Picture all pages of a running server."""
    FOLDER.mkdir(exist_ok=True)
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for number, (name, (address, ready)) in enumerate(PAGES.items()):
            page = browser.new_page(
                viewport={"width": 1000, "height": 700}, color_scheme="dark" if number % 2 else "light"
            )
            page.goto(url + address)
            page.wait_for_selector(ready)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(300)
            page.screenshot(path=FOLDER / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1])
