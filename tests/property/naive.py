"""A second fold, written from the specification for obviousness: it holds the first one right.

It shares no code with `events.standing` and `events.history`: everything recorded up to a position is looked through
again for every question. What it answers is the API's Announcement as plain values, without the words and the
precision of `when`.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import msgspec

from events import facts as f
from events import terms
from events.edtf import parse

SAYING = (f.Made, f.Rescheduled, f.Postponed, f.Cancelled, f.ProgressReported, f.OutcomeReported)
STATEMENTS = (*SAYING, f.Corroborated)
ALWAYS = ""  # Earlier than every instant.
NEVER = "~"  # Later than every instant.

Answer = dict[str, Any]


def naive(recorded: Sequence[f.Recorded], as_of: int, said_by: str, announcement: str) -> Answer | None:
    """Return the announcement as recorded up to `as_of`, as said up to `said_by`; None where it is not known there."""
    return Recording(recorded, as_of, announcement).at(said_by)


class Recording:
    """What had been recorded of one announcement up to a position; `at` asks what had been said."""

    def __init__(self, recorded: Sequence[f.Recorded], as_of: int, announcement: str) -> None:
        self.announcement = announcement
        # Which fact has which fields is told by their types, seen here as nowhere else: `Any` spares the asking.
        self.records: list[Any] = [r for r in recorded if r.position <= as_of and r.fact is not None]
        self.record = {r.position: r for r in self.records}
        self.own: dict[int, Any] = {
            r.position: r.fact
            for r in self.records
            if r.type.startswith("announcement.") and r.fact.announcement == announcement
        }
        self.standing = {r.position for r in self.records if self._stands(r.position)}
        self.citations = {p: self._citations(p) for p in self.own}
        self.heard = {p: min((c.said_at for c in self.citations[p]), default=NEVER) for p in self.own}
        self.merges = self._merges()
        self.counts_from = {r.position: self._counts_from(r.position) for r in self.records}

    def _stands(self, position: int) -> bool:
        return not any(
            isinstance(r.fact, f.FactWithdrawn)
            and r.fact.position == position < r.position
            and self._stands(r.position)
            for r in self.records
        )

    def chain(self, position: int) -> list[int]:
        """An amendment, what it corrects, and so on to the statement in the end. Empty: it leads nowhere."""
        target = self.own[position].corrects
        if target >= position or target not in self.own:
            return []
        if isinstance(self.own[target], f.Amended):
            further = self.chain(target)
            return [position, *further] if further else []
        return [position, target] if isinstance(self.own[target], STATEMENTS) else []

    def supported(self, position: int) -> int | None:
        """What a corroboration supports in the end; None: nothing that can be supported."""
        target: int = self.own[position].supports
        if target >= position or target not in self.own:
            return None
        match self.own[target]:
            case f.Corroborated():
                return self.supported(target)
            case f.Amended(origin="source"):
                return target
            case fact:
                return target if isinstance(fact, SAYING) else None

    def _citations(self, position: int) -> list[terms.Citation]:
        """Its own citations, then those of the standing corroborations that support it."""
        found = list(getattr(self.own[position], "citations", ()))
        for other, fact in self.own.items():
            if isinstance(fact, f.Corroborated) and other in self.standing and self.supported(other) == position:
                found.extend(fact.citations)
        return found

    def _merges(self) -> dict[str, Any]:
        """The merge that counts of every announcement that is merged."""
        counting: dict[str, Any] = {}
        for r in self.records:
            if not isinstance(r.fact, f.Merged) or r.position not in self.standing or r.fact.announcement in counting:
                continue
            end = r.fact.into
            while end in counting and end != r.fact.announcement:
                end = counting[end].fact.into
            if end != r.fact.announcement:
                counting[r.fact.announcement] = r
        return counting

    def _counts_from(self, position: int) -> str:
        """From when on, by what had been said, the entry is one of this announcement's; `NEVER`, `ALWAYS`."""
        fact = self.record[position].fact
        if isinstance(fact, f.FactWithdrawn):
            named = fact.position
            return self._counts_from(named) if named < position and named in self.record else NEVER
        if isinstance(fact, f.SourceWithdrawn):
            citing = [self._counts_from(p) for p, own in self.own.items() if _cites(own, fact.source)]
            return max(fact.said_at or ALWAYS, min(citing, default=NEVER))
        if position not in self.own:
            return NEVER
        match fact:
            case f.Amended():
                chain = self.chain(position)
                if not chain:
                    return NEVER
                return max(self.heard[p] for p in chain if p == chain[-1] or self.own[p].origin == "source")
            case f.Corroborated():
                return NEVER if self.supported(position) is None else self.heard[position]
            case f.Merged():
                counting = self.merges.get(self.announcement)
                void = position in self.standing and (counting is None or counting.position != position)
                return NEVER if void else ALWAYS
            case f.Linked() | f.Retracted():
                return ALWAYS
            case f.CameUp() | f.FellDue():
                return NEVER
        return self.heard[position]

    def at(self, said_by: str) -> Answer | None:
        first_heard = min((self.heard[p] for p, fact in self.own.items() if isinstance(fact, f.Made)), default=NEVER)
        return None if first_heard > said_by else Saying(self, said_by).answer()


