"""What pages say to search engines, in schema.org's words."""

import json
from typing import Any

import pytest
from hypothesis import given

from api.exports.export import Export, one_line
from api.exports.linked_data import of_announcement, of_timeline
from events import record as r
from tests.builders import announcement, dates, source
from tests.exporting import HOME, drawn, export, exports

MOVED = dates(("2024-04", "first"), ("2024-04-20", "narrowed"), ("2024-06-20", "moved"), ("2024-08-01", "moved"))


def page(item: r.Announcement, license: str = "") -> dict[str, Any]:
    sources = {"bulletin": source(url="https://example.org/a")}
    read: dict[str, Any] = json.loads(of_announcement(item, base=HOME, license=license, sources=sources))
    return read


@pytest.mark.torture
@drawn
@given(exports())
def test_nothing_in_it_ends_the_script(exported: Export) -> None:
    scripts = [
        of_timeline("spring", exported.title, exported.items, base=HOME, license=exported.license),
        *(
            of_announcement(item, base=HOME, license=exported.license, sources=exported.sources)
            for item in exported.items
        ),
    ]

    assert not set("".join(scripts)) & set("<>&\u2028\u2029")
    for script, title in zip(scripts, [exported.title, *(item.title for item in exported.items)], strict=True):
        assert json.loads(script)["name"] == one_line(title)


@pytest.mark.parametrize(
    ("item", "status", "days"),
    [
        (announcement("visit"), "EventScheduled", ("2024-04-10", "2024-04-10", None)),
        (announcement("visit", "../2024-09-30"), "EventScheduled", (None, "2024-09-30", None)),
        (
            announcement("visit", "2024-08-01", dates=MOVED),
            "EventRescheduled",
            ("2024-08-01", "2024-08-01", ["2024-06-20", "2024-04-20"]),
        ),
        (
            announcement("visit", None, state="postponed", dates=dates(("2024-06-20", "first"), (None, "moved"))),
            "EventPostponed",
            (None, None, ["2024-06-20"]),
        ),
        (announcement("visit", state="cancelled"), "EventCancelled", ("2024-04-10", "2024-04-10", None)),
        (announcement("visit", "-0044-03-15"), "EventScheduled", (None, None, None)),
    ],
)
def test_an_event_says_when_it_is_and_when_it_was_to_be(
    item: r.Announcement, status: str, days: tuple[str | None, str | None, list[str] | None]
) -> None:
    event = page(item)["mainEntity"]

    assert event["@type"] == "Event"
    assert event["eventStatus"] == f"https://schema.org/{status}"
    assert (event.get("startDate"), event.get("endDate"), event.get("previousStartDate")) == days


def test_a_page_says_what_it_rests_on_and_whose_it_is() -> None:
    read = page(announcement("visit"), license="https://creativecommons.org/licenses/by/4.0/")

    assert read["@context"] == "https://schema.org"
    assert read["url"] == f"{HOME}/announcements/visit"
    assert read["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert read["citation"] == [
        {
            "@type": "CreativeWork",
            "name": "Washington sets the table",
            "publisher": {"@type": "Organization", "name": "Dateline desk"},
            "datePublished": "2024-04-08T11:30:00.000000Z",
            "url": "https://example.org/a",
        }
    ]
    assert read["mainEntity"]["organizer"] == [{"@type": "Organization", "name": "Japan"}]
    assert page(announcement("visit"), license="CC BY 4.0")["license"] == {"@type": "CreativeWork", "name": "CC BY 4.0"}


def test_a_timeline_is_a_list_of_events() -> None:
    exported = export(announcement("visit"), announcement("talks", None))

    read = json.loads(of_timeline("spring", "Spring", exported.items, base=HOME, license=""))

    assert read["mainEntity"]["numberOfItems"] == 2
    found = [(one["position"], one["item"]["@id"]) for one in read["mainEntity"]["itemListElement"]]
    assert found == [(1, f"{HOME}/announcements/visit"), (2, f"{HOME}/announcements/talks")]
