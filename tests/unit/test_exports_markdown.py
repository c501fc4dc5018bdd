"""Markdown, as a reader of CommonMark takes it, with what GitHub adds."""

from typing import Any

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from api.exports.export import Export, one_line
from api.exports.markdown import escaped, markdown
from tests.builders import EVERY_CASE, announcement, citation, dates
from tests.exporting import HOME, drawn, export, exports, texts

READER = MarkdownIt("commonmark").enable(["strikethrough", "table"])
EXPECTED = {"heading", "paragraph", "bullet_list", "list_item", "inline", "text", "link", "strong", "softbreak"}


def tokens(text: str) -> list[Any]:
    return [inner for token in READER.parse(text) for inner in (token, *(token.children or ()))]


def kinds(text: str) -> set[str]:
    return {token.type.removesuffix("_open").removesuffix("_close") for token in tokens(text)}


@pytest.mark.torture
@drawn
@given(texts)
def test_what_people_wrote_stays_text(text: str) -> None:
    read = tokens(f"a {escaped(text)}")

    assert {token.type for token in read} <= {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}
    assert "".join(token.content for token in read if token.type.startswith("text")) == f"a {one_line(text)}".strip()


@pytest.mark.torture
@drawn
@given(exports())
def test_what_is_drawn_holds_nothing_but_what_we_wrote(exported: Export) -> None:
    text = markdown(exported)

    assert kinds(text) <= EXPECTED | {"text_special"}
    headings = [token for token in tokens(text) if token.type == "heading_open"]
    assert len(headings) <= 3
    links = {token.attrs["href"] for token in tokens(text) if token.type == "link_open"}
    assert all(link.startswith("https://example.org/") for link in links)
    assert {exported.page_of(item) for item in exported.items} <= links


def test_a_list_by_date_with_footnotes() -> None:
    moved = announcement(
        "visit", "2024-08-01", dates=dates(("2024-04-20", "first"), ("2024-08-01", "moved")), slip_days=103
    )

    text = markdown(export(moved, announcement("talks", None, citations=(citation("Some day."),))))

    assert text == (
        "# Spring\n"
        "\n"
        "What was announced.\n"
        "\n"
        "2 announcements, as recorded up to entry 57, 20 April 2024, 12:04 UTC:"
        f" <{HOME}/v1/timelines/spring.x?as_of=57>\n"
        "\n"
        "## By date\n"
        "\n"
        f"- **1 August 2024 (Thursday), moved by 103 days**: [The visit](<{HOME}/announcements/visit>) – announced."
        " By Japan.[^1]\n"
        "  - 20 April 2024 (first date given, said 8 April 2024)\n"
        "  - 1 August 2024 (moved by 103 days, said 8 April 2024)\n"
        "\n"
        "## Without a date\n"
        "\n"
        f"- **No date (none was given)**: [The talks](<{HOME}/announcements/talks>) – announced. By Japan.[^2]\n"
        "\n"
        "[^1]: “It will be.” – Washington sets the table, Dateline desk, 8 April 2024 <https://example.org/a>\n"
        "[^2]: “Some day.” – Washington sets the table, Dateline desk, 8 April 2024 <https://example.org/a>\n"
        "\n"
        "Data: CC BY 4.0\n"
    )


def test_every_announcement_is_in_it_and_the_rest_is_linked() -> None:
    text = markdown(export(*EVERY_CASE, total=99, following=f"{HOME}/v1/announcements.md?cursor=x"))

    assert all(f"<{HOME}/announcements/{item.id}>" in text for item in EVERY_CASE)
    assert "28 of 99 announcements" in text
    assert f"There is more: <{HOME}/v1/announcements.md?cursor=x>" in text
