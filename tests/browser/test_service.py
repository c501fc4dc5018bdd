"""Pages of a real server in a real browser: what a reader sees of the seeds, and an entry that arrives meanwhile."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.api.served import Served

pytestmark = pytest.mark.browser

SEEDS = Path(__file__).parents[2] / "seeds" / "us-japan-2024" / "commands.jsonl"
TIMELINE = "/timelines/us-japan-2024"
ARRIVES_MS = 10_000


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("data"), seed=True) as running:
        yield running


def seeded_titles() -> dict[str, str]:
    """Return the titles of the announcements that the seeds make, by id."""
    commands = [json.loads(line) for line in SEEDS.read_text().splitlines()]
    return {line["id"]: line["title"] for line in commands if line["command"] == "make_announcement"}


def test_the_timeline_shows_what_the_seeds_announced(seeded: Served, page: Page) -> None:
    page.goto(seeded.url + TIMELINE)

    shown = page.locator("[data-announcement]").evaluate_all("rows => rows.map(row => row.dataset.announcement)")
    titles = seeded_titles()
    left_out = {"three-way-summit-washington", "japan-security-strategy-2022"}  # Merged, and hidden by an editor.
    assert set(shown) == set(titles) - left_out
    visit = page.locator("#a-us-japan-state-visit-2024")
    expect(visit).to_contain_text(titles["us-japan-state-visit-2024"])
    expect(visit).to_contain_text("10 April 2024")
    expect(visit).to_contain_text("happened")


def test_a_reader_without_script_sees_the_same_items(seeded: Served, page: Page) -> None:
    page.goto(seeded.url + TIMELINE)
    with_script = page.locator("[data-announcement]").count()
    assert page.context.browser is not None
    plain = page.context.browser.new_context(java_script_enabled=False).new_page()
    plain.goto(seeded.url + TIMELINE)

    assert plain.locator("[data-announcement]").count() == with_script > 16
    expect(plain.locator("svg").first).to_be_visible()


def test_an_entry_that_is_recorded_meanwhile_arrives_on_the_open_page(seeded: Served, page: Page) -> None:
    page.goto(seeded.url + TIMELINE)
    row = page.locator("#a-artemis-first-landing")
    expect(row).to_contain_text("2028")
    expect(page.get_by_text("Live", exact=False).first).to_be_visible()

    answer = seeded.post(
        "/v1/announcements/artemis-first-landing/reschedule",
        {
            "when": "2029-03",
            "reason": "The lander is late.",
            "citations": [{"source": "bulletin-2024-04-08", "quote": "Manila", "said_at": "2026-11-01"}],
        },
    )

    assert answer.status_code == 201, answer.text
    expect(row).to_contain_text("March 2029", timeout=ARRIVES_MS)


def test_an_announcement_that_is_new_arrives_on_the_open_page(seeded: Served, page: Page) -> None:
    page.goto(seeded.url + TIMELINE)
    expect(page.get_by_text("Live", exact=False).first).to_be_visible()

    answer = seeded.post(
        "/v1/announcements",
        {
            "id": "arrived",
            "title": "A ferry links Manila and Naha",
            "when": "2027-05-01",
            "topics": ["us-japan-2024"],
            "citations": [{"source": "bulletin-2024-04-08", "quote": "Manila"}],
        },
    )

    assert answer.status_code == 201, answer.text
    expect(page.locator("#a-arrived")).to_contain_text("A ferry links Manila and Naha", timeout=ARRIVES_MS)


def test_the_life_of_an_announcement_has_each_date_with_its_quote(seeded: Served, page: Page) -> None:
    page.goto(seeded.url + "/announcements/nippon-steel-us-steel")

    for text in ("April to September 2024", "The second half of 2024", "The first quarter of 2025", "By 18 June 2025"):
        expect(page.locator("body")).to_contain_text(text)
    expect(page.locator("blockquote").first).to_be_visible()
    expect(page.locator("body")).to_contain_text("Cancelled")


def test_the_frame_holds_the_timeline_and_nothing_around_it(seeded: Served, page: Page) -> None:
    page.goto(seeded.url + "/embed/us-japan-2024")

    assert page.locator("[data-announcement]").count() > 16
