"""Candidates that were accepted or turned down, as the commands that record them: one batch, whole or not at all."""

import re
import unicodedata
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Struct

from api.cli_document import Document
from api.cli_service import Api, given
from events.bodies import CITATIONS_MAX
from events.edtf import parse
from events.extract.matching import Background, repeated
from events.extract.reading import Candidate, Extraction, Match, Profile
from events.extract.who.gazetteer import Gazetteer
from events.record import Announcement, HistoryEntry, Source
from events.tags import url_tag

KEY_DIGITS: Final = 32
ID_DIGITS: Final = 8
SLUG_MAX: Final = 48
MODALITIES: Final = {"conditional": "expected"}
"""How an announcement is meant that is only made under a condition: the record has no word of its own for that."""

Command = dict[str, Any]
T = TypeVar("T")


class Accepted(Struct, frozen=True, kw_only=True):
    """A candidate that was accepted, under a title."""

    number: int
    candidate: Candidate
    title: str


class Receipt(Struct, frozen=True, kw_only=True):
    """What a command did."""

    id: str
    position: int


class Receipts(Struct, frozen=True, kw_only=True):
    """What a batch did."""

    receipts: tuple[Receipt, ...]


class Events(Struct, frozen=True, kw_only=True):
    """Recorded facts, as far as they name their sources."""

    events: tuple[dict[str, Any], ...]


class History(Struct, frozen=True, kw_only=True):
    """Every fact about an announcement."""

    items: tuple[HistoryEntry, ...]


