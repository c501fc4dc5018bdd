"""The commands: what can be asked of the record. Imperative, strict, never stored; each may be refused.

A command is a request's body plus what it is about. Its JSON form, tagged by `command`, is what a batch holds, and a
line of `seeds/` and of `dateline append`.
"""

from typing import Annotated, Final, TypeAlias

from msgspec import Meta, Struct

from events.bodies import (
    Amendment,
    Because,
    Id,
    Item,
    MergeInto,
    NewActor,
    NewAnnouncement,
    NewDate,
    NewLink,
    NewNames,
    NewRubric,
    NewSource,
    NewTimeline,
    OffItsDate,
    OutcomeReport,
    PerhapsBecause,
    Position,
    ProgressReport,
    Rejection,
    Slug,
    SourceCorrection,
    SourceWithdrawal,
    Support,
    TimelineChanges,
)

BATCH_COMMANDS_MAX: Final = 500


class RecordSource(NewSource, frozen=True, kw_only=True, tag_field="command", tag="record_source"):
    """Record a document."""


class CorrectSource(SourceCorrection, frozen=True, kw_only=True, tag_field="command", tag="correct_source"):
    """Correct what we had said of a document."""

    id: Id


class WithdrawSource(SourceWithdrawal, frozen=True, kw_only=True, tag_field="command", tag="withdraw_source"):
    """Record that the publisher took a document back."""

    id: Id


class RejectCandidates(Rejection, frozen=True, kw_only=True, tag_field="command", tag="reject_candidates"):
    """Turn readings of a document down."""

    id: Id


class MakeAnnouncement(NewAnnouncement, frozen=True, kw_only=True, tag_field="command", tag="make_announcement"):
    """Record that a source announces something."""


class Reschedule(NewDate, frozen=True, kw_only=True, tag_field="command", tag="reschedule"):
    """Record that a source now gives another date."""

    id: Id


class Postpone(OffItsDate, frozen=True, kw_only=True, tag_field="command", tag="postpone"):
    """Record that it is off its date, without a new one."""

    id: Id


class Cancel(OffItsDate, frozen=True, kw_only=True, tag_field="command", tag="cancel"):
    """Record that it will not take place."""

    id: Id


class Corroborate(Support, frozen=True, kw_only=True, tag_field="command", tag="corroborate"):
    """Record that another source says the same."""

    id: Id


class ReportProgress(ProgressReport, frozen=True, kw_only=True, tag_field="command", tag="progress"):
    """Record how it goes."""

    id: Id


class ReportOutcome(OutcomeReport, frozen=True, kw_only=True, tag_field="command", tag="outcome"):
    """Record what came of it."""

    id: Id


class Amend(Amendment, frozen=True, kw_only=True, tag_field="command", tag="amend"):
    """Correct what the record says."""

    id: Id


class LinkTo(NewLink, frozen=True, kw_only=True, tag_field="command", tag="link"):
    """Relate it to another announcement."""

    id: Id


class Merge(MergeInto, frozen=True, kw_only=True, tag_field="command", tag="merge"):
    """Record that it is the same as another announcement."""

    id: Id


class Retract(Because, frozen=True, kw_only=True, tag_field="command", tag="retract"):
    """Record that there was no such announcement: our error."""

    id: Id


class RecordActor(NewActor, frozen=True, kw_only=True, tag_field="command", tag="record_actor"):
    """Record an actor."""


class RenameActor(NewNames, frozen=True, kw_only=True, tag_field="command", tag="rename_actor"):
    """Record that an actor has other names now."""

    id: Id


class MergeActor(MergeInto, frozen=True, kw_only=True, tag_field="command", tag="merge_actor"):
    """Record that it is the same as another actor."""

    id: Id


class PublishRubric(NewRubric, frozen=True, kw_only=True, tag_field="command", tag="publish_rubric"):
    """Publish what the ratings mean."""


class CreateTimeline(NewTimeline, frozen=True, kw_only=True, tag_field="command", tag="create_timeline"):
    """Create a timeline."""


class ChangeTimeline(TimelineChanges, frozen=True, kw_only=True, tag_field="command", tag="change_timeline"):
    """Change a timeline."""

    slug: Slug


class PinItem(Item, frozen=True, kw_only=True, tag_field="command", tag="pin"):
    """Show an announcement, whatever the query says."""

    slug: Slug


class HideItem(Item, frozen=True, kw_only=True, tag_field="command", tag="hide"):
    """Do not show an announcement, whatever the query says."""

    slug: Slug


class ReleaseItem(Item, frozen=True, kw_only=True, tag_field="command", tag="release"):
    """Neither pin nor hide an announcement any more."""

    slug: Slug


class ArchiveTimeline(PerhapsBecause, frozen=True, kw_only=True, tag_field="command", tag="archive"):
    """Keep a timeline, but list it no more."""

    slug: Slug


class WithdrawFact(Because, frozen=True, kw_only=True, tag_field="command", tag="withdraw_fact"):
    """Take exactly one recorded fact back."""

    position: Position


SourceCommand: TypeAlias = RecordSource | CorrectSource | WithdrawSource | RejectCandidates
StatementCommand: TypeAlias = (
    MakeAnnouncement | Reschedule | Postpone | Cancel | Corroborate | ReportProgress | ReportOutcome
)
AnnouncementCommand: TypeAlias = StatementCommand | Amend | LinkTo | Merge | Retract
ActorCommand: TypeAlias = RecordActor | RenameActor | MergeActor
TimelineCommand: TypeAlias = CreateTimeline | ChangeTimeline | PinItem | HideItem | ReleaseItem | ArchiveTimeline
Command: TypeAlias = SourceCommand | AnnouncementCommand | ActorCommand | PublishRubric | TimelineCommand | WithdrawFact


class Batch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Commands carried out as one commit, in order; later ones may name what earlier ones make."""

    commands: Annotated[tuple[Command, ...], Meta(min_length=1, max_length=BATCH_COMMANDS_MAX)]
