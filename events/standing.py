"""Resolve: which of an announcement's facts stand at a position, and what bears on each (DESIGN section 2).

Everything here depends on what was recorded alone. When a thing was *said* is kept beside it as the instant from which
it counts, so that `events.history` can fold the same resolution at any instant.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from events import facts as f
from events.facts import Recorded
from events.instants import Instant
from events.terms import Citation

ALWAYS: Final[Instant] = ""
"""Sorts before every instant: what editors do holds whatever time is asked for."""
NEVER: Final[Instant] = "~"
"""Sorts after every instant and the open end: what never counts does not count there either."""

Gone = Mapping[str, Instant]
"""Withdrawn sources, each with the instant from which nothing rests on it."""


class Amendment(Struct, frozen=True, kw_only=True):
    """A standing amendment. It holds from `counts_from` on; a source's own also needs a citation that stands."""

    record: Recorded
    fact: f.Amended
    counts_from: Instant
    citations: tuple[Citation, ...]

    def holds(self, gone: Gone, at: Instant) -> bool:
        """Say whether the amendment has effect at an instant."""
        if at < self.counts_from:
            return False
        return self.fact.origin == "editor" or said_at(self.citations, gone, at) <= at


class Stated(Struct, frozen=True, kw_only=True):
    """A statement and what bears on it.

    `citations` are its own and those of the corroborations that support it; `heard_at` is the earliest of them,
    whether or not their sources stand.
    """

    record: Recorded
    fact: f.AnyStatement
    withdrawn: bool
    heard_at: Instant
    citations: tuple[Citation, ...]
    amendments: tuple[Amendment, ...]


class Standing(Struct, frozen=True, kw_only=True):
    """An announcement's facts, resolved at one position.

    `exists_from` is when it was first announced, `counting` pairs each entry that counts with the instant from which
    it does, `instants` are all at which what is said can change.
    """

    id: str
    stated: tuple[Stated, ...]
    links: tuple[Recorded, ...]
    gone: Gone
    exists_from: Instant
    counting: tuple[tuple[Instant, Recorded], ...]
    instants: tuple[Instant, ...]
    retracted: bool
    merged_into: str | None


def is_gone(gone: Gone, source: str, at: Instant) -> bool:
    """Say whether a source's publisher had taken it back by an instant."""
    since = gone.get(source)
    return since is not None and since <= at


def said_at(citations: Iterable[Citation], gone: Gone, at: Instant) -> Instant:
    """Return the earliest citation whose source stands at an instant; NEVER where none does."""
    return min((c.said_at for c in citations if not is_gone(gone, c.source, at)), default=NEVER)


def standing(announcement: str, recorded: Sequence[Recorded]) -> Standing:
    """Resolve what stands, given every recorded fact that bears on the announcement, by position.

    That is: its own, the withdrawals of those, the withdrawals of the sources it cites and their undoing, and the
    merges it is connected with. Others are passed over. Never refuses: an act without a valid target has no effect.
    """
    by_position = {record.position: record for record in recorded}
    withdrawn = _withdrawn(recorded, by_position)
    own = {record.position: record for record in recorded if _is_own(record.fact, announcement)}
    roots = _roots(own)
    support = _support(own, roots, withdrawn)
    heard = {
        position: min((c.said_at for c in _citations(record, support)), default=NEVER)
        for position, record in own.items()
    }
    since = _counts_from(own, roots, heard)
    gone, gone_records = _gone(recorded, withdrawn)
    merges = _merges(recorded, withdrawn)
    amendments = _amendments(own, roots, since, support, withdrawn)
    stated = tuple(
        Stated(
            record=record,
            fact=record.fact,
            withdrawn=position in withdrawn,
            heard_at=heard[position],
            citations=_citations(record, support),
            amendments=tuple(amendments.get(position, ())),
        )
        for position, record in own.items()
        if isinstance(record.fact, f.Statement) and not isinstance(record.fact, f.Corroborated)
    )
    void = _void(own, withdrawn, merges.get(announcement))
    counting = _counting(recorded, own, {**since, **void}, gone_records)
    return Standing(
        id=announcement,
        stated=stated,
        links=tuple(r for p, r in own.items() if isinstance(r.fact, f.Linked) and p not in withdrawn),
        gone=gone,
        exists_from=min((s.heard_at for s in stated if isinstance(s.fact, f.Made)), default=NEVER),
        counting=counting,
        instants=_instants(own.values(), gone, counting),
        retracted=any(isinstance(r.fact, f.Retracted) and p not in withdrawn for p, r in own.items()),
        merged_into=merges[announcement].into if announcement in merges else None,
    )


