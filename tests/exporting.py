"""Exports for tests: of announcements as people make them, and of some that mean harm."""

from typing import Any, Final

from hypothesis import settings
from hypothesis import strategies as st
from msgspec import UNSET

from api.exports.export import Export
from events import record as r
from events import terms
from tests import builders
from tests.torture import tries

HOME: Final = "https://example.org/dl"
LOG_ID: Final = "018f0000-0000-7000-8000-000000000001"
RECORDED_AT: Final = "2024-04-20T12:04:00.000000Z"
HOSTILE: Final = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "\t=1",
    "'=1",
    "''\t=1;=2;'@3;\n-4\n'+5; =6",
    " =1+1",
    'He said "no", then; left\\',
    "one\ntwo\r\nthree",
    "</script><script>alert(1)</script>",
    "]]><x>&amp;&lt;",
    "<!-- --> <img src=x onerror=alert(1)>",
    "[a](javascript:alert(1)) ![b](x) `c` *d* _e_ ~~f~~",
    "# heading\n1. one\n- two\n> three",
    "[^1]: a note",
    "www.example.org http://example.org a@example.org",
    "\u202eright to left\u202c שלום مرحبا",
    "👩‍👩‍👧‍👦 🇯🇵 Tōkyō 日米",
    "line\u2028line\u2029line\x85line\x0bline",
    "\ufffe\uffff\x07",
    "}\n@misc{x, a = {b",
    "ER  - \r\nTY  - BOOK",
    "BEGIN:VEVENT",
    "END:VCALENDAR\r\nX:1",
    "%25 $ # & _ ^ ~ \\ { }",
    "long " * 50,
)
"""Texts that some format takes for something else than a text."""
EDTFS: Final = (
    *("2024-04-10", "2024-04", "2024", "202X", "2024-22", "../2024-09-30", "2024-07-01/..", "2024-04-08/2024-04-14"),
    *("2024-05-20~", "2024-06?", "[2024-06,2024-11]", "-0044-03-15", "0000", "0001-01-01"),
    *("9999-12-31", "Y170000002", "Y-17E7", "../..", "9999"),
)
ROLES: Final[tuple[terms.Role, ...]] = ("by", "with", "to", "about")
LATER: Final[tuple[r.How, ...]] = ("moved", "narrowed", "corrected")
URLS: Final = ("https://example.org/a?b=c&d=%22'#(x)", "javascript:alert(1)", "https://example.org/<b>\"'>)")

drawn = settings(max_examples=tries(25, 400))
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))
titles = texts.map(lambda text: f"{text}.")


def export(*items: r.Announcement, **fields: Any) -> Export:
    """Return an export of announcements; only what a test is about is said."""
    given: dict[str, Any] = {
        "title": "Spring",
        "description": "What was announced.",
        "sources": {"bulletin": builders.source(url="https://example.org/a")},
        "total": len(items),
        "position": 57,
        "recorded_at": RECORDED_AT,
        "log_id": LOG_ID,
        "name": "Dateline",
        "license": "CC BY 4.0",
        "home": HOME,
        "page": f"{HOME}/timelines/spring",
        "address": f"{HOME}/v1/timelines/spring.x",
        "permalink": f"{HOME}/v1/timelines/spring.x?as_of=57",
        "following": None,
    }
    return Export(**{**given, "items": items, **fields})


@st.composite
def announcements(draw: st.DrawFn, id: str = "drawn") -> r.Announcement:
    """An announcement of anything, for any time, in any state."""
    edtfs = draw(st.lists(st.sampled_from(EDTFS), max_size=3))
    hows: list[r.How] = ["first", *(draw(st.sampled_from(LATER)) for _ in range(3))]
    put_off = bool(edtfs) and draw(st.booleans())
    given = tuple(
        builders.date(edtf, "moved" if edtf is None else how, 10 + index, reason=draw(st.none() | texts))
        for index, (edtf, how) in enumerate(zip([*edtfs, None] if put_off else edtfs, hows, strict=False))
    )
    in_force = given[-1].edtf if given else None
    quotes = tuple(builders.citation(draw(titles)) for _ in range(draw(st.integers(0, 2))))
    image = terms.Image(url=draw(st.sampled_from(URLS)), alt=draw(texts), credit=draw(texts))
    outcome = r.Outcome(result="partly", on="2024-04", reason=draw(texts), rubric="1", citations=quotes, position=20)
    return builders.announcement(
        id,
        in_force,
        title=draw(titles),
        state="postponed" if put_off else draw(st.sampled_from(("announced", "due", "cancelled", "partly"))),
        dates=given,
        slip_days=draw(st.none() | st.integers(-5, 5)),
        actors=tuple(r.Actor(id=None, name=draw(titles), role=draw(st.sampled_from(ROLES))) for _ in range(2)),
        places=tuple(draw(st.lists(titles, max_size=2))),
        topics=tuple(draw(st.lists(titles, max_size=2))),
        modality=draw(st.sampled_from(("scheduled", "committed", "expected", "reported"))),
        citations=quotes,
        outcomes=draw(st.sampled_from(((), (outcome,)))),
        timezone=draw(st.sampled_from(("UTC", "Asia/Tokyo", "America/New_York", "Pacific/Apia"))),
        time=draw(st.sampled_from((UNSET, "00:00", "09:05", "23:59"))),
        amount=draw(st.sampled_from((UNSET, terms.Amount(value="-12.50", currency="USD")))),
        image=draw(st.sampled_from((UNSET, image))),
        lang=draw(st.sampled_from((UNSET, "ja"))),
        updated_at=draw(st.sampled_from((builders.RECORDED_AT, "2024-04-09T00:00:00.000001Z"))),
        position=draw(st.integers(10, 20)),
    )


@st.composite
def exports(draw: st.DrawFn) -> Export:
    """An export of up to three announcements, by people who mean harm."""
    items = tuple(draw(announcements(f"drawn-{number}")) for number in range(draw(st.integers(0, 3))))
    source = builders.source(title=draw(texts), publisher=draw(texts), url=draw(st.sampled_from(URLS)))
    return export(
        *items,
        title=draw(titles),
        description=draw(st.none() | texts),
        license=draw(texts),
        sources={"bulletin": source},
    )
