"""Two examples of every fact type: `full` says everything it can say, `minimal` only what it must."""

from typing import Final

from events import facts as f
from events.terms import (
    ActorRef,
    Amount,
    AnnouncementFields,
    Citation,
    Image,
    SourceFields,
    Speaker,
    TimelineFields,
    TimelineQuery,
    When,
)

AT: Final = "2024-04-10T14:30:00.000000Z"
HASH: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
WHEN: Final = When(edtf="../2025", kind="deadline", phrase="by 2025", anchor="2024-04-10")
DATE: Final = When(edtf="2024-04-10", kind="on")
CITATION: Final = Citation(
    source="mofa-0410",
    quote="“by 2025” – 日米",
    said_at=AT,
    start=12,
    end=26,
    speaker=Speaker(name="ein Sprecher", named=False),
    verified=True,
    said_at_assumed=True,
)
EARLIER: Final = Citation(source="kantei-0409", quote="by 2025", said_at="2024-04-09T00:00:00.000001Z")
CITED: Final = (CITATION, EARLIER)
BARE: Final = (EARLIER,)
ACTORS: Final = (ActorRef(id="japan"), ActorRef(name="the Philippines", role="with"), ActorRef(id="usa", role="to"))
AMOUNT: Final = Amount(value="14000000000.50", currency="USD", text="$14 billion")
IMAGE: Final = Image(url="https://example.org/a.png", alt="Two flags", credit="A photographer")
DESCRIBED: Final = AnnouncementFields(
    title="A joint command",
    when=WHEN,
    kind="deployment",
    actors=ACTORS,
    places=("Tōkyō",),
    topics=("defence",),
    modality="committed",
    amount=AMOUNT,
    timezone="Asia/Tokyo",
    time="09:05",
    lang="en",
    translations={"ja": "統合作戦司令部", "de": "Führung"},
    image=IMAGE,
    refs=("https://example.org/1",),
)
QUERY: Final = TimelineQuery(
    q="summit",
    actor=("japan", "usa"),
    topic=("defence",),
    place=("Tōkyō",),
    kind=("summit",),
    state=("announced", "due"),
    source=("mofa-0410",),
    id=("visit",),
    from_="2024-04-01",
    to="2024-06-30",
)

FULL: Final[tuple[f.AnyFact, ...]] = (
    f.SourceRecorded(
        source="mofa-0410", title="Joint statement", publisher="MOFA", published_at=AT, timezone="Asia/Tokyo",
        language="en", author="Press office", url="https://example.org/410", archived_url="https://archive.org/410",
        copy_of="kantei-0409", sha256=HASH,
    ),
    f.SourceCorrected(
        source="mofa-0410",
        set=SourceFields(
            title="Joint Statement", publisher="Ministry", published_at=AT, timezone="UTC", language="ja",
            author="Spokesman", url="https://example.org/411", archived_url="https://archive.org/411",
            copy_of="kantei-0409",
        ),
        reason="We had misread it.",
    ),
    f.SourceWithdrawn(source="mofa-0410", reason="Taken off the site.", said_at=AT),
    f.CandidateRejected(source="mofa-0410", start=3, end=9, quote_hash=HASH, reading="2024-04", reason="Not a date."),
    f.Made(
        announcement="command", citations=CITED, title="A joint command", when=WHEN, kind="deployment", actors=ACTORS,
        places=("Tōkyō",), topics=("defence",), modality="committed", amount=AMOUNT, timezone="Asia/Tokyo",
        time="09:05", lang="en", translations={"ja": "統合作戦司令部", "de": "Führung"}, image=IMAGE,
        refs=("https://example.org/1",),
    ),
    f.Rescheduled(announcement="command", citations=CITED, when=WHEN, reason="The law came late."),
    f.Postponed(announcement="command", citations=CITED, reason="The law came late."),
    f.Cancelled(announcement="command", citations=CITED, reason="The law fell."),
    f.Corroborated(announcement="command", citations=CITED, supports=3),
    f.ProgressReported(announcement="command", citations=CITED, text="A site was found."),
    f.OutcomeReported(
        announcement="command", citations=CITED, result="partly", on="2025-03-24", reason="Late.", rubric="1"
    ),
    f.Amended(
        announcement="command", corrects=3, set=DESCRIBED, origin="source", reason="It said so itself.", citations=CITED
    ),
    f.Linked(announcement="command", relation="part_of", to="alliance", citations=CITED),
    f.Merged(announcement="command", into="headquarters", reason="Two names for one thing."),
    f.Retracted(announcement="command", reason="We had misread it."),
    f.CameUp(announcement="command", date=3),
    f.FellDue(announcement="command", date=3),
    f.ActorRecorded(
        actor="jsdf", names={"en": "Self-Defense Forces", "ja": "自衛隊"}, kind="organisation", aliases=("JSDF",),
        part_of="japan", from_="1954-07-01", to="../2030", wikidata="Q737832",
    ),
    f.ActorRenamed(actor="jsdf", names={"de": "Streitkräfte"}, aliases=("SDF",), reason="A new style."),
    f.ActorMerged(actor="jsdf", into="sdf", reason="The same one."),
    f.RubricPublished(version="1", text="Happened: it took place.\nPartly: some of it did."),
    f.TimelineCreated(timeline="us-japan", title="Spring 2024", query=QUERY, description="What was announced."),
    f.TimelineChanged(
        timeline="us-japan", set=TimelineFields(title="Spring", description="What was said.", query=QUERY)
    ),
    f.ItemPinned(timeline="us-japan", announcement="visit", reason="It belongs here."),
    f.ItemHidden(timeline="us-japan", announcement="visit", reason="It does not."),
    f.ItemReleased(timeline="us-japan", announcement="visit", reason="Let the query say."),
    f.TimelineArchived(timeline="us-japan", reason="It is over."),
    f.FactWithdrawn(position=3, reason="Recorded by mistake."),
    f.LogKeyRotated(vkey="example.org/log+deadbeef+AQ", replaces="example.org/log+c0ffee00+AQ"),
    f.LogErased(positions=(3, 5), sources=("mofa-0410", "kantei-0409"), reason="A private person's name."),
    f.LogRestored(position=5, root=HASH, lost=6, reason="The disk died."),
)  # fmt: skip