def _is_own(fact: f.AnyFact | None, announcement: str) -> bool:
    """Say whether it is one of the announcement's facts: that a timeline names it does not make it one."""
    return isinstance(fact, f.AnnouncementFact) and fact.announcement == announcement


def _withdrawn(recorded: Sequence[Recorded], by_position: Mapping[int, Recorded]) -> set[int]:
    """One pass from the last position down settles withdrawals of withdrawals."""
    withdrawn: set[int] = set()
    for record in reversed(recorded):
        fact = record.fact
        if isinstance(fact, f.FactWithdrawn) and record.position not in withdrawn and fact.position < record.position:
            withdrawn.add(fact.position)
    return withdrawn & by_position.keys()


def _roots(own: Mapping[int, Recorded]) -> dict[int, int]:
    """Return for each statement, amendment and corroboration the statement that it is about in the end.

    A statement is about itself. A source's own amendment can be corroborated, an editor's cannot. What has no such
    end is not here.
    """
    roots: dict[int, int] = {}
    ends: dict[int, int] = {}
    for position, record in own.items():
        fact = record.fact
        if isinstance(fact, f.Amended | f.Corroborated):
            target = fact.corrects if isinstance(fact, f.Amended) else fact.supports
            if target >= position or target not in own:
                continue
            same_kind = isinstance(own[target].fact, type(fact))
            if same_kind and target not in ends:
                continue
            end = ends[position] = ends[target] if same_kind else target
            meant = own[end].fact
            supported = isinstance(fact, f.Corroborated) and _is_amendment(meant, "source")
            if isinstance(meant, f.Statement) or supported:
                roots[position] = end
        elif isinstance(fact, f.Statement):
            roots[position] = position
    return roots


def _is_amendment(fact: f.AnyFact | None, origin: str) -> bool:
    return isinstance(fact, f.Amended) and fact.origin == origin


def _support(
    own: Mapping[int, Recorded], roots: Mapping[int, int], withdrawn: set[int]
) -> dict[int, tuple[Citation, ...]]:
    support: dict[int, tuple[Citation, ...]] = {}
    for position, record in own.items():
        if isinstance(record.fact, f.Corroborated) and position in roots and position not in withdrawn:
            root = roots[position]
            support[root] = support.get(root, ()) + record.fact.citations
    return support


def _citations(record: Recorded, support: Mapping[int, tuple[Citation, ...]]) -> tuple[Citation, ...]:
    return tuple(getattr(record.fact, "citations", ())) + support.get(record.position, ())


def _counts_from(
    own: Mapping[int, Recorded], roots: Mapping[int, int], heard: Mapping[int, Instant]
) -> dict[int, Instant]:
    """Return from when on each fact counts; NEVER where it has no effect at all.

    An amendment counts when everything it corrects does, and has been said itself if a source says it.
    """
    since: dict[int, Instant] = {}
    for position, record in own.items():
        fact = record.fact
        if isinstance(fact, f.Amended | f.Corroborated) and position not in roots:
            since[position] = NEVER
        elif isinstance(fact, f.Amended):
            corrected = since if isinstance(own[fact.corrects].fact, f.Amended) else heard
            own_time = heard[position] if fact.origin == "source" else ALWAYS
            since[position] = max(corrected[fact.corrects], own_time)
        else:
            since[position] = heard[position] if isinstance(fact, f.Statement) else ALWAYS
    return since