class Record:
    """The record, as a client of the service asks for it. Everything raises `RefusedByService` and `Unreachable`."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._actors: dict[str, bool] = {}

    def extraction(self, document: Document, profile: Profile) -> Extraction:
        """Return what the service reads in a text, held against the record."""
        body = {
            "text": document.text, "published_at": document.published_at, "timezone": document.timezone,
            "language": document.language, "profile": profile,
        }  # fmt: skip
        answer = self._api.ask("POST", "/v1/extract", msgspec.json.encode(body))
        return msgspec.json.decode(given(answer), type=Extraction)

    def source(self, document: Document) -> Source | None:
        """Return the source that has this text, else the one at this address; None where neither is recorded."""
        digest = document.sha256
        for id in self._tagged(f"text:{digest}"):
            source = self._read(f"/v1/sources/{id}", Source)
            if source is not None and source.sha256 == digest:
                return source
        tag = None if document.url is None else url_tag(document.url)
        for id in () if tag is None else self._tagged(tag):
            source = self._read(f"/v1/sources/{id}", Source)
            if source is not None and isinstance(source.url, str) and url_tag(source.url) == tag:
                return source
        return None

    def announcement(self, id: str) -> Announcement | None:
        """Return an announcement."""
        return self._read(f"/v1/announcements/{quote(id, safe='')}", Announcement)

    def made(self, id: str) -> int | None:
        """Return the last statement that announced it, and stands."""
        history = self._read(f"/v1/announcements/{quote(id, safe='')}/history", History)
        made = [one for one in history.items if one.type == "announcement.made"] if history else []
        return next((one.position for one in reversed(made) if one.withdrawn_by is None), None)

    def has_actor(self, id: str) -> bool:
        """Say whether an actor is recorded."""
        if id not in self._actors:
            self._actors[id] = self._api.ask("GET", f"/v1/actors/{quote(id, safe='')}").status == 200
        return self._actors[id]

    def carry_out(self, commands: Sequence[Command]) -> tuple[Receipt, ...]:
        """Carry out commands as one commit; the same again is carried out once."""
        body = msgspec.json.encode({"commands": commands})
        key = f"ingest:{sha256(body).hexdigest()[:KEY_DIGITS]}"
        answer = self._api.ask("POST", "/v1/batch", body, {"Idempotency-Key": key})
        return msgspec.json.decode(given(answer), type=Receipts).receipts

    def _tagged(self, tag: str) -> list[str]:
        asked = urlencode({"tags": tag, "from": "start", "limit": 20})
        events = msgspec.json.decode(given(self._api.ask("GET", f"/v1/events?{asked}")), type=Events).events
        named = [word.partition(":") for event in events for word in str(event.get("tags", "")).split()]
        return list(dict.fromkeys(id for kind, _, id in named if kind == "source"))

    def _read(self, path: str, kind: type[T]) -> T | None:
        answer = self._api.ask("GET", path)
        return None if answer.status == 404 else msgspec.json.decode(given(answer), type=kind)


def commands_of(
    document: Document,
    source: Source | None,
    accepted: Sequence[Accepted],
    rejected: Sequence[Candidate],
    *,
    record: Record,
    gazetteer: Gazetteer,
) -> tuple[list[Command], list[str]]:
    """Return what records the accepted candidates and turns the others down, and notes on what needs no command."""
    making = _Making(document, source, record)
    statements, notes = _statements(making, accepted, Background(published=document.publication.day))
    if rejected:
        down = [_place(candidate) for candidate in rejected]
        statements.append({"command": "reject_candidates", "id": making.source, "candidates": down})
    if not statements:
        return [], notes
    actors = _actors([one.candidate for one in accepted], record, gazetteer)
    first = [] if source is not None else [_source(document, making.source)]
    return [*first, *actors, *statements], notes


def _statements(
    making: "_Making", accepted: Sequence[Accepted], background: Background
) -> tuple[list[Command], list[str]]:
    """Return a command for each thing that is said: what is said twice is one, with both quotes where it is new."""
    again = repeated([one.candidate for one in accepted], background)
    made: dict[int, Command] = {}
    corroborated: set[str] = set()
    statements, notes = list[Command](), list[str]()
    for index, one in enumerate(accepted):
        command = making.command(one)
        if command is None:
            notes.append(f"{one.number}: {_nothing(one.candidate)}")
            continue
        first = made.get(again[index]) if index in again else None
        if first is not None and len(first["citations"]) < CITATIONS_MAX:
            first["citations"] += command["citations"]
            notes.append(f"{one.number}: it says the same as {accepted[again[index]].number}, and is cited for that")
        elif command["command"] == "corroborate" and command["id"] in corroborated:
            notes.append(f"{one.number}: one source says it once, and {command['id']} is corroborated by it already")
        else:
            statements.append(command)
            if command["command"] == "make_announcement":
                made[index] = command
            elif command["command"] == "corroborate":
                corroborated.add(command["id"])
    return statements, notes


class _Making:
    """Makes commands out of candidates of one document."""

    def __init__(self, document: Document, source: Source | None, record: Record) -> None:
        digest = document.sha256
        self.source = _id(document.title, digest) if source is None else source.id
        self._placed = source is None or source.sha256 == digest
        self._document = document
        self._record = record

    def command(self, accepted: Accepted) -> Command | None:
        """Return the command that does what a candidate proposes; None where there is nothing to do."""
        candidate = accepted.candidate
        match = candidate.match if isinstance(candidate.match, Match) else None
        if match is None or not isinstance(match.proposal, str):
            return None
        known = None if match.id is None else self._record.announcement(match.id)
        about = {"id": match.id, "citations": [self._citation(candidate)]}
        match match.proposal:
            case "corroborates":
                supports = self._record.made(str(match.id)) if candidate.when.edtf is None else None
                return {"command": "corroborate", **about, **({} if supports is None else {"supports": supports})}
            case "moves" if candidate.when.edtf is None:
                return {"command": "postpone", **about}
            case "moves" if known is not None and known.made_at > self._document.instant:
                return {**self._make(accepted), "id": known.id, "title": known.title, "kind": known.kind}
            case "moves":
                return {"command": "reschedule", "when": _when(candidate), **about}
            case "outcome":
                return {"command": "outcome", "result": "happened", **_on(candidate), **about}
            case "contradicts" if known is not None and self._has_passed(known):
                return {"command": "outcome", "result": "did_not_happen", **about}
            case "contradicts":
                return {"command": "cancel", **about}
            case _:
                return None if candidate.modality == "denied" else self._make(accepted)

    def _make(self, accepted: Accepted) -> Command:
        candidate = accepted.candidate
        command: Command = {
            "command": "make_announcement",
            "title": accepted.title,
            "kind": candidate.kind,
            "modality": MODALITIES.get(candidate.modality, candidate.modality),
            "actors": candidate.actors,
            "places": candidate.places,
            "topics": candidate.topics,
            "citations": [self._citation(candidate)],
        }
        if candidate.when.edtf is not None:
            command["when"] = _when(candidate)
        if candidate.amount is not None:
            command["amount"] = candidate.amount
        if candidate.expression is not None and isinstance(candidate.expression.time, str):
            command["time"] = candidate.expression.time
        return command

    def _citation(self, candidate: Candidate) -> Command:
        citation: Command = {"source": self.source, "quote": candidate.quote}
        if self._placed:
            citation |= {"start": candidate.start, "end": candidate.end}
        if candidate.speaker is not None:
            citation["speaker"] = candidate.speaker
        return citation

    def _has_passed(self, known: Announcement) -> bool:
        last = None if known.when.edtf is None else parse(known.when.edtf).latest
        return last is not None and last < self._document.publication.day


def _nothing(candidate: Candidate) -> str:
    match = candidate.match if isinstance(candidate.match, Match) else None
    if match is None:
        return "it was not held against the record, which a text has too many candidates for"
    if match.proposal == "new":
        return "it denies what the record does not have; there is nothing to record"
    return f"nothing to record, {'; '.join(match.why)}: {match.id}"


def _place(candidate: Candidate) -> Command:
    place: Command = {"start": candidate.start, "end": candidate.end}
    return place if candidate.when.edtf is None else {**place, "edtf": candidate.when.edtf}


def _when(candidate: Candidate) -> Command:
    when = candidate.when
    said = {"edtf": when.edtf, "kind": when.kind, "phrase": when.phrase, "anchor": when.anchor}
    return {name: value for name, value in said.items() if isinstance(value, str)}


def _on(candidate: Candidate) -> Command:
    when = candidate.when
    return {"on": when.edtf} if when.kind in ("on", "between") and when.earliest and when.latest else {}


def _source(document: Document, id: str) -> Command:
    command = {
        "command": "record_source", "id": id, "title": document.title, "publisher": document.publisher,
        "published_at": document.published_at, "timezone": document.timezone, "language": document.language,
        "text": document.text, "url": document.url, "author": document.author,
    }  # fmt: skip
    return {name: value for name, value in command.items() if value is not None}


def _actors(candidates: Sequence[Candidate], record: Record, gazetteer: Gazetteer) -> list[Command]:
    """Return what records the actors that the record lacks, each after what it is part of."""
    commands: dict[str, Command] = {}
    for candidate in candidates:
        for actor in candidate.actors:
            if actor.id is not None:
                _record_actor(actor.id, commands, record, gazetteer)
    return list(commands.values())


def _record_actor(id: str, commands: dict[str, Command], record: Record, gazetteer: Gazetteer) -> None:
    if id in commands or record.has_actor(id):
        return
    entry = gazetteer.entry(id)
    if entry is None or entry.kind == "place":  # The service reads by names that are not here.
        commands[id] = {
            "command": "record_actor", "id": id, "names": {"en": id.replace("-", " ").title()}, "kind": "organisation",
        }  # fmt: skip
        return
    command: Command = {"command": "record_actor", "id": id, "names": {"en": entry.name}, "kind": entry.kind}
    if entry.aliases:
        command["aliases"] = entry.aliases[:32]
    if entry.part_of is not None:
        _record_actor(entry.part_of, commands, record, gazetteer)
        command["part_of"] = entry.part_of
    commands[id] = command


def _id(title: str, digest: str) -> str:
    """Return an id that the same text gets again: words of its title, and some of its hash."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:SLUG_MAX].strip("-") or "source"
    return f"{slug}-{digest[:ID_DIGITS]}"
