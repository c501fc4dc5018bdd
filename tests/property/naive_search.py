"""Search and corrections a second time, from the naive fold and plain Python: nothing is shared with `events.views`."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import msgspec

from events import facts as f
from events.facts import Recorded
from events.instants import FOREVER, Instant
from tests.property.naive import ALWAYS, NEVER, Answer, Recording, Saying
from tests.property.naive_lists import NaiveLists
from tests.property.naive_log import NaiveLog

STROKES = str.maketrans("łŁøØđĐħĦŧŦı", "lLoOdDhHtTi")
SHOWN = (
    *("title", "state", "when", "kind", "actors", "places", "topics", "modality", "amount", "timezone", "time"),
    *("lang", "translations", "image", "refs", "links", "merged_into"),
)
CORRECTING = (
    *(f.Amended, f.Retracted, f.Merged, f.SourceCorrected, f.SourceWithdrawn, f.ActorMerged, f.FactWithdrawn),
)

Texts = tuple[tuple[str, str], ...]


# Search.


def texts(answer: Answer) -> Texts:
    """What can be found of an announcement: in which field, and the text."""
    citing = [answer, *answer["outcomes"], *answer["progress"], *answer["links"]]
    found = [("title", title) for title in (answer["title"], *answer.get("translations", {}).values())]
    found += [("quote", citation["quote"]) for one in citing for citation in one["citations"]]
    found += [("reason", one["reason"]) for one in (*answer["dates"], *answer["outcomes"]) if one["reason"]]
    return tuple(sorted(set(found)))


def words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFD", text.translate(STROKES).lower())
    return re.findall(r"[^\W_]+", "".join(sign for sign in plain if unicodedata.category(sign) != "Mn"))


def rank(q: str, found: Texts) -> int | None:
    """0: the title has all; 1: the texts have; None: they do not. `q` is words and phrases, the last word may go on."""
    asked = re.findall(r'"[^"]*"|\S+', q)
    terms = [(words(term), index == len(asked) and not term.endswith('"')) for index, term in enumerate(asked, 1)]
    titles = [text for field, text in found if field == "title"]
    if all(any(_has(words(text), *term) for text in titles) for term in terms):
        return 0
    return 1 if all(any(_has(words(text), *term) for _, text in found) for term in terms) else None


def _has(text: list[str], phrase: list[str], begins: bool) -> bool:
    for at in range(len(text) - len(phrase) + 1):
        part = text[at : at + len(phrase)]
        if part == phrase or (begins and part[:-1] == phrase[:-1] and part[-1].startswith(phrase[-1])):
            return True
    return False


def worded_since(naive: NaiveLog, answer: Answer, as_of: int | None) -> int:
    """The commit since which some reading of the announcement has had these texts."""
    id, wanted = answer["id"], texts(answer)
    concerning = naive.concerning[id]
    said = sorted({citation.said_at for r in concerning for citation in getattr(r.fact, "citations", ())})
    gone = {r.fact.said_at for r in concerning if isinstance(r.fact, f.SourceWithdrawn) and r.fact.said_at}
    ends = sorted({r.commit_end for r in concerning if as_of is None or r.commit_end <= as_of})
    since = ends[-1]
    for end in reversed(ends):
        read = [naive.answer(id, end, at) for at in (*sorted({*said, *gone}, reverse=True), None)]
        if not any(one is not None and texts(one) == wanted for one in read):
            break
        since = end
    return since


# Corrections.


class NaiveCorrections:
    """Every correction of a log, by position; `at` says which were listed."""

    def __init__(self, naive: NaiveLog) -> None:
        self.naive = naive
        self.about: dict[int, Recorded] = {}
        self.undoing: list[tuple[int, int]] = []
        self.listed: list[tuple[str, Answer, tuple[str, ...]]] = []
        for r in naive.recorded:
            fact: Any = r.fact
            self.about[r.position] = r
            if isinstance(fact, f.FactWithdrawn):
                if fact.position >= r.position:
                    continue
                self.undoing.append((r.position, fact.position))
                self.about[r.position] = self.about[fact.position]
            if isinstance(fact, CORRECTING):
                self._take(r, self.about[r.position])

    def _take(self, r: Recorded, about: Recorded) -> None:
        kind = about.type.partition(".")[0]
        if about.fact is None or kind not in ("announcement", "source", "actor", "timeline"):
            return
        id = getattr(about.fact, kind)
        found = self._announcement(id, r, about) if kind == "announcement" else self._recording(kind, id, r, about)
        if found is not None:
            since, before, after = found
            changed = {name: (told(before.get(name)), told(after.get(name))) for name in {**before, **after}}
            changes = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
            item = {"position": r.position, "type": r.type, "kind": kind, "id": id, "changes": changes}
            self.listed.append((since, item, r.tags))

    def _announcement(self, id: str, r: Recorded, about: Recorded) -> tuple[str, Answer, Answer] | None:
        concerning = self.naive.concerning[id]
        before, after = (Recording(concerning, upto, id) for upto in (r.position - 1, r.position))
        exists = min((after.heard[p] for p, own in after.own.items() if isinstance(own, f.Made)), default=NEVER)
        since = max(exists, after.counts_from.get(r.position, NEVER))
        if since == NEVER:
            return None
        if isinstance(about.fact, f.Amended):
            names = [name for name in about.fact.set.__struct_fields__ if getattr(about.fact.set, name) is not None]
            root = after.chain(about.position)[-1]
            said, now = ({name: _stated(one, root, name) for name in names} for one in (before, after))
        else:
            said, now = (_compared(one.at(FOREVER)) for one in (before, after))
        return since, said, now

    def _recording(self, kind: str, id: str, r: Recorded, about: Recorded) -> tuple[str, Answer, Answer] | None:
        before, after = (_described(self.naive.recorded, upto, kind, id) for upto in (r.position - 1, r.position))
        if not before and not after:
            return None
        return getattr(about.fact, "said_at", None) or ALWAYS, before, after

    def at(self, as_of: int | None, said_by: Instant | None) -> Iterator[Answer]:
        """The latest first, with what undid each by then."""
        upto = len(self.naive.recorded) if as_of is None else as_of
        undoing = [pair for pair in self.undoing if pair[0] <= upto]
        for since, item, tags in reversed(self.listed):
            if item["position"] <= upto and since <= (said_by or FOREVER):
                standing = [by for by, named in undoing if named == item["position"] and _stands(by, undoing)]
                yield {**item, "withdrawn_by": min(standing, default=None), "tags": tags}


def told(value: Any) -> Any:
    """A value as it is compared: what is empty is as nothing, and a date is its expression and how it is meant."""
    if isinstance(value, dict) and "kind" in value and ("edtf" in value or "text" in value):
        value = {name: value[name] for name in ("edtf", "kind", "phrase", "anchor") if value.get(name)}
    value = sorted(value) if isinstance(value, set) else value
    return None if value in (None, (), [], {}) else msgspec.json.decode(msgspec.json.encode(value))


def _stands(position: int, undoing: list[tuple[int, int]]) -> bool:
    return not any(named == position and _stands(by, undoing) for by, named in undoing)


def _stated(recording: Recording, root: int, name: str) -> Any:
    """What a statement says in a field, by the amendments that have effect."""
    fact = recording.own[root]
    if not isinstance(fact, f.Made) and not (isinstance(fact, f.Rescheduled) and name == "when"):
        return None
    value = getattr(fact, name)
    for _, own in Saying(recording, FOREVER).amendments(root):
        given = getattr(own.set, name)
        value = value if given is None else given
    if name == "actors":
        return [{"id": one.id, "name": one.name, "role": one.role} for one in value]
    return msgspec.to_builtins(value)


def _compared(answer: Answer | None) -> Answer:
    if answer is None:
        return dict.fromkeys(SHOWN)
    links = [{"relation": link["relation"], "to": link["to"]} for link in answer["links"]]
    return {name: {**answer, "links": links}.get(name) for name in SHOWN}


def _described(recorded: Any, upto: int, kind: str, id: str) -> Answer:
    """What a source, an actor or a timeline was; nothing where it was not."""
    lists = _lists(recorded, upto, kind, id)
    if kind == "timeline":
        return {name: value for name, value in (lists.timeline(id) or {}).items() if name != "position"}
    facts = [fact for fact in lists.standing if getattr(fact, kind, None) == id]
    found: Answer = {}
    for fact in facts:
        plain = {name: value for name, value in msgspec.to_builtins(fact).items() if name not in ("type", kind)}
        if isinstance(fact, f.SourceRecorded | f.ActorRecorded):
            found = plain | ({"has_text": False} if kind == "source" else {})
        elif isinstance(fact, f.SourceCorrected) and found:
            found.update(plain["set"])
        elif isinstance(fact, f.ActorRenamed) and found:
            found["names"] = found["names"] | plain["names"]
    if found and kind == "source":
        found["state"] = "withdrawn" if any(isinstance(fact, f.SourceWithdrawn) for fact in facts) else "recorded"
    if found and kind == "actor":
        found["merged_into"] = next((fact.into for fact in facts if isinstance(fact, f.ActorMerged)), None)
    return found


def _lists(recorded: Any, upto: int, kind: str, id: str) -> NaiveLists:
    concerning: list[Recorded] = []
    positions: set[int] = set()
    for r in recorded[:upto]:
        if getattr(r.fact, kind, None) == id or getattr(r.fact, "position", None) in positions:
            concerning.append(r)
            positions.add(r.position)
    return NaiveLists(concerning, upto, ("nothing",))
