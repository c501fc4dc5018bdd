"""A headless Chromium, Debian's own, for the tests that look at pages as a reader does."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium")


# Playwright keeps an event loop running in this thread until it is stopped: kept for a whole session, it
# would break every asynchronous test that comes later. So it ends with the file.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: nobody has looked at the pages (see tests/browser/install-chromium)")
    # Chromium's own sandbox refuses to run as root, which containers and CI do.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page at 1280 px that fails its test when a script on it throws."""
    thrown: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 800}, timezone_id="UTC", locale="en-GB")
    page = context.new_page()
    page.on("pageerror", lambda error: thrown.append(str(error)))
    yield page
    context.close()
    assert thrown == []