class Saying:
    """A recording at one instant of what had been said: the statements, in the order said, told one by one."""

    def __init__(self, recording: Recording, said_by: str) -> None:
        self.recording = recording
        self.own = recording.own
        self.said_by = said_by
        self.gone = {
            r.fact.source
            for r in recording.records
            if isinstance(r.fact, f.SourceWithdrawn)
            and r.position in recording.standing
            and (r.fact.said_at is None or r.fact.said_at <= said_by)
        }
        self.dates: list[Answer] = []
        self.in_force: terms.When | None = None
        self.decisive: str | None = None
        self.last_made: int | None = None
        self.moved_since_made = False
        self.outcomes: list[Answer] = []
        self.progress: list[Answer] = []

    def answer(self) -> Answer:
        said = sorted(
            (self.said_at(p), p)
            for p, fact in self.own.items()
            if isinstance(fact, SAYING) and p in self.recording.standing and self.standing_citations(p)
        )
        for _, position in said:
            self.tell(position)
        mades = [moment for moment, p in said if isinstance(self.own[p], f.Made)]
        counting = [p for p, moment in self.recording.counts_from.items() if moment <= self.said_by]
        answer = {
            "id": self.recording.announcement,
            **self.fields(),
            "state": self.state(),
            "when": _when(self.in_force),
            "dates": self.dates,
            "slip_days": self.slip_days(),
            "citations": self.all_citations(),
            "outcomes": self.outcomes,
            "progress": self.progress,
            "links": self.links(),
            "position": max(counting),
            "made_at": min(mades) if mades else self.first_heard_made(),
            "updated_at": self.recording.record[max(counting)].recorded_at,
        }
        if self.recording.announcement in self.recording.merges:
            answer["merged_into"] = self.recording.merges[self.recording.announcement].fact.into
        return answer

    # What stands at this instant, and since when.

    def standing_citations(self, position: int) -> list[terms.Citation]:
        """The citations, earliest first, that have been said and whose sources stand."""
        found = [
            c for c in self.recording.citations[position] if c.source not in self.gone and c.said_at <= self.said_by
        ]
        return sorted(found, key=lambda c: c.said_at)

    def said_at(self, position: int) -> str:
        return self.standing_citations(position)[0].said_at

    def first_heard_made(self) -> str:
        return min(self.recording.heard[p] for p, fact in self.own.items() if isinstance(fact, f.Made))

    def amendments(self, statement: int) -> Iterator[tuple[int, f.Amended]]:
        """The amendments of a statement that have effect, by position."""
        for position, fact in self.own.items():
            if not isinstance(fact, f.Amended) or position not in self.recording.standing:
                continue
            chain = self.recording.chain(position)
            if not chain or chain[-1] != statement:
                continue
            by_source = [p for p in chain[:-1] if self.own[p].origin == "source"]
            if any(self.recording.heard[p] > self.said_by for p in by_source):
                continue
            if fact.origin == "editor" or self.standing_citations(position):
                yield position, fact

    # The fold.

    def tell(self, position: int) -> None:
        fact = self.own[position]
        if isinstance(fact, f.Made):
            self.last_made = position
            self.moved_since_made = False
        if isinstance(fact, f.Made | f.Rescheduled):
            self.tell_dates(position, fact)
        if isinstance(fact, f.Postponed):
            self.decisive = "postponed"
            self.moved_since_made = True
            if self.in_force is not None:
                self.dates.append(self.entry(position, position, None, "moved"))
            self.in_force = None
        if isinstance(fact, f.Cancelled):
            self.decisive = "cancelled"
        if isinstance(fact, f.OutcomeReported):
            self.decisive = fact.result
            judged = {"result": fact.result, "on": fact.on, "reason": fact.reason, "rubric": fact.rubric}
            self.outcomes.append({**judged, "citations": self.said_citations(position), "position": position})
        if isinstance(fact, f.ProgressReported):
            told = {"text": fact.text, "citations": self.said_citations(position), "position": position}
            self.progress.append(told)

    def tell_dates(self, position: int, fact: f.Made | f.Rescheduled) -> None:
        values = [(position, fact.when)] if fact.when is not None else []
        values += [(p, amendment.set.when) for p, amendment in self.amendments(position) if amendment.set.when]
        if not values:
            return
        self.decisive = None
        last = values[-1][1]
        if not all(_same(value, self.in_force) for _, value in values):
            how = self.how(last)
            for index, (giver, value) in enumerate(values):
                self.dates.append(self.entry(position, giver, value, "corrected" if index else how))
            if how == "moved" and not isinstance(fact, f.Made):
                self.moved_since_made = True
        self.in_force = last

    def how(self, now: terms.When) -> str:
        if not self.dates:
            return "first"
        if self.in_force is None or _same(now, self.in_force) or not _inside(now, self.in_force):
            return "moved"
        return "narrowed"

    def entry(self, statement: int, giver: int, value: terms.When | None, how: str) -> Answer:
        fact = self.own[giver]
        earliest, latest = _bounds(value)
        by_source = isinstance(fact, f.Amended) and fact.origin == "source"
        citations = self.standing_citations(giver) or self.standing_citations(statement)
        return {
            "edtf": None if value is None else value.edtf,
            "earliest": _iso(earliest),
            "latest": _iso(latest),
            "how": how,
            "said_at": self.said_at(giver if by_source else statement),
            "recorded_at": self.recording.record[giver].recorded_at,
            "reason": getattr(fact, "reason", None),
            "citation": self.cited(citations[0]),
            "position": giver,
        }

    # What is shown.

    def state(self) -> str:
        if self.recording.announcement in self.recording.merges:
            return "merged"
        if any(isinstance(fact, f.Retracted) and p in self.recording.standing for p, fact in self.own.items()):
            return "retracted"
        if self.last_made is None:
            return "withdrawn"
        if self.decisive is not None:
            return self.decisive
        reported = self.made_fields(self.last_made)["modality"] == "reported"
        return "happened" if reported and not self.moved_since_made else "announced"

    def slip_days(self) -> int | None:
        before: list[Answer] = []
        for entry in self.dates:
            if entry["how"] == "moved":
                break
            before.append(entry)
        if not before or before[-1]["latest"] is None or self.dates[-1]["latest"] is None:
            return None
        first, last = (date.fromisoformat(entry["latest"]) for entry in (before[-1], self.dates[-1]))
        return (last - first).days

    def made_fields(self, position: int) -> dict[str, Any]:
        made = self.own[position]
        fields = {name: getattr(made, name) for name in terms.AnnouncementFields.__struct_fields__}
        for _, amendment in self.amendments(position):
            for name in fields:
                value = getattr(amendment.set, name)
                if value is not None:
                    fields[name] = value
        return fields

    def fields(self) -> Answer:
        """The fields of the last `made` that was said; where none stands, the title of the last one heard."""
        if self.last_made is not None:
            fields = self.made_fields(self.last_made)
        else:
            heard = self.recording.heard
            mades = [(heard[p], p) for p, fact in self.own.items() if isinstance(fact, f.Made)]
            _, last = max(pair for pair in mades if pair[0] <= self.said_by)
            untold = f.Made(announcement=self.recording.announcement, citations=(), title="")
            fields = {name: getattr(untold, name) for name in terms.AnnouncementFields.__struct_fields__}
            fields["title"] = self.made_fields(last)["title"]
        answer = {name: msgspec.to_builtins(value) for name, value in fields.items() if name != "when"}
        answer["actors"] = [{"id": actor.id, "name": actor.name, "role": actor.role} for actor in fields["actors"]]
        for name in ("amount", "time", "lang", "image", "translations"):
            if not answer[name]:
                del answer[name]
        for name in ("places", "topics", "refs"):
            answer[name] = list(answer[name])
        return answer

    def links(self) -> list[Answer]:
        return [
            {"relation": fact.relation, "to": fact.to, "citations": self.said_citations(p), "position": p}
            for p, fact in self.own.items()
            if isinstance(fact, f.Linked) and p in self.recording.standing
        ]

    def all_citations(self) -> list[Answer]:
        found: dict[tuple[Any, ...], Answer] = {}
        for position, fact in self.own.items():
            if not isinstance(fact, f.Made | f.Rescheduled | f.Postponed | f.Cancelled):
                continue
            if position not in self.recording.standing or self.recording.heard[position] > self.said_by:
                continue
            for giver in (position, *(p for p, _ in self.amendments(position))):
                for c in self.said_citations(giver):
                    found.setdefault((c["said_at"], c["source"], c["quote"], c["start"]), c)
        return sorted(found.values(), key=lambda c: c["said_at"])

    def said_citations(self, position: int) -> list[Answer]:
        """Its citations that have been said, earliest first; those whose source is gone are marked, not left out."""
        found = [c for c in self.recording.citations[position] if c.said_at <= self.said_by]
        return [self.cited(c) for c in sorted(found, key=lambda c: c.said_at)]

    def cited(self, citation: terms.Citation) -> Answer:
        shown = {name: getattr(citation, name) for name in ("source", "quote", "start", "end", "said_at", "verified")}
        if citation.speaker is not None:
            shown["speaker"] = msgspec.to_builtins(citation.speaker)
        return {**shown, "withdrawn": citation.source in self.gone}


