"""No page, however it is broken, does more than be refused; and what is read of it is fit to be recorded."""

import json
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from api.articles import ArticleUnreadable, read_article
from api.outbound import Fetched
from api.page_reader import read_page
from events.bodies import control_character
from events.times import read_time
from tests.integration.newspaper import WORDS, linked, meta, page

PAGE_S_MAX = 2.0
NAMES = st.sampled_from(
    [
        "html",
        "head",
        "body",
        "main",
        "article",
        "header",
        "section",
        "div",
        "p",
        "span",
        "b",
        "i",
        "a",
        "ul",
        "li",
        "ol",
        "table",
        "tr",
        "td",
        "th",
        "blockquote",
        "pre",
        "h1",
        "h2",
        "h3",
        "br",
        "hr",
        "img",
        "script",
        "style",
        "template",
        "svg",
        "math",
        "noscript",
        "iframe",
        "form",
        "input",
        "select",
        "option",
        "textarea",
        "time",
        "meta",
        "link",
        "title",
    ]
)
TEXT = st.sampled_from(
    [*WORDS, "4 May 2026", "<", ">", "&", "&amp;", "&#0;", "&#xD800;", "\x00", "\ufeff", "]]>", "<!"]
) | st.text(max_size=30)
VALUES = st.sampled_from(
    ["2026-03-01", "2026-03-01T10:00", "application/ld+json", "article:published_time", "canonical"]
)
ATTRIBUTES = st.lists(
    st.tuples(
        st.sampled_from(["id", "class", "datetime", "property", "content", "type", "rel", "href"]), VALUES | TEXT
    ),
    max_size=3,
)
OPENED = st.builds(
    lambda name, attributes: f"<{name} " + " ".join(f'{key}="{value}"' for key, value in attributes) + ">",
    NAMES,
    ATTRIBUTES,
)
PIECES = st.one_of(
    OPENED, NAMES.map(lambda name: f"</{name}>"), TEXT, st.sampled_from(["<!--", "-->", "<![CDATA[", "<?x"])
)
LINKED = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=10) | VALUES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["@type", "@graph", "@id", "datePublished", "headline", "author", "publisher", "url", "name"]
            ),
            inner | st.just("NewsArticle"),
            max_size=5,
        )
    ),
    max_leaves=20,
)


def fit(text: str) -> bool:
    return control_character("text", text) is None


@given(st.lists(PIECES, max_size=60))
@settings(max_examples=300)
def test_broken_marks_are_read_soon_and_raise_nothing(pieces: list[str]) -> None:
    written = "".join(pieces).encode("utf-8", "replace")
    begun = time.monotonic()

    read = read_page(written, url="https://post.example/a", timezone="UTC")

    assert time.monotonic() - begun < PAGE_S_MAX
    assert fit(read.text)
    assert bool(read.text) != (read.refused is not None)


@given(LINKED, st.lists(st.tuples(VALUES | TEXT, VALUES | TEXT), max_size=4))
@settings(max_examples=300)
def test_whatever_a_page_says_of_itself_is_fit_to_be_recorded(data: object, metas: list[tuple[str, str]]) -> None:
    head = linked(json.dumps(data)) + "".join(meta(name, content) for name, content in metas)

    said = read_page(
        page(head=head.encode("utf-8", "replace").decode()), url="https://post.example/a", timezone="UTC"
    ).claims

    if said is not None:
        for line in (said.title, said.publisher, said.author, said.language):
            assert line is None or (line.strip() and len(line) <= 300 and control_character("title", line) is None)
        if said.published is not None:
            assert read_time(said.published.at, "UTC", pointer="")


@given(
    st.binary(max_size=200), st.sampled_from([None, "utf-8", "utf-16", "shift_jis", "iso-2022-jp", "utf-7", "hz", "x"])
)
@settings(max_examples=500)
def test_bytes_of_any_kind_are_a_text_or_are_refused(body: bytes, charset: str | None) -> None:
    fetched = Fetched(url="", status=200, media_type="text/plain", charset=charset, body=body)
    try:
        article = read_article(fetched)
    except ArticleUnreadable:
        return
    assert fit(article.text)


@given(st.lists(PIECES, max_size=30))
@settings(max_examples=10)
def test_a_broken_page_in_a_process_of_its_own_is_an_article_or_is_refused(pieces: list[str]) -> None:
    try:
        article = read_article(("<html><body>" + "".join(pieces)).encode("utf-8", "replace"), media_type="text/html")
    except ArticleUnreadable:
        return
    assert fit(article.text)