def _amendments(
    own: Mapping[int, Recorded],
    roots: Mapping[int, int],
    since: Mapping[int, Instant],
    support: Mapping[int, tuple[Citation, ...]],
    withdrawn: set[int],
) -> dict[int, list[Amendment]]:
    amendments: dict[int, list[Amendment]] = {}
    for position, record in own.items():
        if isinstance(record.fact, f.Amended) and position in roots and position not in withdrawn:
            amendment = Amendment(
                record=record,
                fact=record.fact,
                counts_from=since[position],
                citations=_citations(record, support),
            )
            amendments.setdefault(roots[position], []).append(amendment)
    return amendments


def _gone(recorded: Sequence[Recorded], withdrawn: set[int]) -> tuple[dict[str, Instant], list[Recorded]]:
    gone: dict[str, Instant] = {}
    records = [record for record in recorded if isinstance(record.fact, f.SourceWithdrawn)]
    for record in records:
        fact = record.fact
        if isinstance(fact, f.SourceWithdrawn) and record.position not in withdrawn:
            gone[fact.source] = min(gone.get(fact.source, NEVER), fact.said_at or ALWAYS)
    return gone, records


class _Merge(Struct, frozen=True):
    into: str
    position: int


def _merges(recorded: Sequence[Recorded], withdrawn: set[int]) -> dict[str, _Merge]:
    """Return the merges that count: the older standing one of each, none that would close a circle."""
    merges: dict[str, _Merge] = {}
    for record in recorded:
        fact = record.fact
        if not isinstance(fact, f.Merged) or record.position in withdrawn or fact.announcement in merges:
            continue
        end = fact.into
        while end in merges:
            end = merges[end].into
        if end != fact.announcement:
            merges[fact.announcement] = _Merge(fact.into, record.position)
    return merges


def _void(own: Mapping[int, Recorded], withdrawn: set[int], merge: _Merge | None) -> dict[int, Instant]:
    """Return the standing merges that have no effect, which never count."""
    return {
        position: NEVER
        for position, record in own.items()
        if isinstance(record.fact, f.Merged)
        and position not in withdrawn
        and (merge is None or merge.position != position)
    }


def _counting(
    recorded: Sequence[Recorded],
    own: Mapping[int, Recorded],
    since: Mapping[int, Instant],
    gone_records: Sequence[Recorded],
) -> tuple[tuple[Instant, Recorded], ...]:
    counts = {p: since[p] for p, record in own.items() if not isinstance(record.fact, f.CameUp | f.FellDue)}
    cited_from: dict[str, Instant] = {}
    for position in own:
        for citation in getattr(own[position].fact, "citations", ()):
            cited_from[citation.source] = min(cited_from.get(citation.source, NEVER), since[position])
    for record in gone_records:
        fact = record.fact
        if isinstance(fact, f.SourceWithdrawn) and fact.source in cited_from:
            counts[record.position] = max(fact.said_at or ALWAYS, cited_from[fact.source])
    for record in recorded:
        fact = record.fact
        if isinstance(fact, f.FactWithdrawn) and fact.position < record.position and fact.position in counts:
            counts[record.position] = counts[fact.position]
    by_position = {record.position: record for record in recorded}
    return tuple((since_at, by_position[p]) for p, since_at in sorted(counts.items()) if since_at != NEVER)


def _instants(own: Iterable[Recorded], gone: Gone, counting: Iterable[tuple[Instant, Recorded]]) -> tuple[Instant, ...]:
    instants = {c.said_at for record in own for c in getattr(record.fact, "citations", ())}
    instants.update(gone.values())
    instants.update(at for at, _ in counting)
    return tuple(sorted(instants - {ALWAYS, NEVER}))
