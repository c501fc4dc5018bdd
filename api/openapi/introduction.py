"""What is to be known before the first request, in words."""

from collections.abc import Mapping
from typing import Final

SECTIONS: Final[Mapping[str, str]] = {
    "": "Dateline records what was announced, for when, by whom, according to which source; how the date moved; and"
    " what came of it. Every statement is an entry in an append-only log; everything that is read is made of entries.",
    "Access": "Reading is public unless the operator says otherwise. Writing needs `Authorization: Bearer <token>`, and"
    " each operation names the scope that the token must have.",
    "Writing": "Every write has an `Idempotency-Key`. Send the same request with the same key as often as you like: it"
    " is carried out once, and every answer has the same receipt. `201`: recorded; `200`: it had been recorded"
    " before (`duplicate` is true), or it changes nothing. `?dry_run=true` answers the same and stores nothing."
    " Bodies are strict: an unknown field, a `null` or a wrong type is refused. Every statement cites at least one"
    " source, in its exact words.",
    "Dates": "A date is an EDTF expression (ISO 8601-2): `2024-04-10`, `2024-04`, `../2025` (by the end of 2025),"
    " `2024-05/..` (from May), `2024-05-20~` (around). Answers say it in words, and give its first and last day;"
    " null is open or unknown.",
    "Two clocks": "Every read takes `as_of`, what this service had recorded by a position or time, and `said_by`, what"
    " had been said by a day or time. Together they answer what anybody could have known.",
    "Lists": "Lists have `items`, `total`, and in `next` the cursor of the next page, null on the last. `position` is"
    " how far the log was. Repeating a filter means any of its values; different filters must all hold.",
    "Caching": "Answers that are read have an `ETag`; send it back as `If-None-Match`, and get 304 while nothing has"
    " changed. Sent as `If-Match` with a command about an announcement, it has the command refused if the"
    " announcement has changed. HEAD is answered wherever GET is.",
    "Limits": "So much can be asked for at once, and then so much a second; where there are limits, `RateLimit` and"
    " `RateLimit-Policy` say on every answer how much is left. Beyond them it is 429, with `Retry-After`. A path takes"
    " at most 16 KiB with its parameters, a body 2 MiB.",
    "Problems": "What is refused is a problem (RFC 9457), `application/problem+json`: `code` is for programs and"
    " stable, `detail` is for people, `errors` point into the body (`/citations/0/quote`) or at a parameter (`?limit`)."
    " An operation lists every code it can answer. A path that does not take a method answers 405 with `Allow`.",
}
INTRODUCTION: Final = "\n\n".join(f"## {head}\n\n{text}" if head else text for head, text in SECTIONS.items())
TAGS: Final[Mapping[str, str]] = {
    "sources": "Documents that say things. Their text is private; what is quoted of it is public.",
    "announcements": "What was announced, every date it was given, and what came of it.",
    "views": "Gathered over all announcements: what is to come, what is due, who moves dates, what was wrong.",
    "actors": "Offices, states, organisations and companies, and persons in public office.",
    "timelines": "Announcements that belong together, by a query.",
    "rubrics": "What the ratings of outcomes mean.",
    "batch": "Many commands in one commit.",
    "tokens": "Who may do what. Nothing of it is in the record but opaque ids.",
    "log": "The record itself: every entry, in order.",
    "service": "How the service is.",
}
"""The groups of operations, in the order in which they are shown."""
