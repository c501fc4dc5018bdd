"""What every refusal of Dateline has in common, and the refusals of commands."""


class DatelineError(Exception):
    """Something asked for cannot be done, for a reason the caller can read and act on.

    `code` is stable and meant for programs; `docs/errors.md` has a section for each.
    The message is for people and may change.
    """

    code = "error"


class Refused(DatelineError):
    """A command is refused. `pointer` is the place in its body (RFC 6901), None where it is about the whole."""

    code = "refused"

    def __init__(self, message: str, *, pointer: str | None = None) -> None:
        super().__init__(message)
        self.pointer = pointer


class NotFound(Refused):
    """The thing that a command or a question is about is not there."""

    code = "not-found"


class UnknownReference(Refused):
    """A body names a thing that is not there."""

    code = "unknown-reference"

    def __init__(self, kind: str, id: str, *, pointer: str) -> None:
        super().__init__(f"there is no {kind} {id!r}; record it first, or name another", pointer=pointer)
        self.kind = kind
        self.id = id


class NotAllowed(Refused):
    """The state of the thing does not allow it."""

    code = "not-allowed"


class Taken(Refused):
    """Another thing has that id, version or address already."""

    code = "taken"


class DuplicateSource(Refused):
    """The same address or the same text is recorded already."""

    code = "duplicate-source"

    def __init__(self, *, other: str, same: str, pointer: str) -> None:
        super().__init__(
            f"source {other!r} has the same {same}; cite that one, or say copy_of {other!r}", pointer=pointer
        )
        self.other = other


class TextErased(Refused):
    """The same text was erased, and does not come back."""

    code = "text-erased"


class NotErasable(Refused):
    """The entry is one of those that hold nothing but what the log itself did, or the clock."""

    code = "not-erasable"


class QuoteNotFound(Refused):
    """The quoted words do not stand in the source's text, or not at that place."""

    code = "quote-not-found"


class TimeInvalid(Refused):
    """A time is neither RFC 3339 nor a day, or lies too far ahead."""

    code = "time-invalid"


class ZoneUnknown(Refused):
    """There is no such time zone in the IANA database."""

    code = "zone-unknown"


class DateInvalid(Refused):
    """A date is no EDTF expression, or none that an announcement can have."""

    code = "edtf-invalid"


class BodyInvalid(Refused):
    """A body is well formed, and what it asks for makes no sense."""

    code = "body-invalid"


class TooLong(Refused):
    """A value is beyond its limit, and so is no longer of the shape that a body must have."""

    code = "body-mismatch"
