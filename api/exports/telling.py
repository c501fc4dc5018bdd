"""An announcement in words: sentences for plain text, the same for HTML, and where each quote stands."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup, escape

from api.exports.export import one_line, plain
from api.pages.rows import Outcome, Quote, Row, row
from events.record import Announcement, Source

CORRECTIONS: Final = frozenset({"ours", "theirs"})


def text(item: Announcement, sources: Mapping[str, Source]) -> str:
    """Return an announcement as plain text: sentences, then each quote with its source and address."""
    told = row(item, sources)
    quotes = [
        f"“{plain(quote.words)}” – {document(quote)}{f' {quote.url}' if quote.url else ''}" for quote in told.quotes
    ]
    return "\n".join([*sentences(item, told), *quotes])


def html(item: Announcement, sources: Mapping[str, Source]) -> Markup:
    """Return an announcement as a piece of HTML, in which nothing is from elsewhere but links."""
    told = row(item, sources)
    parts = [Markup("<p>{}</p>").format(sentence) for sentence in sentences(item, told)]
    for quote in told.quotes:
        where: Markup = escape(document(quote))
        if quote.url:
            where = Markup('<a href="{}">{}</a>').format(quote.url, where)
        parts.append(Markup("<blockquote><p>“{}”</p></blockquote><p>{}</p>").format(plain(quote.words), where))
    return Markup("").join(parts)


def sentences(item: Announcement, told: Row) -> list[str]:
    """Say what is announced for when, by whom, how the date moved, and what came of it. `told` is its row."""
    said = [f"{date(told)}: {told.state_text}."]
    said += [f"By {told.by}", *told.more] if told.by else told.more
    if told.outcome is not None:
        said.append(outcome(told.outcome))
    if len(told.dates) > 1:
        said.append(f"Dates: {'; '.join(dates(told))}.")
    return [one if one.endswith(".") else f"{one}." for one in map(one_line, said)]


def date(told: Row) -> str:
    """Say the date, and by how much it moved."""
    note = f" ({told.date_note})" if told.date_note and told.date_note not in told.date.lower() else ""
    return f"{told.date}{note}{f', {told.moved}' if told.moved else ''}"


def outcome(judged: Outcome) -> str:
    """Say what came of it, on which day, and why."""
    on = f", {judged.on}" if judged.on else ""
    return f"What came of it: {judged.text}{on}. {judged.reason or ''}"


def dates(told: Row) -> list[str]:
    """Say every date there was, and how it came. Whose correction it was is told by its entry, which is not here."""
    return [
        f"{one.text} ({'a correction, not a move' if one.what in CORRECTIONS else one.lead}, said {one.said}"
        f"{f': {one.reason}' if one.reason else ''})"
        for one in told.dates
    ]


def document(quote: Quote) -> str:
    """Say where a quote stands: title, publisher, day, and who is quoted."""
    parts = [quote.title, quote.publisher or "", quote.published]
    where = ", ".join(part for part in parts if part)
    notes = [f"said by {quote.speaker}"] if quote.speaker else []
    if quote.withdrawn:
        notes.append("its publisher took this source back")
    if not quote.verified:
        notes.append("these words were not checked against the source’s text")
    return one_line(f"{where} ({'; '.join(notes)})" if notes else where)