MINIMAL: Final[tuple[f.AnyFact, ...]] = (
    f.SourceRecorded(
        source="mofa-0410", title="Statement", publisher="MOFA", published_at=AT, timezone="UTC", language="en"
    ),
    f.SourceCorrected(source="mofa-0410", set=SourceFields(title="A statement"), reason="Misread."),
    f.SourceWithdrawn(source="mofa-0410", reason="Gone."),
    f.CandidateRejected(source="mofa-0410", start=0, end=1, quote_hash=HASH, reading="2024"),
    f.Made(announcement="command", citations=BARE, title="A joint command"),
    f.Rescheduled(announcement="command", citations=BARE, when=DATE),
    f.Postponed(announcement="command", citations=BARE),
    f.Cancelled(announcement="command", citations=BARE),
    f.Corroborated(announcement="command", citations=BARE, supports=3),
    f.ProgressReported(announcement="command", citations=BARE, text="Nothing yet."),
    f.OutcomeReported(announcement="command", citations=BARE, result="happened"),
    f.Amended(
        announcement="command", corrects=3, set=AnnouncementFields(places=()), origin="editor", reason="Misread."
    ),
    f.Linked(announcement="command", relation="follows", to="alliance"),
    f.Merged(announcement="command", into="headquarters"),
    f.Retracted(announcement="command", reason="Misread."),
    f.CameUp(announcement="command", date=3),
    f.FellDue(announcement="command", date=3),
    f.ActorRecorded(actor="jsdf", names={"en": "Self-Defense Forces"}, kind="organisation"),
    f.ActorRenamed(actor="jsdf", names={"en": "SDF"}),
    f.ActorMerged(actor="jsdf", into="sdf"),
    f.RubricPublished(version="1", text="Happened: it took place."),
    f.TimelineCreated(timeline="us-japan", title="Spring 2024", query=TimelineQuery(q="summit")),
    f.TimelineChanged(timeline="us-japan", set=TimelineFields(title="Spring")),
    f.ItemPinned(timeline="us-japan", announcement="visit"),
    f.ItemHidden(timeline="us-japan", announcement="visit"),
    f.ItemReleased(timeline="us-japan", announcement="visit"),
    f.TimelineArchived(timeline="us-japan"),
    f.FactWithdrawn(position=3, reason="Misread."),
    f.LogKeyRotated(vkey="example.org/log+deadbeef+AQ"),
    f.LogErased(positions=(3,), reason="A name."),
    f.LogRestored(position=5, root=HASH, lost=6, reason="The disk died."),
)

RENAMED: Final[dict[str, str]] = {"log.erased full": "log.erased full+sources"}
"""Full examples that say more since a field was added, by their names before it: `x.y full` is now `x.y full+field`."""


def named(fact: f.AnyFact, extent: str) -> str:
    """Return what an example is called: by its type, and from version 2 on by that."""
    v = f.VERSIONS[f.type_of(fact)]
    name = f"{f.type_of(fact)} {extent}" if v == 1 else f"{f.type_of(fact)} v{v} {extent}"
    return RENAMED.get(name, name)


EXAMPLES: Final[dict[str, f.AnyFact]] = {
    named(fact, extent): fact for extent, facts in (("full", FULL), ("minimal", MINIMAL)) for fact in facts
}
BEFORE: Final[dict[str, f.AnyFact]] = {
    "log.erased full": f.LogErased(positions=(3, 5), reason="A private person's name."),
}
"""What earlier examples are read as now, by their names among the golden bytes: those of earlier versions of a type,
and those that say less than the ones renamed."""
NAMED: Final = ("announcement:command", "source:nhk")
"""The tags of the fact that an amendment or a withdrawal among the examples names."""
