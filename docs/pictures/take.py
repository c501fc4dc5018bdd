"""Take the picture in the README anew: the seed timeline at 1280 px, as Debian's Chromium shows it.

Start `dateline serve --seed --data` with an empty directory, then run this with the address that it prints.
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).with_name("timeline.png")
WIDTH = 1280
MARGIN = 24


def take(address: str) -> None:
    """Write the picture of the timeline that a service at this address shows."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        page = browser.new_page(viewport={"width": WIDTH, "height": 1000}, locale="en-GB", color_scheme="light")
        page.goto(f"{address}/timelines/us-japan-2024")
        page.get_by_text("● Live").wait_for()
        first, last = page.locator("h1").bounding_box(), page.locator(".legend").bounding_box()
        assert first is not None
        assert last is not None
        top, bottom = first["y"] - MARGIN, last["y"] + last["height"] + MARGIN
        clip = {"x": 56, "y": top, "width": WIDTH - 2 * 56, "height": bottom - top}
        page.screenshot(path=PICTURE, clip=clip, full_page=True)
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8470")