def _cites(fact: Any, source: str) -> bool:
    return any(citation.source == source for citation in getattr(fact, "citations", ()))


def _same(one: terms.When, other: terms.When | None) -> bool:
    return other is not None and (one.edtf, one.kind) == (other.edtf, other.kind)


def _bounds(when: terms.When | None) -> tuple[int | None, int | None]:
    if when is None:
        return None, None
    edtf = parse(when.edtf)
    return edtf.earliest, edtf.latest


def _inside(inner: terms.When, outer: terms.When) -> bool:
    (earliest, latest), (outer_earliest, outer_latest) = _bounds(inner), _bounds(outer)
    starts_inside = outer_earliest is None or (earliest is not None and earliest >= outer_earliest)
    ends_inside = outer_latest is None or (latest is not None and latest <= outer_latest)
    return starts_inside and ends_inside


def _iso(day: int | None) -> str | None:
    return None if day is None else date.fromordinal(day).isoformat()


def _when(when: terms.When | None) -> Answer:
    if when is None:
        return {"edtf": None, "earliest": None, "latest": None, "kind": "undated"}
    earliest, latest = _bounds(when)
    shown = {"edtf": when.edtf, "earliest": _iso(earliest), "latest": _iso(latest), "kind": when.kind}
    return shown | {name: getattr(when, name) for name in ("phrase", "anchor") if getattr(when, name)}
