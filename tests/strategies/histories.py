"""Histories of two announcements, `a` and `b`, over three sources: what a log could hold, and much that it should not.

Pools are small, so that facts collide: equal `said_at`s, the same words cited twice, the same date given again. Facts
arrive in any order of saying; targets lie mostly where they may, and sometimes later, elsewhere or on facts that are no
statements.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final

from hypothesis import strategies as st

from events import facts as f
from events.facts import Recorded, said_at_of, type_of
from events.instants import Instant
from events.tags import tags_of
from events.terms import ActorRef, Amount, AnnouncementFields, Citation, Image, SourceFields, Speaker, When

FACTS_MIN: Final = 12
FACTS_MAX: Final = 18
ANNOUNCEMENTS: Final = ("a", "b")
SOURCES: Final = ("x", "y", "z")
INSTANTS: Final[tuple[Instant, ...]] = tuple(f"2024-0{month}-10T00:00:00.000000Z" for month in range(1, 5))

_DATES: Final = (
    When(edtf="2024-04-10", kind="on"),
    When(edtf="2024-04-10", kind="on", phrase="on Wednesday", anchor="2024-04-08"),
    When(edtf="2024-04-10", kind="deadline"),
    When(edtf="2024-04-20", kind="on"),
    When(edtf="2024-04", kind="on"),
    When(edtf="../2024", kind="deadline"),
    When(edtf="../2025", kind="deadline"),
    When(edtf="2024-04-11/..", kind="from"),
    When(edtf="2024-04-09/2024-04-14", kind="between"),
    When(edtf="2024-21", kind="on"),
    When(edtf="2025-12~", kind="on"),
    When(edtf="[2024-04-10,2025]", kind="between"),
)
_CITATIONS: Final = tuple(
    Citation(source=source, quote=quote, said_at=said_at, **more)
    for source in SOURCES
    for said_at in INSTANTS
    for quote, more in (
        ("in April", {"start": 4, "end": 12, "verified": True}),
        ("in April", {"start": 4, "end": 12, "speaker": Speaker(name="an official", named=False)}),
        ("by 2025", {}),
    )
)
_FIELDS: Final = (
    AnnouncementFields(title="The visit", modality="reported"),
    AnnouncementFields(title="The visit, renamed", kind="visit", lang="en", translations={"fr": "La visite"}),
    AnnouncementFields(modality="committed", time="10:30", timezone="America/New_York", topics=("defence",)),
    AnnouncementFields(actors=(ActorRef(id="usa"), ActorRef(name="Japan", role="with")), places=("Washington",)),
    AnnouncementFields(amount=Amount(value="14", currency="USD"), refs=("https://example.org/1",)),
    AnnouncementFields(image=Image(url="https://example.org/a.png", alt="A", credit="B"), places=(), translations={}),
)

Choose = Callable[[Sequence[Any]], Any]
"""Takes one of several values: every draw is such a choice, so that chance can make it as well as Hypothesis."""


class Drawing:
    """A history while it is drawn: what stands in it so far, and draws that know it."""

    def __init__(self, choose: Choose) -> None:
        self.one = choose
        self.facts: list[f.AnyFact] = []

    def announcement(self) -> str:
        return str(self.one(("a", "a", "a", "b")))

    def citations(self) -> tuple[Citation, ...]:
        return tuple(self.one(_CITATIONS) for _ in range(self.one((1, 1, 1, 2, 3))))

    def when(self) -> When:
        when: When = self.one(_DATES)
        return when

    def reason(self) -> str | None:
        reason: str | None = self.one((None, "As they say."))
        return reason

    def target(self, valid: Sequence[int]) -> int:
        """Return a position to name: mostly one of the valid ones, else any, this fact's own and later ones too."""
        if not valid or self.one(range(8)) == 7:
            valid = range(1, len(self.facts) + 4)
        return int(self.one(valid))

    def positions(self, kinds: tuple[type, ...], announcement: str | None = None) -> list[int]:
        return [
            position
            for position, fact in enumerate(self.facts, 1)
            if isinstance(fact, kinds) and announcement in (None, getattr(fact, "announcement", None))
        ]

    def built_on(self, kind: type, announcement: str) -> list[int]:
        """Return what an act may name: half of the time others of its kind, so that chains grow."""
        chained = self.positions((kind,), announcement) if self.one((True, False)) else []
        return chained or self.positions((f.Statement, f.Amended), announcement)


