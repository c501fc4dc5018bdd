"""The dates an announcement had, step by step: what it was first for, and each time it moved or grew more exact.

A step is a date with everything that corrected it. What corrected it is not a move: either we had misread the source,
or the source had misspoken.
"""

from collections.abc import Sequence

from msgspec import Struct

from events.record import GivenDate, How, reading


class Step(Struct, frozen=True, kw_only=True):
    """A date as it was given, then what corrected it, in order. `moved_days` counts from last day to last day.

    It is null where the step is no move, or where the date before or this one is open or missing.
    """

    how: How
    given: tuple[GivenDate, ...]
    moved_days: int | None

    @property
    def holds(self) -> GivenDate:
        """The value of the step that counts: its last correction, or the date itself."""
        return self.given[-1]


def steps(dates: Sequence[GivenDate]) -> tuple[Step, ...]:
    """Return the steps in the order they were said."""
    grouped: list[list[GivenDate]] = []
    for date in dates:
        if date.how == "corrected" and grouped:
            grouped[-1].append(date)
        else:
            grouped.append([date])
    found: list[Step] = []
    for group in grouped:
        before = found[-1].holds if found else None
        moved = _days_between(before, group[-1]) if group[0].how == "moved" else None
        found.append(Step(how=group[0].how, given=tuple(group), moved_days=moved))
    return tuple(found)


def last_day(date: GivenDate) -> int | None:
    """Return the last day a date can mean; None where it is open, or there is no date."""
    return None if date.edtf is None else reading(date.edtf).latest


def _days_between(before: GivenDate | None, after: GivenDate) -> int | None:
    first, last = (None if before is None else last_day(before)), last_day(after)
    return None if first is None or last is None else last - first
