"""The canonical dump: one hash over every base table, row by row in the order of its primary key."""

from hashlib import sha256
from typing import Final

import msgspec

from events.views.schema import Connection

# A content's number tells the order in which it was written, so versions are dumped with what they hold instead.
_TABLES: Final = (
    "SELECT log_id, position, event_id, met FROM checkpoint ORDER BY id",
    "SELECT * FROM fact ORDER BY position",
    "SELECT * FROM bearing ORDER BY subject, position",
    "SELECT * FROM cites ORDER BY source, subject",
    (
        "SELECT announcement, v.rec_to, v.said_to, v.rec_from, v.said_from, v.day, v.last_day, v.first_day, v.begins,"
        " v.ends, v.timezone, v.due_at, v.overdue_at, v.state, c.kind, c.position, c.dates, c.moves,"
        " c.slip_days, c.year, c.made_by, c.facets, c.words, c.json"
        " FROM announcement_version AS v CROSS JOIN announcement_content AS c ON c.id = v.content"
        " ORDER BY v.announcement, v.rec_to, v.said_to"
    ),
    (
        "SELECT d.id, d.rec_from, d.announcement, c.json FROM search_document AS d"
        " CROSS JOIN announcement_content AS c ON c.id = d.content ORDER BY d.id"
    ),
    (
        "SELECT v.announcement, v.rec_to, v.said_to, s.digest, d.id FROM announcement_version AS v"
        " CROSS JOIN searched AS s ON s.content = v.content CROSS JOIN search_document AS d ON d.content = s.document"
        " ORDER BY v.announcement, v.rec_to, v.said_to"
    ),
    "SELECT * FROM announcement_by ORDER BY announcement, rec_to, said_to, actor",
    "SELECT * FROM announcement_tally WHERE announcements > 0 ORDER BY actor, year, state, moved, dated",
    "SELECT * FROM announcement_facet ORDER BY facet, announcement",
    "SELECT * FROM due ORDER BY announcement, date",
    "SELECT * FROM correcting ORDER BY subject, position",
    "SELECT * FROM correction ORDER BY position",
    "SELECT * FROM correction_tag ORDER BY tag, position",
    "SELECT * FROM source_version ORDER BY source, rec_to",
    "SELECT * FROM actor_version ORDER BY actor, rec_to",
    "SELECT * FROM timeline_version ORDER BY timeline, rec_to",
)


def dump(connection: Connection) -> str:
    """Return the lowercase hex SHA-256 of the dump."""
    digest = sha256()
    encoder = msgspec.json.Encoder()
    for number, sql in enumerate(_TABLES):
        for row in connection.execute(sql):
            digest.update(encoder.encode((number, row)) + b"\n")
    return digest.hexdigest()