def _made(h: Drawing) -> f.Made:
    fields = h.one(_FIELDS)
    given = {name: value for name in fields.__struct_fields__ if (value := getattr(fields, name)) is not None}
    when = h.one((None, *_DATES))
    return f.Made(announcement=h.announcement(), citations=h.citations(), **{"title": "It", **given, "when": when})


def _rescheduled(h: Drawing) -> f.Rescheduled:
    return f.Rescheduled(announcement=h.announcement(), when=h.when(), reason=h.reason(), citations=h.citations())


def _postponed(h: Drawing) -> f.Postponed:
    return f.Postponed(announcement=h.announcement(), reason=h.reason(), citations=h.citations())


def _cancelled(h: Drawing) -> f.Cancelled:
    return f.Cancelled(announcement=h.announcement(), reason=h.reason(), citations=h.citations())


def _progress(h: Drawing) -> f.ProgressReported:
    return f.ProgressReported(announcement=h.announcement(), text="Half of it is built.", citations=h.citations())


def _outcome(h: Drawing) -> f.OutcomeReported:
    return f.OutcomeReported(
        announcement=h.announcement(),
        result=h.one(("happened", "partly", "did_not_happen", "cannot_be_judged")),
        on=h.one((None, "2024-04-10")),
        rubric=h.one((None, "1")),
        citations=h.citations(),
    )


def _corroborated(h: Drawing) -> f.Corroborated:
    announcement = h.announcement()
    supports = h.target(h.built_on(f.Corroborated, announcement))
    return f.Corroborated(announcement=announcement, supports=supports, citations=h.citations())


def _amended(h: Drawing) -> f.Amended:
    announcement = h.announcement()
    origin = h.one(("editor", "source"))
    dated = AnnouncementFields(when=h.when())
    return f.Amended(
        announcement=announcement,
        corrects=h.target(h.built_on(f.Amended, announcement)),
        set=dated if h.one((True, True, False)) else h.one(_FIELDS),
        origin=origin,
        reason="It was read wrongly.",
        citations=h.citations() if origin == "source" or h.one((False, False, True)) else (),
    )


def _linked(h: Drawing) -> f.Linked:
    citations = h.citations() if h.one((False, True)) else ()
    return f.Linked(announcement=h.announcement(), relation="part_of", to="b", citations=citations)


def _merged(h: Drawing) -> f.Merged:
    return f.Merged(announcement=h.one(("a", "b", "a", "b", "c")), into=h.one(("b", "a", "c")))


def _retracted(h: Drawing) -> f.Retracted:
    return f.Retracted(announcement=h.announcement(), reason="There was none.")


def _came_up(h: Drawing) -> f.CameUp:
    return f.CameUp(announcement=h.announcement(), date=h.target([]))


def _fell_due(h: Drawing) -> f.FellDue:
    return f.FellDue(announcement=h.announcement(), date=h.target([]))


def _fact_withdrawn(h: Drawing) -> f.FactWithdrawn:
    kinds = h.one(((f.Amended, f.Corroborated), (f.FactWithdrawn, f.SourceWithdrawn, f.Merged), (f.Fact,)))
    return f.FactWithdrawn(position=h.target(h.positions(kinds) or h.positions((f.Fact,))), reason="Not so.")


def _source_withdrawn(h: Drawing) -> f.SourceWithdrawn:
    return f.SourceWithdrawn(source=h.one(SOURCES), reason="An error.", said_at=h.one((None, *INSTANTS)))


def _source_recorded(h: Drawing) -> f.SourceRecorded:
    return f.SourceRecorded(
        source=h.one(SOURCES),
        title="Bulletin",
        publisher="The bureau",
        published_at=INSTANTS[0],
        timezone="UTC",
        language="en",
    )


