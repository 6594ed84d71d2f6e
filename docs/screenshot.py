"""Take a picture of the page, as the README shows them.

python docs/screenshot.py exports/graph.html docs/graph.png [--dark] [--phone] [--at '#entity=system/vllm']
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright


def take(page: Path, picture: Path, *, dark: bool = False, phone: bool = False, at: str = "") -> None:
    """Open a page with the network cut, wait until it is ready, and save what it shows."""
    browser_path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": 390, "height": 780} if phone else {"width": 1280, "height": 800},
            color_scheme="dark" if dark else "light",
            offline=True,
        )
        tab = context.new_page()
        tab.goto(page.resolve().as_uri() + at)
        while not tab.evaluate("Boolean(window.paperkg && window.paperkg.ready)"):
            tab.wait_for_timeout(50)
        tab.wait_for_timeout(300)
        tab.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--phone", action="store_true")
    parser.add_argument("--at", default="", help="part of the address after the file")
    options = parser.parse_args()
    take(options.page, options.picture, dark=options.dark, phone=options.phone, at=options.at)
