"""What every refusal of Dateline has in common."""


class DatelineError(Exception):
    """Something asked for cannot be done, for a reason the caller can read and act on.

    `code` is stable and meant for programs; `docs/errors.md` has a section for each.
    The message is for people and may change.
    """

    code = "error"