def _source_corrected(h: Drawing) -> f.SourceCorrected:
    return f.SourceCorrected(source=h.one(SOURCES), set=SourceFields(title="The bulletin"), reason="A slip.")


def _candidate_rejected(h: Drawing) -> f.CandidateRejected:
    return f.CandidateRejected(source=h.one(SOURCES), start=0, end=7, quote_hash="0" * 64, reading="2025")


def _item_pinned(h: Drawing) -> f.ItemPinned:
    return f.ItemPinned(timeline="spring", announcement=h.announcement())


# How often each is drawn, in the order of shrinking: what comes first says least.
_KINDS: Final[tuple[tuple[int, Callable[[Drawing], f.AnyFact]], ...]] = (
    (1, _source_recorded),
    (1, _source_corrected),
    (1, _candidate_rejected),
    (1, _item_pinned),
    (1, _came_up),
    (1, _fell_due),
    (5, _made),
    (7, _rescheduled),
    (3, _postponed),
    (2, _cancelled),
    (1, _progress),
    (3, _outcome),
    (7, _corroborated),
    (13, _amended),
    (1, _linked),
    (4, _merged),
    (2, _retracted),
    (4, _source_withdrawn),
    (13, _fact_withdrawn),
)
_WEIGHTED: Final = tuple(kind for weight, kind in _KINDS for _ in range(weight))


@st.composite
def histories(draw: st.DrawFn, *, facts_min: int = FACTS_MIN, facts_max: int = FACTS_MAX) -> list[Recorded]:
    """Draw what a log holds, by position, in commits of one to three facts; `a` is announced first."""
    return _history(lambda values: draw(st.sampled_from(values)), facts_min, facts_max)


def history_of(seed: int, *, facts_min: int = FACTS_MIN, facts_max: int = FACTS_MAX) -> list[Recorded]:
    """Return one such history: the same for the same seed, every choice as likely as the next."""
    return _history(Random(seed).choice, facts_min, facts_max)


def _history(choose: Choose, facts_min: int, facts_max: int) -> list[Recorded]:
    return in_commits(drawn(choose, facts_min, facts_max))


def drawn(choose: Choose, facts_min: int, facts_max: int) -> Drawing:
    """Return the facts of such a history, not yet recorded."""
    h = Drawing(choose)
    h.facts.append(f.Made(announcement="a", title="The visit", when=h.one((None, *_DATES)), citations=h.citations()))
    for _ in range(h.one(range(facts_min, facts_max + 1)) - 1):
        h.facts.append(h.one(_WEIGHTED)(h))
    return h


def in_commits(h: Drawing) -> list[Recorded]:
    """Return the facts drawn as a log holds them, in commits of one to three."""
    records: list[Recorded] = []
    tags: list[tuple[str, ...]] = []
    while len(records) < len(h.facts):
        commit = len({record.commit_end for record in records})
        commit_end = min(len(records) + h.one((1, 1, 2, 3)), len(h.facts))
        for position in range(len(records) + 1, commit_end + 1):
            fact = h.facts[position - 1]
            tags.append(tags_of(fact, named=_named(fact, tags)))
            records.append(
                Recorded(
                    position=position,
                    type=type_of(fact),
                    # Two commits may fall on one instant.
                    recorded_at=f"2025-01-01T00:{commit // 2:02d}:00.000000Z",
                    by="admin",
                    commit_end=commit_end,
                    tags=tags[-1],
                    fact=fact,
                    said_at=INSTANTS[-1] if isinstance(fact, f.CameUp | f.FellDue) else said_at_of(fact),
                )
            )
    return records


def _named(fact: f.AnyFact, tags: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the tags of the earlier fact that an amendment or a withdrawal names."""
    match fact:
        case f.Amended(corrects=named) | f.FactWithdrawn(position=named):
            return tags[named - 1] if named <= len(tags) else ()
        case _:
            return ()
