"""How an announcement's versions follow from its facts, commit by commit. Pure.

At every commit's end the announcement is folded at each instant from which the commit matters; stretches of saying
with equal content are one version. So versions depend on the facts alone, not on how the commits were grouped.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from msgspec import Struct

from events import facts as f
from events.facts import Recorded
from events.history import announcement_of, course_at
from events.instants import FOREVER, Instant
from events.record import Announcement
from events.standing import ALWAYS, NEVER, standing
from events.views.advance import Folded, advanced, unmade
from events.views.described import Content, described


class Version(Struct, kw_only=True):
    """An open version: what the announcement is from `rec_from` on, for `said_from` <= S < `said_to`."""

    rec_from: int
    said_from: Instant
    said_to: Instant
    content: Content
    stored: bool = False


class Closed(Struct, frozen=True, kw_only=True):
    """A version that held until the commit that ends at `rec_to`, exclusive."""

    version: Version
    rec_to: int


class Line:
    """An announcement while its commits are gone through: its open versions, and those closed on the way.

    `latest` is what it is by all that was recorded and said so far.
    """

    def __init__(self, announcement: str, recorded: Sequence[Recorded], versions: Iterable[Version]) -> None:
        self.id = announcement
        self.open = list(versions)
        self.closed: list[Closed] = []
        self.latest: Announcement | None = None
        self._recorded = recorded
        self._positions = [record.position for record in recorded]
        self._folded: Folded | None = None

    def commit(self, commit_end: int) -> None:
        """Go on to the end of a commit that concerns the announcement."""
        count = bisect_right(self._positions, commit_end)
        first = count
        while first and self._recorded[first - 1].commit_end == commit_end:
            first -= 1
        if first == 0:
            self._folded = unmade(self.id)
        if not self._advance(self._recorded[first:count], commit_end):
            since = min(map(matters_from, self._recorded[first:count]), default=NEVER)
            if since != NEVER:
                pieces = self._fold(self._recorded[:count], since)
                self._revise(_stretches(self.open, since, pieces), commit_end)

    def _advance(self, new: Sequence[Recorded], commit_end: int) -> bool:
        """Go on by a single statement said after all others: only what was open to the end is revised."""
        if self._folded is None or len(new) != 1:
            return False
        folded = advanced(self._folded, new[0])
        if folded is None or folded.announcement is None:
            return False
        self._folded, self.latest = folded, folded.announcement
        at = folded.stands.instants[-1]
        if self.open:
            last = self.open.pop()
            self.closed.append(Closed(version=last, rec_to=commit_end))
            if last.said_from < at:
                kept = Version(rec_from=commit_end, said_from=last.said_from, said_to=at, content=last.content)
                self.open.append(kept)
        content = described(self.latest)
        self.open.append(Version(rec_from=commit_end, said_from=at, said_to=FOREVER, content=content))
        return True

    def _fold(self, recorded: Sequence[Recorded], since: Instant) -> list[tuple[Instant, Content]]:
        stands = standing(self.id, recorded)
        self._folded = None
        if stands.exists_from == NEVER:
            return []
        start = max(since, stands.exists_from)
        pieces: list[tuple[Instant, Content]] = []
        for at in (start, *(instant for instant in stands.instants if instant > start)):
            course = course_at(stands, at)
            self.latest = announcement_of(stands, course, at)
            self._folded = Folded(stands=stands, course=course, announcement=self.latest)
            pieces.append((at, described(self.latest)))
        return pieces

    def _revise(self, stretches: Iterable["_Stretch"], commit_end: int) -> None:
        """Close the versions that do not hold any more and open new ones; what is the same goes on."""
        kept: list[Version] = []
        before = {version.said_from: version for version in self.open}
        for stretch in stretches:
            version = before.get(stretch.said_from)
            if (
                version is not None
                and version.said_to == stretch.said_to
                and version.content.json == stretch.content.json
            ):
                kept.append(before.pop(stretch.said_from))
            else:
                kept.append(
                    Version(
                        rec_from=commit_end,
                        said_from=stretch.said_from,
                        said_to=stretch.said_to,
                        content=stretch.content,
                    )
                )
        self.closed.extend(Closed(version=version, rec_to=commit_end) for version in before.values())
        self.open = kept


class _Stretch(Struct):
    said_from: Instant
    said_to: Instant
    content: Content


def matters_from(record: Recorded) -> Instant:
    """Return the instant of saying before which a fact can change nothing; NEVER where it changes nothing at all."""
    match record.fact:
        case None | f.CameUp() | f.FellDue():
            return NEVER
        case f.Statement(citations=citations) | f.Amended(origin="source", citations=citations):
            return min((citation.said_at for citation in citations), default=NEVER)
        case f.SourceWithdrawn(said_at=said_at):
            return said_at or ALWAYS
        case _:
            return ALWAYS


def _stretches(
    versions: Iterable[Version], since: Instant, pieces: Sequence[tuple[Instant, Content]]
) -> list[_Stretch]:
    """Return what was before `since`, then each piece up to the next; neighbours with equal content are one."""
    stretches = [
        _Stretch(version.said_from, min(version.said_to, since), version.content)
        for version in versions
        if version.said_from < since
    ]
    for index, (at, content) in enumerate(pieces):
        until = pieces[index + 1][0] if index + 1 < len(pieces) else FOREVER
        last = stretches[-1] if stretches else None
        if last is not None and last.said_to == at and last.content.json == content.json:
            last.said_to = until
        else:
            stretches.append(_Stretch(at, until, content))
    return stretches
